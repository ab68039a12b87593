extension PhysicalMemory {
  /// Recounts the lists of pages by their use, and checks that every page stands where its flags say.
  func checkLists() throws(BrokenInvariant) {
    var count = ListCount(zones: zones.count)
    for index in 0..<vectors.limit {
      for kind in 0..<LRUKind.count {
        if hasGenerations && kind < LRUKind.unevictable.rawValue && !lists[UInt32(index), kind].isEmpty {
          throw BrokenInvariant("page on a list although pages have generations", kind)
        }
        try check(lists[UInt32(index), kind], UInt32(index), &count) { flags, _ in
          !flags.contains(.generated) && LRUKind(flags).rawValue == kind ? LRUKind(flags) : nil
        }
      }
    }
    for index in 0..<generations.limit { try checkGenerations(UInt32(index), &count) }
    if count.locked != statistics.lockedPages { throw BrokenInvariant("locked pages miscounted", count.locked) }
    for zone in zones.indices {
      for kind in 0..<LRUKind.count where count.pages[zone][kind] != zonePages[zone][kind] {
        throw BrokenInvariant("pages of a list miscounted in a zone", kind)
      }
    }
  }

  private func checkGenerations(_ vector: UInt32, _ count: inout ListCount) throws(BrokenInvariant) {
    let state = generations[vector]
    var sizes = InlineArray<8, Int>(repeating: 0)
    for generation in 0..<Int(Generations.most) {
      for type in 0..<2 {
        for zone in ZoneKind.allCases {
          let list = generationLists[vector, generation, type, zone]
          if !hasGenerations && !list.isEmpty {
            throw BrokenInvariant("page in a generation that is not kept", generation)
          }
          try check(list, vector, &count) { flags, kind in
            guard flags.contains(.generated), flags.listGeneration == generation, flags.generationType == type,
              kind == zone
            else { return nil }
            sizes[flags.generation * 2 + type] += 1
            return LRUKind(type: type, isActive: state.isActive(flags.generation))
          }
        }
      }
    }
    for type in 0..<2 {
      if state.count(type) > Generations.most || state.count(type) < Generations.fewest {
        throw BrokenInvariant("too many or too few generations", type)
      }
      for sequence in UInt64(0)..<Generations.most {
        let place = Generations.place(sequence)
        if sizes[place * 2 + type] != generationLists.size(vector, place, type) {
          throw BrokenInvariant("generation miscounted", place)
        }
      }
    }
    if state.oldest[Generations.anonymous] > state.oldest[Generations.file] {
      throw BrokenInvariant("file pages older than private ones", Int(vector))
    }
  }

  /// Goes along one list.
  ///
  /// - Parameter kindOf: what a page with these flags in such a zone counts as; `nil` if it does not belong here.
  private func check(
    _ list: FrameList, _ vector: UInt32, _ count: inout ListCount, _ kindOf: (FrameFlags, ZoneKind) -> LRUKind?
  ) throws(BrokenInvariant) {
    var frame = list.first
    var previous = FrameNumber.none
    var length: UInt32 = 0
    while frame != .none {
      let flags = frames[frame.index].flags
      let zone = zone(of: frame)
      guard flags.contains(.listed), let kind = kindOf(flags, zones[zone].kind) else {
        throw BrokenInvariant("page on a list that its flags do not say", frame.rawValue)
      }
      if self.vector(of: frame) != vector { throw BrokenInvariant("page on another vector's list", frame.rawValue) }
      if links[frame.index].previous != previous { throw BrokenInvariant("list of pages broken", frame.rawValue) }
      count.pages[zone][kind.rawValue] += 1
      if flags.contains(.mlocked) { count.locked += 1 }
      if flags.contains(.mlocked) != flags.contains(.unevictable) {
        throw BrokenInvariant("locked page on a list of others", frame.rawValue)
      }
      length += 1
      previous = frame
      frame = links[frame.index].next
    }
    if length != list.count { throw BrokenInvariant("list miscounted", Int(length)) }
  }
}

private struct ListCount {
  var locked = 0
  /// By zone.
  var pages: [InlineArray<5, Int>]

  init(zones: Int) { pages = [InlineArray<5, Int>](repeating: InlineArray(repeating: 0), count: zones) }
}
