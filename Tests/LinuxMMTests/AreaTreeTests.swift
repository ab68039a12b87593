import Testing

@testable import LinuxMM

@Suite struct AreaTreeTests {
  /// Random areas against a sorted list, with the searches for gaps done by hand.
  @Test(arguments: [11, 12] as [UInt64]) func agreesWithASortedList(seed: UInt64) throws {
    var random = XorShift64(seed: seed)
    var pool = Pool<Area>()
    var tree = AreaTree()
    var list: [(start: UInt64, end: UInt64, place: UInt32)] = []
    let limit: UInt64 = 4096
    for step in 0..<6000 {
      if random.below(100) < 55 {
        let start = 1000 + random.below(limit - 10)
        let end = min(start + 1 + random.below(9), 1000 + limit)
        if list.contains(where: { $0.start < end && start < $0.end }) { continue }
        let place = pool.insert(
          Area(
            start: VirtualPage(start), end: VirtualPage(end), flags: .read, offset: start))
        tree.insert(place, in: &pool)
        list.append((start, end, place))
        list.sort { $0.start < $1.start }
      } else if !list.isEmpty {
        let removed = list.remove(at: Int(random.below(UInt64(list.count))))
        tree.remove(removed.place, in: &pool)
        pool.remove(removed.place)
      }
      let probe = VirtualPage(1000 + random.below(limit))
      let first = tree.first(endingAbove: probe, in: pool)
      #expect(first == list.first { $0.end > probe.rawValue }?.place ?? AreaTree.none)
      let length = 1 + random.below(300)
      #expect(
        tree.highestGap(length, from: VirtualPage(1000), to: VirtualPage(1000 + limit), in: pool)?.rawValue
          == highest(list, length, 1000, 1000 + limit), "seed \(seed), step \(step)")
      #expect(
        tree.lowestGap(length, from: VirtualPage(1000), to: VirtualPage(1000 + limit), in: pool)?.rawValue
          == lowest(list, length, 1000, 1000 + limit), "seed \(seed), step \(step)")
      if step % 100 == 0 { try tree.checkInvariants(in: pool) }
    }
    try tree.checkInvariants(in: pool)
    #expect(tree.count == list.count)
  }

  private typealias Entry = (start: UInt64, end: UInt64, place: UInt32)

  private func gaps(_ list: [Entry], _ low: UInt64, _ high: UInt64) -> [(UInt64, UInt64)] {
    var result: [(UInt64, UInt64)] = []
    var from = low
    for entry in list {
      if from < min(entry.start, high) { result.append((from, min(entry.start, high))) }
      from = max(from, entry.end)
    }
    if from < high { result.append((from, high)) }
    return result
  }

  private func highest(_ list: [Entry], _ length: UInt64, _ low: UInt64, _ high: UInt64) -> UInt64? {
    gaps(list, low, high).last { $0.1 - $0.0 >= length }.map { $0.1 - length }
  }

  private func lowest(_ list: [Entry], _ length: UInt64, _ low: UInt64, _ high: UInt64) -> UInt64? {
    gaps(list, low, high).first { $0.1 - $0.0 >= length }.map(\.0)
  }
}
