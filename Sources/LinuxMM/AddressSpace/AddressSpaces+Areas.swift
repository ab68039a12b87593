/// Areas come, are split, and go.
extension AddressSpaces where P: ~Copyable {
  /// The area that contains `page`, or `AreaTree.none`. Linux: `vma_lookup`.
  @inline(__always)
  func area(_ space: SpaceIndex, containing page: VirtualPage) -> UInt32 {
    descriptors[space.rawValue].areas.find(page, in: areaNodes, areas)
  }

  /// The first area that ends above `page`, or `AreaTree.none`. Linux: `find_vma`.
  @inline(__always)
  func firstArea(_ space: SpaceIndex, endingAbove page: VirtualPage) -> UInt32 {
    descriptors[space.rawValue].areas.first(endingAbove: page, in: areaNodes)
  }

  /// The area before a hole or an area at `page`.
  func areaBefore(_ space: SpaceIndex, _ page: VirtualPage) -> UInt32 {
    let next = firstArea(space, endingAbove: page)
    return next == AreaTree.none ? descriptors[space.rawValue].areas.last : areas[next].previous
  }

  /// Puts a new area into a hole, apart from its neighbours.
  ///
  /// - Parameter source: the area whose anonymous pages it takes over, if any.
  @discardableResult
  mutating func insertArea(_ area: Area, to space: SpaceIndex, source: UInt32 = AreaTree.none) -> UInt32 {
    var area = area
    area.space = space
    area.family = source == AreaTree.none ? ReverseMap.none : areas[source].family
    if area.file != .none { cache.files[area.file.rawValue].areas += 1 }
    let place = areas.insert(area)
    descriptors[space.rawValue].areas.insert(place, in: &areaNodes, &areas)
    link(place, familiesOf: source)
    return place
  }

  /// Splits an area; `place` keeps the part from `page` on (`mm/mmap.c:split_vma` with `new_below`).
  ///
  /// - Returns: the lower part.
  /// - Throws: `ENOMEM` if there are as many areas as permitted.
  @discardableResult
  mutating func splitBelow(_ place: UInt32, at page: VirtualPage, in space: SpaceIndex) throws(Errno) -> UInt32 {
    guard descriptors[space.rawValue].areas.count < settings.maximumAreas else { throw .ENOMEM }
    var lower = areas[place]
    lower.end = page
    setBounds(place, page, areas[place].end, in: space)
    return insertArea(lower, to: space, source: place)
  }

  /// Splits an area; `place` keeps the part below `page`.
  ///
  /// - Returns: the upper part.
  @discardableResult
  mutating func splitAbove(_ place: UInt32, at page: VirtualPage, in space: SpaceIndex) throws(Errno) -> UInt32 {
    guard descriptors[space.rawValue].areas.count < settings.maximumAreas else { throw .ENOMEM }
    return splitUnlimited(place, at: page, in: space)
  }

  /// The same however many areas there are (`mm/mmap.c:__split_vma`).
  mutating func splitUnlimited(_ place: UInt32, at page: VirtualPage, in space: SpaceIndex) -> UInt32 {
    var upper = areas[place]
    upper.offset = upper.offset(of: page)
    upper.start = page
    setBounds(place, areas[place].start, page, in: space)
    return insertArea(upper, to: space, source: place)
  }

  /// Takes an area out of its tree without accounting for its pages.
  mutating func drop(_ place: UInt32, from space: SpaceIndex) {
    let file = areas[place].file
    areaChanges &+= 1
    unlink(place)
    descriptors[space.rawValue].areas.remove(place, in: &areaNodes, &areas)
    areas.remove(place)
    if file != .none { dropUse(of: file) }
  }

  /// Ends a use of a file by an area or by a name; objects of shared memory go with the last one.
  mutating func dropUse(of file: FileIndex) {
    cache.files[file.rawValue].areas -= 1
    guard cache.files[file.rawValue].areas == 0, cache.files[file.rawValue].isSharedMemory else { return }
    commit.release(cache.files[file.rawValue].committedPages)
    dropSlots(of: file, 0..<PageCache.largestFile)
    cache.end(file, &translation.memory)
    trimSlabs()
  }

  /// Takes an area out of the space with its accounts; its pages must be gone.
  mutating func removeArea(_ place: UInt32, from space: SpaceIndex) {
    let area = areas[place]
    drop(place, from: space)
    account(space, area.flags, -Int64(area.pageCount))
    if area.flags.contains(.accounted) { commit.release(area.pageCount) }
  }
}
