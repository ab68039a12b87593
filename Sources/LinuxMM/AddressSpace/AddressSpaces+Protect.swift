/// A change of rights that is under way: what is left of it.
struct ProtectionChange {
  fileprivate var start: VirtualPage
  fileprivate let end: VirtualPage
  fileprivate let rights: AreaFlags
  fileprivate var place: UInt32
  fileprivate var previous: UInt32
}

extension AddressSpaces where P: ~Copyable {
  /// Begins to change the rights of a range (`mm/mprotect.c:do_mprotect_pkey`). With PROT_GROWSDOWN the change reaches
  /// down to the start of the stack there.
  ///
  /// - Returns: `nil` if there is nothing to do.
  /// - Throws: `EINVAL` unaligned or unknown rights, `ENOMEM` if nothing is mapped at its start.
  func beginProtection(
    _ space: SpaceIndex, _ address: VirtualAddress, length: UInt64, _ protection: Protection
  ) throws(Errno) -> ProtectionChange? {
    let growth = protection.intersection([.growsDown, .growsUp])
    guard growth != [.growsDown, .growsUp], address.isPageAligned else { throw .EINVAL }
    guard length > 0 else { return nil }
    let aligned = (length &+ PageSize.mask) & ~PageSize.mask
    let endAddress = address.rawValue &+ aligned
    guard endAddress > address.rawValue else { throw .ENOMEM }
    guard protection.subtracting([.growsDown, .growsUp]).isSubset(of: [.read, .write, .execute, .semaphore]) else {
      throw .EINVAL
    }
    var start = address.page
    let end = VirtualPage(endAddress >> UInt64(PageSize.shift))
    let place = firstArea(space, endingAbove: start)
    guard place != AreaTree.none else { throw .ENOMEM }
    if growth.contains(.growsDown) {
      guard areas[place].start < end else { throw .ENOMEM }
      start = areas[place].start
      guard areas[place].flags.contains(.growsDown) else { throw .EINVAL }
    } else {
      guard !(start < areas[place].start) else { throw .ENOMEM }
      if growth.contains(.growsUp) { throw .EINVAL }
    }
    return ProtectionChange(
      start: start, end: end, rights: protection.areaFlags, place: place,
      previous: areas[place].start < start ? place : areas[place].previous)
  }

  /// Changes the next area of a range. Areas before one that fails stay changed.
  ///
  /// - Returns: the pages to be brought before the next step, since they have become writable while locked; and whether
  ///   that was all.
  /// - Throws: `ENOMEM` at a hole or beyond a limit, `EACCES` for a right the mapping cannot have.
  mutating func protectNext(
    _ space: SpaceIndex, _ change: inout ProtectionChange, _ caller: Caller
  ) throws(Errno) -> (populates: Range<UInt64>, isDone: Bool) {
    let start = change.start
    if change.place == AreaTree.none {
      change.place = areas[change.previous].next
      guard change.place != AreaTree.none, areas[change.place].start == start else { throw .ENOMEM }
    }
    let old = areas[change.place].flags
    let new = old.subtracting(.access).union(change.rights)
    guard new.intersection(.access).rawValue & ~(new.rawValue >> 4) == 0 else { throw .EACCES }
    let stop = min(change.end, areas[change.place].end)
    var populates: Range<UInt64> = 0..<0
    if new == old {
      change.previous = change.place
    } else {
      try self.change(space, &change.place, &change.previous, start, stop, new, caller)
      if old.intersection([.write, .shared, .locked]) == .locked && new.contains(.write) {
        populates = start.rawValue..<stop.rawValue
      }
    }
    change.start = max(stop, areas[change.previous].end)
    change.place = AreaTree.none
    return (populates, !(change.start < change.end))
  }

  /// Linux: `mm/mprotect.c:mprotect_fixup`.
  private mutating func change(
    _ space: SpaceIndex, _ place: inout UInt32, _ previous: inout UInt32, _ start: VirtualPage, _ end: VirtualPage,
    _ wanted: AreaFlags, _ caller: Caller
  ) throws(Errno) {
    let old = areas[place].flags
    var flags = wanted
    var charged: UInt64 = 0
    let pages = end - start
    if flags.contains(.write) {
      if !mayGrow(space, flags, pages, caller.limits) && mayGrow(space, old, pages, caller.limits) { throw .ENOMEM }
      if old.isDisjoint(with: [.accounted, .write, .hugeTLB, .shared, .noReserve]) {
        try promise(pages, to: space, caller)
        charged = pages
        flags.insert(.accounted)
      }
    } else if old.contains(.accounted), areas[place].isAnonymous, areas[place].family == ReverseMap.none,
      settings.rules.contains(.untouchedIsUnpromised)
    {
      flags.remove(.accounted)
    }
    do throws(Errno) {
      try setFlags(flags, start, end, &place, &previous, in: space)
    } catch {
      commit.release(charged)
      throw error
    }
    if old.contains(.accounted) && !flags.contains(.accounted) { commit.release(pages) }
    if changeEntries(space, place, start, end) { flush(space, start, end) }
    account(space, old, -Int64(pages))
    account(space, flags, Int64(pages))
  }

  /// Gives the entries of a range of an area the bits of its rights (`mm/mprotect.c:change_pte_range`).
  ///
  /// - Returns: whether any entry changed.
  private mutating func changeEntries(
    _ space: SpaceIndex, _ place: UInt32, _ start: VirtualPage, _ end: VirtualPage
  ) -> Bool {
    let flags = areas[place].flags
    let root = descriptors[space.rawValue].context.root
    let bits = entryBits(place)
    let tries = asksEachPage(place)
    var changed = false
    var page = start
    while page < end {
      switch translation.leafTable(root, page) {
      case .none(let next):
        page = next
      case .table(let table):
        let last = min(end, translation.geometry.tableEnd(page))
        while page < last {
          let entryPlace = EntryPlace(table: table, index: translation.geometry.index(page, 0))
          let entry = translation.entry(entryPlace)
          if entry.holdsPage {
            var new = entry.changing(to: bits & ~PageTableEntry.accessed)
            if tries && !new.isWritable && mayBecomeWritable(new, flags) {
              new = new.setting(PageTableEntry.writable)
            }
            translation.setEntry(entryPlace, to: new)
            changed = true
          }
          page = page + 1
        }
      }
    }
    return changed
  }

  /// Whether each page is asked for itself if it may become writable: of private memory, and of files that want to be told
  /// of writes, but not of memory that a userfaultfd watches (`mm/internal.h:vma_wants_manual_pte_write_upgrade`).
  func asksEachPage(_ place: UInt32) -> Bool {
    let area = areas[place]
    guard area.flags.contains(.write) else { return false }
    return !area.flags.contains(.shared) || !cache.files[area.file.rawValue].isSharedMemory
  }

  /// Whether a page may be made writable without a fault (`mm/mprotect.c:can_change_pte_writable`).
  func mayBecomeWritable(_ entry: PageTableEntry, _ flags: AreaFlags) -> Bool {
    guard entry.isPresent, !(entry.isWriteWatched && flags.contains(.userFaultWrite)) else { return false }
    let mayBeClean = !flags.contains(.shared) && settings.rules.contains(.cleanPagesBecomeWritable)
    guard entry.isDirty || mayBeClean else { return false }
    if settings.recordsWrites && !flags.contains(.softDirty) && entry.rawValue & PageTableEntry.softDirty == 0 {
      return false
    }
    if flags.contains(.shared) { return true }
    guard !entry.isSpecial else { return false }
    return translation.memory.frames[entry.frame.index].flags.isSuperset(of: [.anonymous, .exclusive])
  }

  /// Bits of an entry for a page of an area, without the right to write that a private area's pages get one by one
  /// (`vm_page_prot`, `mm/mmap.c:vma_set_page_prot`).
  @inline(__always)
  func entryBits(_ place: UInt32) -> UInt64 {
    let flags = areas[place].flags
    if flags.isDisjoint(with: .access) { return PageTableEntry.protectionNone | PageTableEntry.accessed }
    var bits = PageTableEntry.present | PageTableEntry.user | PageTableEntry.accessed
    if !flags.contains(.execute) { bits |= PageTableEntry.noExecute }
    if flags.isSuperset(of: [.shared, .write]) && !wantsWriteNotify(place) { bits |= PageTableEntry.writable }
    return bits
  }

  /// Whether the first write to each page of a shared area must be told: for the file's disk, for a watcher, or since
  /// what was written is recorded (`mm/mmap.c:vma_wants_writenotify`).
  private func wantsWriteNotify(_ place: UInt32) -> Bool {
    let flags = areas[place].flags
    return !cache.files[areas[place].file.rawValue].isSharedMemory || !flags.contains(.softDirty)
      || flags.contains(.userFaultWrite)
  }
}
