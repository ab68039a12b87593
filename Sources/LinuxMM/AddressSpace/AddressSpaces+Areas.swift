extension AddressSpaces where P: ~Copyable {
  /// The area that contains `page`, or `AreaTree.none`.
  @inline(__always)
  func area(_ space: SpaceIndex, containing page: VirtualPage) -> UInt32 {
    descriptors[space.rawValue].areas.find(page, in: areas)
  }

  /// Puts a new area into a hole, merging it with compatible neighbours
  /// (`mm/mmap.c:vma_merge` cases 1 to 3).
  ///
  /// - Parameter source: the area whose anonymous pages it takes over, if any.
  mutating func addArea(_ area: Area, to space: SpaceIndex, source: UInt32 = AreaTree.none) {
    account(space, area.flags, Int64(area.pageCount))
    if area.file != .none { cache.files[area.file.rawValue].areas += 1 }
    let place = areas.insert(area)
    areas[place].space = space
    descriptors[space.rawValue].areas.insert(place, in: &areas)
    link(place, familiesOf: source)
    mergeNeighbours(of: place, in: space)
  }

  /// Merges an area with its neighbours where they have become alike.
  mutating func mergeNeighbours(of place: UInt32, in space: SpaceIndex) {
    var place = place
    let previous = areas[place].previous
    if previous != AreaTree.none && canMerge(previous, place) {
      absorb(next: place, into: previous, in: space)
      place = previous
    }
    let next = areas[place].next
    if next != AreaTree.none && canMerge(place, next) {
      absorb(next: next, into: place, in: space)
    }
  }

  /// Whether two areas may become one (`mm/mmap.c:is_mergeable_vma`).
  private func canMerge(_ first: UInt32, _ second: UInt32) -> Bool {
    let left = areas[first]
    let right = areas[second]
    return left.end == right.start && left.flags == right.flags && left.file == right.file
      && left.offset &+ left.pageCount == right.offset
      && (left.family == right.family
        || left.family == ReverseMap.none && !right.inheritsFamily
        || right.family == ReverseMap.none && !left.inheritsFamily)
  }

  private mutating func absorb(next: UInt32, into place: UInt32, in space: SpaceIndex) {
    let absorbed = areas[next]
    if areas[place].family == ReverseMap.none && absorbed.family != ReverseMap.none {
      for family in reverse.families(of: absorbed.links) { link(place, to: family) }
      setFamily(place, absorbed.family)
      areas[place].inheritsFamily = absorbed.inheritsFamily
    }
    if areas[place].figures == Area.noFigures { areas[place].figures = absorbed.figures }
    unlink(next)
    descriptors[space.rawValue].areas.remove(next, in: &areas)
    areas.remove(next)
    areas[place].end = absorbed.end
    boundsChanged(place, in: space)
    if absorbed.file != .none { cache.files[absorbed.file.rawValue].areas -= 1 }
  }

  /// Splits the area that contains `page` so that an area starts there (`mm/mmap.c:__split_vma`).
  ///
  /// - Returns: the area that starts at `page`.
  /// - Precondition: `page` lies inside the area, not at its start.
  mutating func split(_ place: UInt32, at page: VirtualPage, in space: SpaceIndex) throws(Errno) -> UInt32 {
    guard descriptors[space.rawValue].areas.count < Self.areaLimit else { throw .ENOMEM }
    var upper = areas[place]
    upper.offset = upper.offset(of: page)
    upper.start = page
    areas[place].end = page
    boundsChanged(place, in: space)
    let added = areas.insert(upper)
    descriptors[space.rawValue].areas.insert(added, in: &areas)
    link(added, familiesOf: place)
    if upper.file != .none { cache.files[upper.file.rawValue].areas += 1 }
    return added
  }

  /// Takes an area out of the space; its pages must be gone.
  mutating func removeArea(_ place: UInt32, from space: SpaceIndex) {
    let area = areas[place]
    unlink(place)
    descriptors[space.rawValue].areas.remove(place, in: &areas)
    areas.remove(place)
    account(space, area.flags, -Int64(area.pageCount))
    if area.file != .none {
      cache.files[area.file.rawValue].areas -= 1
      if cache.files[area.file.rawValue].areas == 0
        && cache.files[area.file.rawValue].isSharedMemory
      {
        cache.end(area.file, &translation.memory)
      }
    }
  }

  /// Splits areas at both ends of a range, so that it consists of whole areas.
  ///
  /// - Returns: the first area of the range, or `AreaTree.none` if none lies in it.
  mutating func isolate(
    _ space: SpaceIndex, _ start: VirtualPage, _ end: VirtualPage
  ) throws(Errno) -> UInt32 {
    var first = descriptors[space.rawValue].areas.first(endingAbove: start, in: areas)
    guard first != AreaTree.none, areas[first].start < end else { return AreaTree.none }
    if areas[first].start < start { first = try split(first, at: start, in: space) }
    var last = first
    while areas[last].end < end, areas[last].next != AreaTree.none,
      areas[areas[last].next].start < end
    {
      last = areas[last].next
    }
    if end < areas[last].end { _ = try split(last, at: end, in: space) }
    return first
  }
}
