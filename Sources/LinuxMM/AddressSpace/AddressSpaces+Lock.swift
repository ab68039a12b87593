extension AddressSpaces where P: ~Copyable {
  /// mlock and munlock, as far as areas go (`mm/mlock.c:do_mlock`, `apply_vma_lock_flags`).
  ///
  /// - Parameter added: what marks the areas: ``AreaFlags/locked``, with ``AreaFlags/lockOnFault``, or nothing.
  /// - Returns: the pages to be brought.
  /// - Throws: `EPERM` without the right to lock, `ENOMEM` beyond the limit or at a hole (what lies before it stays
  ///   changed), `EINVAL` for a range that wraps.
  mutating func lock(
    _ space: SpaceIndex, _ address: VirtualAddress, length: UInt64, _ added: AreaFlags, _ caller: Caller
  ) throws(Errno) -> Range<UInt64> {
    let bytes = (length &+ (address.rawValue & PageSize.mask) &+ PageSize.mask) & ~PageSize.mask
    let start = address.page
    if !added.isEmpty {
      guard caller.mayLock else { throw .EPERM }
      if !caller.may(.lockMemory) {
        let limit = caller.limits.locked.pages
        var wanted = (bytes >> UInt64(PageSize.shift)) &+ descriptors[space.rawValue].lockedPages
        if wanted > limit { wanted &-= lockedPages(space, start, bytes) }
        guard wanted <= limit else { throw .ENOMEM }
      }
    }
    let endAddress = start.address.rawValue &+ bytes
    guard endAddress >= start.address.rawValue else { throw .EINVAL }
    let end = VirtualPage(endAddress >> UInt64(PageSize.shift))
    guard start < end else { return 0..<0 }
    try markLocked(space, start, end, added)
    return start.rawValue..<end.rawValue
  }

  private mutating func markLocked(
    _ space: SpaceIndex, _ first: VirtualPage, _ end: VirtualPage, _ added: AreaFlags
  ) throws(Errno) {
    var start = first
    var place = area(space, containing: start)
    guard place != AreaTree.none else { throw .ENOMEM }
    var previous = areas[place].start < start ? place : areas[place].previous
    while true {
      let stop = min(end, areas[place].end)
      try markLocked(space, &place, &previous, start, stop, added)
      start = max(stop, areas[previous].end)
      if !(start < end) { return }
      place = areas[previous].next
      guard place != AreaTree.none, areas[place].start == start else { throw .ENOMEM }
    }
  }

  /// Linux: `mm/mlock.c:mlock_fixup`.
  private mutating func markLocked(
    _ space: SpaceIndex, _ place: inout UInt32, _ previous: inout UInt32, _ start: VirtualPage, _ end: VirtualPage,
    _ added: AreaFlags
  ) throws(Errno) {
    let old = areas[place].flags
    let new = old.subtracting(.locking).union(added)
    guard new != old, old.isDisjoint(with: AreaFlags.special.union([.hugeTLB, .droppable])) else {
      previous = place
      return
    }
    try setFlags(new, start, end, &place, &previous, in: space)
    guard new.contains(.locked) != old.contains(.locked) else { return }
    if new.contains(.locked) {
      descriptors[space.rawValue].lockedPages += end - start
    } else {
      descriptors[space.rawValue].lockedPages -= end - start
    }
    // Linux: `mlock_vma_pages_range`.
    _ = forEachEntry(space, start, end) { spaces, _, entry in
      guard !entry.isSpecial else { return false }
      if new.contains(.locked) { spaces.lockPage(entry.frame) } else { spaces.unlockPage(entry.frame) }
      return false
    }
  }

  /// Pages of a range that are locked (`mm/mlock.c:count_mm_mlocked_page_nr`).
  private func lockedPages(_ space: SpaceIndex, _ start: VirtualPage, _ bytes: UInt64) -> UInt64 {
    let end = VirtualPage(
      bytes > .max - start.address.rawValue
        ? .max >> UInt64(PageSize.shift) : start.rawValue + bytes >> UInt64(PageSize.shift))
    var count: UInt64 = 0
    var place = firstArea(space, endingAbove: start)
    while place != AreaTree.none, areas[place].start < end {
      if areas[place].flags.contains(.locked) {
        count &+= min(end, areas[place].end) - max(start, areas[place].start)
      }
      place = areas[place].next
    }
    return count
  }

  /// mlockall and munlockall, as far as areas go (`mm/mlock.c:apply_mlockall_flags`).
  ///
  /// - Parameters:
  ///   - current: what marks the areas there are; `nil` leaves them.
  ///   - future: what will mark areas to come.
  mutating func lockAll(_ space: SpaceIndex, current: AreaFlags?, future: AreaFlags) {
    descriptors[space.rawValue].newAreaFlags.subtract(.locking)
    descriptors[space.rawValue].newAreaFlags.formUnion(future)
    guard let current else { return }
    var previous = AreaTree.none
    var place = descriptors[space.rawValue].areas.first
    while place != AreaTree.none {
      // Errors are ignored: whole areas need no split.
      try? markLocked(space, &place, &previous, areas[place].start, areas[place].end, current)
      place = areas[previous].next
    }
  }
}
