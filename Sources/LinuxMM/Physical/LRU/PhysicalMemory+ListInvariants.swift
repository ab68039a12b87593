extension PhysicalMemory {
  /// Recounts the lists of pages by their use, and checks that every page stands where its flags say.
  func checkLists() throws(BrokenInvariant) {
    var locked = 0
    var counted = [InlineArray<5, Int>](repeating: InlineArray(repeating: 0), count: zones.count)
    for index in 0..<vectors.limit {
      for kind in 0..<LRUKind.count {
        var frame = vectors[UInt32(index)].lists[kind].first
        var previous = FrameNumber.none
        var count: UInt32 = 0
        while frame != .none {
          let flags = frames[frame.index].flags
          if !flags.contains(.listed) || LRUKind(flags).rawValue != kind {
            throw BrokenInvariant("page on a list that its flags do not say", frame.rawValue)
          }
          if vector(of: frame) != UInt32(index) {
            throw BrokenInvariant("page on another vector's list", frame.rawValue)
          }
          if links[frame.index].previous != previous { throw BrokenInvariant("list of pages broken", frame.rawValue) }
          counted[zone(of: frame)][kind] += 1
          if flags.contains(.mlocked) { locked += 1 }
          if flags.contains(.mlocked) != flags.contains(.unevictable) {
            throw BrokenInvariant("locked page on a list of others", frame.rawValue)
          }
          count += 1
          previous = frame
          frame = links[frame.index].next
        }
        if count != vectors[UInt32(index)].lists[kind].count { throw BrokenInvariant("list miscounted", kind) }
      }
    }
    if locked != statistics.lockedPages { throw BrokenInvariant("locked pages miscounted", locked) }
    for zone in zones.indices {
      for kind in 0..<LRUKind.count where counted[zone][kind] != zonePages[zone][kind] {
        throw BrokenInvariant("pages of a list miscounted in a zone", kind)
      }
    }
  }
}
