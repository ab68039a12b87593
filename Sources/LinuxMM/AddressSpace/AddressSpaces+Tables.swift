/// Tables made for a space, and counted.
extension AddressSpaces where P: ~Copyable {
  /// Where the entry of a page stands, its tables made from the top down if need be.
  ///
  /// - Parameter known: the place, if that was found before.
  /// - Throws: ``AllocationFailure`` when no frame is left for a table.
  mutating func makeEntryPlace(
    _ space: SpaceIndex, _ page: VirtualPage, _ known: EntryPlace? = nil
  ) throws(AllocationFailure) -> EntryPlace {
    if let known { return known }
    let root = descriptors[space.rawValue].context.root
    if let place = translation.placeNear(root, page) { return place }
    return try makeUpperPlace(space, page, level: 0)
  }

  /// Where the entry of `level` for a page stands: 0 for the page's own, 1 for that of its last-level table.
  mutating func makeUpperPlace(
    _ space: SpaceIndex, _ page: VirtualPage, level: Int
  ) throws(AllocationFailure) -> EntryPlace {
    let root = descriptors[space.rawValue].context.root
    if memory.tableGroup != 0 { makeRoomForTables(translation.lookUp(root, page).level - level) }
    return try retrying { (spaces) throws(AllocationFailure) in
      var made = 0
      defer { spaces.descriptors[space.rawValue].tables += made }
      return try spaces.translation.makePlace(
        root, page, owner: space.rawValue, level: level, allocated: &made)
    }
  }
}
