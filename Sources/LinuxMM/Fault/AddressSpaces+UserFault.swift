/// Faults that a userfaultfd is asked about, and the pages it supplies.
extension AddressSpaces where P: ~Copyable {
  /// Ends a fault on a watched page (`fs/userfaultfd.c:handle_userfault`).
  @inline(never)
  func watchedFault(_ area: UInt32, _ reason: WatchReason) -> FaultOutcome {
    let watcher = areas[area].watcher
    guard watcher != 0, !watchers[watcher - 1].features.contains(.signals) else { return .refusedByWatcher }
    return .watched(WatcherIndex(watcher), reason)
  }

  /// A fault on a page of shared memory whose watcher may have to be asked (`mm/shmem.c:shmem_get_folio_gfp`).
  ///
  /// - Returns: `nil` if it need not.
  @inline(never)
  func watchedFileFault(_ area: UInt32, _ position: UInt64) -> FaultOutcome? {
    let isCached = cache.find(areas[area].file, position) != nil
    if isCached && areas[area].flags.contains(.userFaultMinor) { return watchedFault(area, .minor) }
    let isInSwap = cache.slot(areas[area].file, position) != nil
    if !isCached && !isInSwap && areas[area].flags.contains(.userFaultMissing) { return watchedFault(area, .missing) }
    return nil
  }

  /// Bits of a page that comes in the place of a marker (`mm/memory.c:do_set_pte`).
  @inline(never)
  func watchedBits(_ bits: UInt64) -> UInt64 { bits & ~PageTableEntry.writable | PageTableEntry.userFaultWrite }

  // MARK: Supply

  /// The area whose pages are to be supplied (`mm/userfaultfd.c:find_dst_vma`, `__mcopy_atomic`).
  ///
  /// - Throws: `ENOENT` if no watched area contains the range, `EINVAL` if it cannot have such pages, `ESRCH` if the address
  ///   space is gone.
  mutating func areaToSupply(
    _ watcher: WatcherIndex, _ range: Range<VirtualPage>, _ supply: PageSupply, writeProtected: Bool
  ) throws(Errno) -> UInt32 {
    let space = watchers[watcher.place].space
    guard space != .none else { throw .ESRCH }
    let place = area(space, containing: range.lowerBound)
    guard place != AreaTree.none else { throw .ENOENT }
    let isPrivate = !areas[place].flags.contains(.shared)
    if isPrivate && settings.rules.contains(.supplyPreparesFirst) { prepareAnonymous(place) }
    guard !(areas[place].end < range.upperBound), areas[place].watcher != 0 else { throw .ENOENT }
    if writeProtected && !areas[place].flags.contains(.userFaultWrite) { throw .EINVAL }
    if areas[place].isAnonymous && supply == .cached { throw .EINVAL }
    if isPrivate { prepareAnonymous(place) }
    return place
  }

  /// Maps one page (`mm/userfaultfd.c:mfill_atomic_pte`).
  ///
  /// - Parameter fill: puts contents into a new frame.
  /// - Throws: `EEXIST` if one is there, `EFAULT` beyond the end of the file or where nothing is cached, `EINVAL` for
  ///   continuing beyond it, `ENOMEM`.
  mutating func supply(
    _ area: UInt32, _ page: VirtualPage, _ supply: PageSupply, writeProtected: Bool,
    _ fill: (_ spaces: inout Self, _ frame: FrameNumber) -> Void
  ) throws(Errno) {
    let space = areas[area].space
    let isShared = areas[area].flags.contains(.shared)
    let place = try makePlace(space, page)
    let entry = translation.entry(place)
    let file = areas[area].file
    let position = areas[area].offset(of: page)
    var cached: FrameNumber?
    if file != .none {
      let isBeyond = position >= cache.files[file.rawValue].pageCount
      if isBeyond { throw supply == .cached ? .EINVAL : .EFAULT }
      if cache.slot(file, position) != nil {
        if supply != .cached { throw .EEXIST }
        guard let frame = try? readPage(file, position) else { throw .ENOMEM }
        memory.release(frame)
      }
      if isShared || supply == .cached { cached = cache.find(file, position) }
      if supply == .cached && cached == nil { throw .EFAULT }
      if supply != .cached && cached != nil { throw .EEXIST }
    }
    if supply == .zero && !isShared {
      guard entry.isEmpty else { throw .EEXIST }
      translation.setEntry(place, to: .page(zeroPage, entryBits(area) | PageTableEntry.special))
      return
    }
    guard entry.isEmpty || entry == .watchMarker else { throw .EEXIST }
    var bits = entryBits(area) & ~PageTableEntry.writable | PageTableEntry.dirty | PageTableEntry.softDirty
    let mayWrite = areas[area].flags.contains(.write) && (isShared || supply != .cached)
    if writeProtected { bits |= PageTableEntry.userFaultWrite } else if mayWrite { bits |= PageTableEntry.writable }
    let frame: FrameNumber
    if let cached {
      frame = cached
      translation.memory.retain(frame)
    } else {
      do throws(AllocationFailure) {
        if isShared {
          frame = try addPage(file, position)
          translation.memory.retain(frame)
        } else {
          frame = try makeAnonymousFrame(area, page)
          translation.clearContents(of: frame)
        }
      } catch {
        throw .ENOMEM
      }
      fill(&self, frame)
    }
    map(frame, place, bits, space)
    if !memory.frames[frame.index].flags.contains(.listed) { memory.addNewToList(frame) }
    if areas[area].flags.contains(.locked) { lockPage(frame) }
  }
}

/// Where the contents of supplied pages come from.
enum PageSupply {
  case copy
  case zero
  /// What the page cache has.
  case cached
}
