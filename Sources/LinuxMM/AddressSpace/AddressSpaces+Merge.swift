/// Joining areas that have become alike.
extension AddressSpaces where P: ~Copyable {
  /// Lets the neighbours of a range take it over, if they may be one area with it (`mm/mmap.c:vma_merge`).
  ///
  /// The range is a hole, the tail of `previous`, the head of the area behind it, or just that area; the neighbour that
  /// takes it over keeps the flags it has. Cases are numbered as in Linux.
  ///
  /// - Parameters:
  ///   - wanted: the range with the properties it is to have, and the family of the pages that are there.
  ///   - previous: the last area that begins below the range.
  /// - Returns: the area that contains the range now, or `AreaTree.none` if nothing was changed.
  mutating func merge(_ wanted: Area, after previous: UInt32, in space: SpaceIndex) -> UInt32 {
    guard wanted.flags.isDisjoint(with: .special) else { return AreaTree.none }
    let middle = previous == AreaTree.none ? descriptors[space.rawValue].areas.first : areas[previous].next
    var next = middle
    if next != AreaTree.none, areas[next].end == wanted.end { next = areas[next].next }
    let joinsPrevious =
      previous != AreaTree.none && areas[previous].end == wanted.start && mayPrecede(previous, wanted)
    let joinsNext = next != AreaTree.none && areas[next].start == wanted.end && mayFollow(next, wanted)
    // What somebody must be told of when it goes cannot be merged away.
    let mayRemove = !wanted.opening.traits.contains(.attachment)
    let spansMiddle =
      middle != AreaTree.none && areas[middle].start == wanted.start && areas[middle].end == wanted.end
    if spansMiddle && !mayRemove { return AreaTree.none }
    if mayRemove && joinsPrevious && joinsNext && familiesAgree(areas[previous].family, areas[next].family) {
      let end = areas[next].end
      if middle != next {  // case 6
        importFamilies(of: areas[middle].family != ReverseMap.none ? middle : next, to: previous)
        importFigures(of: middle, to: previous)
        drop(middle, from: space)
      } else {  // case 1
        importFamilies(of: next, to: previous)
      }
      drop(next, from: space)
      setBounds(previous, areas[previous].start, end, in: space)
      return previous
    }
    if joinsPrevious {
      if middle != AreaTree.none, areas[middle].start < wanted.end {
        importFamilies(of: middle, to: previous)
        if areas[middle].end == wanted.end {  // case 7
          drop(middle, from: space)
        } else {  // case 5
          setBounds(middle, wanted.end, areas[middle].end, in: space)
        }
      }
      setBounds(previous, areas[previous].start, wanted.end, in: space)
      return previous
    }
    if joinsNext {
      if previous != AreaTree.none, wanted.start < areas[previous].end {  // case 4
        importFamilies(of: previous, to: next)
        setBounds(previous, areas[previous].start, wanted.start, in: space)
      } else if middle != next {  // case 8
        importFamilies(of: middle, to: next)
        drop(middle, from: space)
      }
      setBounds(next, wanted.start, areas[next].end, in: space)
      return next
    }
    return AreaTree.none
  }

  /// Whether an area may be followed by `wanted` within one area (`mm/mmap.c:can_vma_merge_after`).
  func mayPrecede(_ place: UInt32, _ wanted: Area) -> Bool {
    isAlike(place, wanted) && areas[place].offset &+ areas[place].pageCount == wanted.offset
      && familiesFit(wanted, place)
  }

  /// Whether an area may follow `wanted` within one area (`mm/mmap.c:can_vma_merge_before`).
  func mayFollow(_ place: UInt32, _ wanted: Area) -> Bool {
    isAlike(place, wanted) && wanted.offset &+ wanted.pageCount == areas[place].offset
      && familiesFit(wanted, place)
  }

  /// Linux: `is_mergeable_vma`.
  private func isAlike(_ place: UInt32, _ wanted: Area) -> Bool {
    areas[place].flags.symmetricDifference(wanted.flags).subtracting(.softDirty).isEmpty
      && areas[place].file == wanted.file && areas[place].opening == wanted.opening
      && areas[place].watcher == wanted.watcher
      && (!wanted.opening.traits.contains(.attachment) || settings.rules.contains(.attachmentsMerge))
  }

  /// Whether anonymous pages of both may be found through one family (`mm/mmap.c:is_mergeable_anon_vma`): an area that
  /// was copied from a parent process is left alone, lest chains grow.
  private func familiesFit(_ wanted: Area, _ place: UInt32) -> Bool {
    let own = areas[place].family
    if settings.rules.contains(.touchedAreasMerge), wanted.family != own {
      if own == ReverseMap.none { return wanted.links == ReverseMap.none || reverse.isSingle(wanted.links) }
      return wanted.family == ReverseMap.none && reverse.isSingle(areas[place].links)
    }
    if wanted.family == ReverseMap.none || own == ReverseMap.none, reverse.isSingle(areas[place].links) {
      return true
    }
    return wanted.family == own
  }

  func familiesAgree(_ first: UInt32, _ second: UInt32) -> Bool {
    first == ReverseMap.none || second == ReverseMap.none || first == second
  }

  /// Gives an area that has no family those of another, whose pages it takes over (`mm/rmap.c:anon_vma_clone`).
  mutating func importFamilies(of source: UInt32, to place: UInt32) {
    let family = areas[source].family
    guard family != ReverseMap.none, areas[place].family == ReverseMap.none else { return }
    for family in reverse.families(of: areas[source].links) { link(place, to: family) }
    setFamily(place, family)
  }

  /// Lets the figures of the translation buffers go on with the area that takes another over.
  private mutating func importFigures(of source: UInt32, to place: UInt32) {
    if areas[place].figures == Area.noFigures { areas[place].figures = areas[source].figures }
  }

  /// Moves an area's bounds between its neighbours; the pages it keeps stay where they are in its object.
  mutating func setBounds(_ place: UInt32, _ start: VirtualPage, _ end: VirtualPage, in space: SpaceIndex) {
    areaChanges &+= 1
    areas[place].offset = areas[place].offset &+ (start.rawValue &- areas[place].start.rawValue)
    areas[place].start = start
    areas[place].end = end
    boundsChanged(place, in: space)
  }

  /// Gives a range within one area other flags: the area is merged with neighbours or split as need be.
  ///
  /// - Parameters:
  ///   - place: the area that contains the range; afterwards the one that has just the range, or the merged one.
  ///   - previous: the area before it, or the same area if the range begins inside of it; afterwards equal to `place`.
  /// - Throws: `ENOMEM` if a split would need more areas than permitted; the first of two splits stays.
  mutating func setFlags(
    _ flags: AreaFlags, _ start: VirtualPage, _ end: VirtualPage, _ place: inout UInt32, _ previous: inout UInt32,
    in space: SpaceIndex
  ) throws(Errno) {
    var wanted = areas[place]
    wanted.offset = wanted.offset(of: start)
    wanted.start = start
    wanted.end = end
    wanted.flags = flags
    let merged = merge(wanted, after: previous, in: space)
    if merged != AreaTree.none {
      place = merged
      previous = merged
    } else {
      previous = place
      if start != areas[place].start { try splitBelow(place, at: start, in: space) }
      if end != areas[place].end { try splitAbove(place, at: end, in: space) }
    }
    areas[place].flags = flags
  }
}
