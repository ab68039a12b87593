extension AddressSpaces where P: ~Copyable {
  /// Sets the end of the heap (`mm/mmap.c:brk`).
  ///
  /// - Returns: the break afterwards, the old one if the new one is refused; never an error.
  mutating func setBreak(_ space: SpaceIndex, _ wanted: VirtualAddress) -> VirtualAddress {
    let start = descriptors[space.rawValue].breakStart
    let current = descriptors[space.rawValue].breakEnd
    guard !(wanted < start) else { return current }
    let oldEnd = VirtualPage.end(of: current, length: 0)
    let newEnd = VirtualPage.end(of: wanted, length: 0)
    guard !(translation.geometry.userEnd < newEnd) else { return current }
    if newEnd < oldEnd {
      do throws(Errno) { try unmapPages(space, newEnd, oldEnd) } catch { return current }
    } else if oldEnd < newEnd {
      let next = descriptors[space.rawValue].areas.first(endingAbove: oldEnd, in: areas)
      // One page must stay free below the next area.
      if next != AreaTree.none, areas[next].guardedStart < newEnd + 1 { return current }
      let flags: AreaFlags = [
        .read, .write, .mayRead, .mayWrite, .mayExecute, .accounted,
      ]
      addArea(Area(start: oldEnd, end: newEnd, flags: flags, offset: oldEnd.rawValue), to: space)
    }
    descriptors[space.rawValue].breakEnd = wanted
    return wanted
  }
}
