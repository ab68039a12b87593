extension AddressSpaces where P: ~Copyable {
  /// Marks the areas of a range as locked or not (`mm/mlock.c:apply_vma_lock_flags`).
  ///
  /// - Throws: `ENOMEM` at a hole; what lies before it stays changed.
  mutating func setLocked(
    _ space: SpaceIndex, _ start: VirtualPage, _ end: VirtualPage, _ locked: Bool
  ) throws(Errno) {
    var page = start
    while page < end {
      var place = area(space, containing: page)
      guard place != AreaTree.none else { throw .ENOMEM }
      let stop = min(end, areas[place].end)
      if areas[place].flags.contains(.locked) != locked {
        if areas[place].start < page { place = try split(place, at: page, in: space) }
        if stop < areas[place].end { _ = try split(place, at: stop, in: space) }
        if locked {
          areas[place].flags.insert(.locked)
        } else {
          areas[place].flags.remove(.locked)
        }
        mergeNeighbours(of: place, in: space)
      }
      page = stop
    }
  }
}
