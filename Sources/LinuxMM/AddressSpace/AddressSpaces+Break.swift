extension AddressSpaces where P: ~Copyable {
  /// Sets the end of the heap (`mm/mmap.c:brk`, `do_brk_flags`).
  ///
  /// - Returns: the break afterwards, the old one if the new one is refused; never an error; and the pages to be
  ///   brought at once.
  mutating func setBreak(
    _ space: SpaceIndex, _ wanted: VirtualAddress, _ caller: Caller
  ) -> (address: VirtualAddress, populates: Range<UInt64>) {
    let descriptor = descriptors[space.rawValue]
    let current = descriptor.breakEnd
    let refused = (current, UInt64(0)..<UInt64(0))
    guard !(wanted < descriptor.breakStart) else { return refused }
    if caller.limits.data.soft != ResourceLimits.Limit.infinity {
      // Linux: `include/linux/mm.h:check_data_rlimit`.
      let used =
        (wanted.rawValue - descriptor.breakStart.rawValue)
        &+ (descriptor.dataEnd.rawValue &- descriptor.dataStart.rawValue)
      guard used <= caller.limits.data.soft else { return refused }
    }
    let newEnd = VirtualPage.end(of: wanted, length: 0)
    let oldEnd = VirtualPage.end(of: current, length: 0)
    if newEnd == oldEnd {
      descriptors[space.rawValue].breakEnd = wanted
      return (wanted, 0..<0)
    }
    if wanted <= current {
      // What the heap was may have been replaced by other mappings.
      let area = firstArea(space, endingAbove: newEnd)
      guard area != AreaTree.none, areas[area].start < oldEnd else { return refused }
      do throws(Errno) { try unmapPages(space, newEnd, oldEnd) } catch { return refused }
      descriptors[space.rawValue].breakEnd = wanted
      return (wanted, 0..<0)
    }
    guard (try? growHeap(space, oldEnd, newEnd, caller)) != nil else { return refused }
    descriptors[space.rawValue].breakEnd = wanted
    let locks = descriptor.newAreaFlags.contains(.locked)
    return (wanted, locks ? oldEnd.rawValue..<newEnd.rawValue : 0..<0)
  }

  private mutating func growHeap(
    _ space: SpaceIndex, _ start: VirtualPage, _ end: VirtualPage, _ caller: Caller
  ) throws(Errno) {
    let pages = end - start
    _ = try findRoom(space, start.address, pages, .fixed, .none, offset: 0, caller)
    let added = descriptors[space.rawValue].newAreaFlags
    if exceedsLockLimit(space, added, pages, caller) { throw .EAGAIN }
    let next = firstArea(space, endingAbove: start)
    // One page must stay free below the next area.
    if next != AreaTree.none, areas[next].guardedStart(settings.stackGuardPages) < end + 1 { throw .ENOMEM }
    let flags = AreaFlags.data.union(.accounted).union(added)
    guard mayGrow(space, flags, pages, caller.limits) else { throw .ENOMEM }
    guard descriptors[space.rawValue].areas.count <= settings.maximumAreas else { throw .ENOMEM }
    try promise(pages, to: space, caller)
    let wanted = Area(start: start, end: end, flags: flags, offset: start.rawValue)
    // Only what lies before may become one with it.
    let previous = areaBefore(space, start)
    let grown: UInt32
    if previous != AreaTree.none, areas[previous].end == start, mayPrecede(previous, wanted),
      isBeforeHeapEnd(previous, space)
    {
      grown = previous
      setBounds(previous, areas[previous].start, end, in: space)
    } else {
      grown = insertArea(wanted, to: space)
    }
    descriptors[space.rawValue].totalPages += pages
    descriptors[space.rawValue].dataPages += pages
    if flags.contains(.locked) { descriptors[space.rawValue].lockedPages += pages }
    areas[grown].flags.insert(.softDirty)
  }

  /// Whether an area is what brk finds when it looks back from the heap's end, no further than to the heap's start.
  private func isBeforeHeapEnd(_ place: UInt32, _ space: SpaceIndex) -> Bool {
    descriptors[space.rawValue].breakStart.page < areas[place].end
  }
}
