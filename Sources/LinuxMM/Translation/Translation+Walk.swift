/// The page-table walk of the hardware (Intel SDM volume 3, 4.3 to 4.6).
extension Translation where P: ~Copyable {
  /// Walks the page table and buffers what it finds.
  ///
  /// - Parameter isHeld: whether buffers hold the page already, without the right to do this access.
  /// - Complexity: O(levels).
  @_transparent
  mutating func walk(
    _ page: VirtualPage, _ kind: AccessKind, _ mode: AccessMode, _ context: TranslationContext, _ view: BufferView,
    isHeld: Bool
  ) -> TranslatedAccess {
    if processors.walksPlainly, let (place, rights) = plainPlace(page, context.root) {
      let entry = PageTableEntry(rawValue: platform.word(place.index, of: place.table))
      if entry.rawValue & processors.usualLeafMask == PageTableEntry.present, geometry.isCanonical(page) {
        processors.statistics.walks &+= 1
        processors.statistics.walkReferences &+= UInt64(truncatingIfNeeded: geometry.levelCount)
        let step = WalkStep(level: 0, table: place.table, rights: rights & (entry.rawValue ^ PageTableEntry.noExecute))
        if !isHeld, let found = finishUsually(page, kind, mode, view, step, entry) { return TranslatedAccess(found) }
        return finish(page, kind, mode, view, isHeld: isHeld, step, place, entry)
      }
    }
    return walkCarefully(page, kind, mode, context, view, isHeld: isHeld)
  }

  /// Descends in memory alone as long as entries are as usual: present, marked as used, for a table, with nothing reserved
  /// set.
  ///
  /// - Returns: where the last level's entry stands and the rights so far, if all are.
  @inline(__always)
  private func plainPlace(_ page: VirtualPage, _ root: FrameNumber) -> (EntryPlace, rights: UInt64)? {
    var table = root
    var rights = UInt64.max
    // Nine bits of the page number for each level of 8-byte entries.
    var shift = UInt64(truncatingIfNeeded: 9 &* geometry.top)
    while shift > 0 {
      let entry = platform.word(Int(truncatingIfNeeded: page.rawValue &>> shift) & 511, of: table)
      guard entry & processors.usualMask == PageTableEntry.present | PageTableEntry.accessed else { return nil }
      rights &= entry ^ PageTableEntry.noExecute
      table = FrameNumber(containing: PhysicalAddress(entry & PageTableEntry.addressMask))
      shift &-= 9
    }
    return (EntryPlace(table: table, index: Int(truncatingIfNeeded: page.rawValue) & 511), rights)
  }

  /// Walks with all that there can be: caches of upper levels, registers for the root, narrow entries, large pages.
  @inline(never)
  private mutating func walkCarefully(
    _ page: VirtualPage, _ kind: AccessKind, _ mode: AccessMode, _ context: TranslationContext, _ view: BufferView,
    isHeld: Bool
  ) -> TranslatedAccess {
    guard geometry.isCanonical(page) else { return TranslatedAccess(.generalProtection) }
    processors.statistics.walks &+= 1
    var step = WalkStep(level: geometry.top, table: context.root)
    if geometry.hasRootRegisters {
      guard let start = rootRegister(step, page) else { return fault([], page, kind, mode, view) }
      step = start
    }
    if processors.layout.hasWalkCaches, let start = processors.walkStart(page, view) { step = start }
    if !geometry.hasNarrowEntries, let place = usualPlace(&step, page, view) {
      let entry = PageTableEntry(rawValue: platform.word(place.index, of: place.table))
      if entry.rawValue & processors.usualLeafMask == PageTableEntry.present {
        processors.statistics.walkReferences &+= 1
        step.rights &= entry.rawValue ^ PageTableEntry.noExecute
        return finish(page, kind, mode, view, isHeld: isHeld, step, place, entry)
      }
      if !entry.isPresent {
        processors.statistics.walkReferences &+= 1
        return fault([], page, kind, mode, view)
      }
    }
    return walkOn(step, page, kind, mode, view, isHeld: isHeld)
  }

  /// Descends as long as entries are as usual: present, marked as used, for a table, with nothing reserved set.
  ///
  /// - Returns: where the last level's entry stands, if all are.
  @inline(__always)
  private mutating func usualPlace(_ step: inout WalkStep, _ page: VirtualPage, _ view: BufferView) -> EntryPlace? {
    let mask = processors.usualMask
    let keeps = processors.layout.hasWalkCaches
    let top = step.level
    defer { processors.statistics.walkReferences &+= UInt64(truncatingIfNeeded: top &- step.level) }
    // Nine bits of the page number for each level of 8-byte entries.
    var shift = UInt64(truncatingIfNeeded: 9 &* step.level)
    while step.level > 0 {
      let index = Int(truncatingIfNeeded: page.rawValue &>> shift) & 511
      let entry = PageTableEntry(rawValue: platform.word(index, of: step.table))
      guard entry.rawValue & mask == PageTableEntry.present | PageTableEntry.accessed else { return nil }
      step.descend(entry)
      if keeps { processors.keep(step, page, view) }
      step.level &-= 1
      shift &-= 9
    }
    return EntryPlace(table: step.table, index: Int(truncatingIfNeeded: page.rawValue) & 511)
  }

  /// The table that the root's register for a page names, which no access to memory has to be made for (PAE).
  @inline(never)
  private mutating func rootRegister(_ step: WalkStep, _ page: VirtualPage) -> WalkStep? {
    let entry = entry(EntryPlace(table: step.table, index: geometry.index(page, step.level)))
    return entry.isPresent ? WalkStep(level: step.level - 1, table: entry.frame) : nil
  }

  /// The rest of a walk that meets something unusual: 4-byte entries, large pages, entries used for the first time,
  /// entries that are missing or not valid.
  @inline(never)
  private mutating func walkOn(
    _ step: WalkStep, _ page: VirtualPage, _ kind: AccessKind, _ mode: AccessMode, _ view: BufferView, isHeld: Bool
  ) -> TranslatedAccess {
    var step = step
    let noExecute = processors.controls.contains(.noExecute)
    while true {
      let place = EntryPlace(table: step.table, index: geometry.index(page, step.level))
      let entry = entry(place)
      let isPage = step.level == 0 || entry.isLarge
      let reserved = geometry.reservedBits(step.level, isPage: isPage, noExecute: noExecute)
      processors.statistics.walkReferences &+= 1
      guard entry.isPresent, entry.rawValue & reserved == 0 else {
        return fault(entry.isPresent ? [.protection, .reserved] : [], page, kind, mode, view)
      }
      if isPage {
        step.rights &= entry.rawValue ^ PageTableEntry.noExecute
        return finish(page, kind, mode, view, isHeld: isHeld, step, place, entry)
      }
      if entry.rawValue & PageTableEntry.accessed == 0 { setEntry(place, to: entry.setting(PageTableEntry.accessed)) }
      step.descend(entry)
      if processors.layout.hasWalkCaches { processors.keep(step, page, view) }
      step.level -= 1
    }
  }

  /// Fills the buffers with a base page whose entry has its marks and lets a user do as he wants.
  ///
  /// - Returns: the page, or nothing, with nothing done, if it is not as easy.
  @inline(__always)
  private mutating func finishUsually(
    _ page: VirtualPage, _ kind: AccessKind, _ mode: AccessMode, _ view: BufferView, _ step: WalkStep,
    _ entry: PageTableEntry
  ) -> PageTranslation? {
    let found = PageTranslation(entry.presentFrame, rights: step.rights, leaf: entry, size: 0)
    let rights = BufferedEntry.rights(found, processors.controls)
    // The right to write is that of a page that is marked as written.
    guard mode.isUser, rights & BufferedEntry.right(kind) != 0, found.isOrdinary,
      entry.rawValue & PageTableEntry.accessed != 0
    else { return nil }
    processors.fill(page, found, rights, BufferRole.second(kind), view)
    processors.fill(page, found, rights, BufferRole.first(kind), view)
    return found
  }

  /// Decides about the access by the rights, marks the entry and fills the buffers.
  @inline(never)
  private mutating func finish(
    _ page: VirtualPage, _ kind: AccessKind, _ mode: AccessMode, _ view: BufferView, isHeld: Bool, _ step: WalkStep,
    _ place: EntryPlace, _ entry: PageTableEntry
  ) -> TranslatedAccess {
    let marks = PageTableEntry.accessed | (kind == .write ? PageTableEntry.dirty : 0)
    let marked = entry.setting(marks)
    let found = PageTranslation(
      entry.frame(span: geometry.span(step.level)), rights: step.rights, leaf: marked, size: step.level)
    let buffered = BufferedEntry.rights(found, processors.controls)
    if !(mode.isUser && buffered & BufferedEntry.right(kind) != 0),
      let code = processors.controls.violation(found, kind, mode)
    {
      return fault(code, page, kind, mode, view)
    }
    if marked != entry { setEntry(place, to: marked) }
    if isHeld {
      processors.replace(page, found, buffered, BufferRole.first(kind), view)
      processors.replace(page, found, buffered, BufferRole.second(kind), view)
    } else {
      processors.fill(page, found, buffered, BufferRole.second(kind), view)
      processors.fill(page, found, buffered, BufferRole.first(kind), view)
    }
    return TranslatedAccess(found)
  }

  /// Ends an access in a page fault; the processor forgets what it had buffered of the address (SDM 4.10.4.1).
  private mutating func fault(
    _ code: PageFaultCode, _ page: VirtualPage, _ kind: AccessKind, _ mode: AccessMode, _ view: BufferView
  ) -> TranslatedAccess {
    processors.forget(page, view, isPresent: code.contains(.protection))
    return TranslatedAccess(.fault(code.union(processors.controls.code(kind, mode))))
  }
}

/// How far a walk has come: the next table, the level of its entries, and the rights of all entries so far, joined by
/// AND with the no-execute bit inverted.
struct WalkStep: BitwiseCopyable {
  var level: Int
  var table: FrameNumber
  var rights = UInt64.max

  /// Takes the table and the rights of an entry; the level is still the entry's.
  @inline(__always)
  mutating func descend(_ entry: PageTableEntry) {
    rights &= entry.rawValue ^ PageTableEntry.noExecute
    table = FrameNumber(containing: PhysicalAddress(entry.rawValue & PageTableEntry.addressMask))
  }
}
