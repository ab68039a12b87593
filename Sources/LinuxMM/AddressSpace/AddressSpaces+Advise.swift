extension AddressSpaces where P: ~Copyable {
  /// Applies advice to the mapped parts of a range (`mm/madvise.c:do_madvise`), but for
  /// ``Advice/populateRead`` and ``Advice/populateWrite``, which take faults.
  ///
  /// - Throws: `EINVAL` unaligned or for a kind of area the advice cannot have, `EPERM`, `EACCES`, `EAGAIN` when areas
  ///   cannot be split, `ENOMEM` after the work if parts were not mapped.
  mutating func advise(
    _ space: SpaceIndex, _ range: Range<VirtualPage>, _ advice: Advice, _ caller: Caller
  ) throws(Errno) {
    if advice == .poison || advice == .softOffline {
      // The model's memory does not fail.
      throw caller.may(.administer) ? .EINVAL : .EPERM
    }
    var start = range.lowerBound
    let end = range.upperBound
    var place = firstArea(space, endingAbove: start)
    var previous = place == AreaTree.none ? descriptors[space.rawValue].areas.last : areas[place].previous
    if place != AreaTree.none, areas[place].start < start { previous = place }
    var hole = false
    while true {
      guard place != AreaTree.none else { throw .ENOMEM }
      if start < areas[place].start {
        hole = true
        start = areas[place].start
        if !(start < end) { break }
      }
      let stop = min(end, areas[place].end)
      try advise(space, &place, &previous, start, stop, advice)
      start = max(stop, areas[previous].end)
      if !(start < end) { break }
      place = areas[previous].next
    }
    if hole { throw .ENOMEM }
  }

  /// The range of an madvise call, `nil` if it is empty.
  ///
  /// - Throws: `EINVAL` for an address that is not aligned or a range that wraps.
  static func adviceRange(_ address: VirtualAddress, length: UInt64) throws(Errno) -> Range<VirtualPage>? {
    guard address.isPageAligned else { throw .EINVAL }
    let aligned = (length &+ PageSize.mask) & ~PageSize.mask
    guard length == 0 || aligned != 0 else { throw .EINVAL }
    let end = address.rawValue &+ aligned
    guard end >= address.rawValue else { throw .EINVAL }
    return aligned == 0 ? nil : address.page..<VirtualPage(end >> UInt64(PageSize.shift))
  }

  /// Linux: `mm/madvise.c:madvise_vma_behavior`.
  private mutating func advise(
    _ space: SpaceIndex, _ place: inout UInt32, _ previous: inout UInt32, _ start: VirtualPage, _ end: VirtualPage,
    _ advice: Advice
  ) throws(Errno) {
    let area = areas[place]
    var flags = area.flags
    switch advice {
    case .normal: flags.subtract([.random, .sequential])
    case .random:
      flags.remove(.sequential)
      flags.insert(.random)
    case .sequential:
      flags.remove(.random)
      flags.insert(.sequential)
    case .dontFork: flags.insert(.dontCopy)
    case .doFork:
      guard !flags.contains(.device) else { throw .EINVAL }
      flags.remove(.dontCopy)
    case .mergeable, .unmergeable:
      // Shared and special memory is passed over (`mm/ksm.c:ksm_madvise`).
      if advice == .mergeable {
        let excluded = AreaFlags.special.union([.shared, .mayShare, .hugeTLB, .droppable])
        if flags.isDisjoint(with: excluded) { flags.insert(.mergeable) }
      } else {
        flags.remove(.mergeable)
      }
    case .hugePage:
      flags.remove(.noHugePage)
      flags.insert(.hugePage)
    case .noHugePage:
      flags.remove(.hugePage)
      flags.insert(.noHugePage)
    case .dontDump: flags.insert(.dontDump)
    case .doDump:
      guard flags.contains(.hugeTLB) || flags.isDisjoint(with: .special), !flags.contains(.droppable) else {
        throw .EINVAL
      }
      flags.remove(.dontDump)
    case .wipeOnFork:
      guard area.isAnonymous, !flags.contains(.shared) else { throw .EINVAL }
      flags.insert(.wipeOnFork)
    case .keepOnFork:
      guard !flags.contains(.droppable) else { throw .EINVAL }
      flags.remove(.wipeOnFork)
    default:
      previous = place
      try act(space, place, start, end, advice)
      return
    }
    guard flags != area.flags else {
      previous = place
      return
    }
    do throws(Errno) {
      try setFlags(flags, start, end, &place, &previous, in: space)
    } catch {
      throw .EAGAIN
    }
  }

  /// Advice that does something to pages.
  private mutating func act(
    _ space: SpaceIndex, _ place: UInt32, _ start: VirtualPage, _ end: VirtualPage, _ advice: Advice
  ) throws(Errno) {
    let area = areas[place]
    switch advice {
    case .dontNeed, .dontNeedLocked, .free:
      guard !area.flags.contains(.frameMap), advice == .dontNeedLocked || !area.flags.contains(.locked) else {
        throw .EINVAL
      }
      if advice != .free {
        if isWatched(area, with: .removeEvents) { tell(area.watcher, .remove(start.address..<end.address)) }
        if zap(space, start, end, marksWatched: keepsMarkers(place), dropsMarkers: false) { flush(space, start, end) }
        if settings.rules.contains(.dontNeedFreesTables) { freeEmptyTables(space, start, end) }
        return
      }
      guard area.isAnonymous else { throw .EINVAL }
      if isWatched(area, with: .removeEvents) { tell(area.watcher, .remove(start.address..<end.address)) }
      markUnneeded(space, start, end)
    case .cold, .pageOut:
      guard area.flags.isDisjoint(with: [.locked, .frameMap, .hugeTLB]) else { throw .EINVAL }
      if advice == .cold {
        makeCold(space, start, end)
      } else if area.isAnonymous || !area.opening.traits.contains(.foreign) {
        pageOut(space, start, end)
      }
    case .willNeed: bringIn(place, start, end)
    case .remove:
      guard !area.flags.contains(.locked), area.file != .none else { throw .EINVAL }
      guard area.flags.isSuperset(of: [.shared, .mayWrite]) else { throw .EACCES }
      let shift = UInt64(PageSize.shift)
      if isWatched(area, with: .removeEvents) { tell(area.watcher, .remove(start.address..<end.address)) }
      guard cache.files[area.file.rawValue].mayHaveHoles else { throw .EOPNOTSUPP }
      punchHole(area.file, offset: area.offset(of: start) << shift, length: (end - start) << shift)
    case .collapse:
      // Without huge pages nothing can be collapsed (`mm/khugepaged.c:madvise_collapse`).
      throw .EINVAL
    default: break
    }
  }

  /// Frees the last-level tables that lie in a range as a whole.
  private mutating func freeEmptyTables(_ space: SpaceIndex, _ start: VirtualPage, _ end: VirtualPage) {
    let span = translation.geometry.span(1)
    let root = descriptors[space.rawValue].context.root
    var page = VirtualPage((start.rawValue + span - 1) / span * span)
    while page + span <= end {
      if let place = translation.presentPlace(root, page, level: 1) {
        let table = translation.entry(place).frame
        // Markers of a userfaultfd may be left.
        if translation.isEmpty(table) {
          translation.setEntry(place, to: .empty)
          translation.freeTable(table)
          descriptors[space.rawValue].tables -= 1
          flush(space, page, page + span)
        }
      }
      page = page + span
    }
  }

  /// Calls `body` with every entry of a range that holds a page, or of those whose pages are in swap.
  ///
  /// - Returns: whether `body` returned `true` for any.
  mutating func forEachEntry(
    _ space: SpaceIndex, _ start: VirtualPage, _ end: VirtualPage, inSwap: Bool = false,
    _ body: (_ spaces: inout Self, _ place: EntryPlace, _ entry: PageTableEntry) -> Bool
  ) -> Bool {
    let root = descriptors[space.rawValue].context.root
    var changed = false
    var page = start
    while page < end {
      switch translation.leafTable(root, page) {
      case .none(let next): page = next
      case .table(let table):
        let last = min(end, translation.geometry.tableEnd(page))
        while page < last {
          let place = EntryPlace(table: table, index: translation.geometry.index(page, 0))
          let entry = translation.entry(place)
          if inSwap ? entry.swapSlot != nil : entry.holdsPage, body(&self, place, entry) { changed = true }
          page = page + 1
        }
      }
    }
    return changed
  }
}
