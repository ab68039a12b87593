/// The shrinkers, and what each of them still owes for every node. Linux: `shrinker_list`, `nr_deferred`.
final class ShrinkerList: @unchecked Sendable {
  private struct Entry {
    var shrinker: Shrinker
    var deferred: [Int]
  }

  private let lock = SpinLock()
  @exclusivity(unchecked) private var entries: [Entry?] = []

  func add(_ shrinker: Shrinker, nodes: Int) -> ShrinkerIndex {
    lock.lock()
    defer { lock.unlock() }
    entries.append(Entry(shrinker: shrinker, deferred: [Int](repeating: 0, count: nodes)))
    return ShrinkerIndex(rawValue: entries.count - 1)
  }

  func remove(_ index: ShrinkerIndex) {
    lock.lock()
    entries[index.rawValue] = nil
    lock.unlock()
  }

  /// Asks every shrinker for a part of what it has on a node (`mm/vmscan.c:shrink_slab`).
  ///
  /// - Parameter priority: 12 asks for little, 0 for all.
  /// - Complexity: O(shrinkers), and what they do.
  func shrink(priority: Int, node: Int) -> ShrinkResult {
    var result = ShrinkResult()
    for index in 0..<locked({ entries.count }) {
      guard let (shrinker, owed) = take(index, node) else { continue }
      let left = Self.shrink(shrinker, priority, node, owed, &result)
      giveBack(index, node, left)
    }
    return result
  }

  /// - Returns: what it owes from now on (`mm/vmscan.c:do_shrink_slab`).
  private static func shrink(
    _ shrinker: Shrinker, _ priority: Int, _ node: Int, _ owed: Int, _ result: inout ShrinkResult
  ) -> Int {
    let freeable = shrinker.count(node)
    if freeable <= 0 { return owed }
    let delta = shrinker.seeks > 0 ? (freeable >> priority) * 4 / shrinker.seeks : freeable / 2
    var left = min((owed >> priority) + delta, 2 * freeable)
    var scanned = 0
    while left >= shrinker.batch || left >= freeable {
      let count = min(shrinker.batch, left)
      guard let freed = shrinker.scan(count, node) else { break }
      result.freed += freed
      result.scanned += count
      left -= count
      scanned += count
    }
    return min(max(owed + delta - scanned, 0), 2 * freeable)
  }

  private func locked<Result>(_ body: () -> Result) -> Result {
    lock.lock()
    defer { lock.unlock() }
    return body()
  }

  private func take(_ index: Int, _ node: Int) -> (Shrinker, owed: Int)? {
    locked {
      guard let entry = entries[index] else { return nil }
      entries[index]!.deferred[node] = 0
      return (entry.shrinker, entry.deferred[node])
    }
  }

  private func giveBack(_ index: Int, _ node: Int, _ left: Int) {
    locked { if entries[index] != nil { entries[index]!.deferred[node] += left } }
  }
}
