extension AddressSpaces where P: ~Copyable {
  /// Which pages of a part of one area are in memory (`mm/mincore.c:do_mincore`).
  ///
  /// - Returns: the pages from `start` to the end of their area or of the range, whatever comes first.
  /// - Throws: `ENOMEM` if nothing is mapped at `start`.
  func residency(
    _ space: SpaceIndex, _ start: VirtualPage, _ end: VirtualPage
  ) throws(Errno) -> [Bool] {
    let place = area(space, containing: start)
    guard place != AreaTree.none else { throw .ENOMEM }
    let stop = min(end, areas[place].end)
    let count = Int(stop - start)
    if areas[place].file != .none && areas[place].opening.traits.contains(.foreign) {
      return [Bool](repeating: true, count: count)
    }
    let root = descriptors[space.rawValue].context.root
    var result = [Bool](repeating: false, count: count)
    var page = start
    while page < stop {
      var isMapped = false
      if let entryPlace = translation.place(root, page) {
        let entry = translation.entry(entryPlace)
        isMapped = entry.holdsPage
        if let slot = entry.swapSlot { isMapped = swap.cache[swap.place(slot)].frame != nil }
      }
      if !isMapped && areas[place].file != .none {
        let position = areas[place].offset(of: page)
        isMapped = cache.find(areas[place].file, position) != nil
        if let slot = cache.slot(areas[place].file, position) { isMapped = swap.cache[swap.place(slot)].frame != nil }
      }
      result[Int(page - start)] = isMapped
      page = page + 1
    }
    return result
  }
}
