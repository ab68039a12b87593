/// The shrinkers, and what each of them still owes for every node. Linux: `shrinker_list`, `nr_deferred`.
struct ShrinkerList {
  private struct Entry {
    var shrinker: Shrinker
    var owed: [Int]
  }

  private var entries: [Entry?] = []

  var count: Int { entries.count }

  mutating func add(_ shrinker: Shrinker, nodes: Int) -> ShrinkerIndex {
    entries.append(Entry(shrinker: shrinker, owed: [Int](repeating: 0, count: nodes)))
    return ShrinkerIndex(rawValue: entries.count - 1)
  }

  mutating func remove(_ index: ShrinkerIndex) { entries[index.rawValue] = nil }

  /// A shrinker and what it owes for a node, which it owes no longer.
  mutating func take(_ index: Int, _ node: Int) -> (Shrinker, owed: Int)? {
    guard let entry = entries[index] else { return nil }
    entries[index]?.owed[node] = 0
    return (entry.shrinker, entry.owed[node])
  }

  mutating func giveBack(_ index: Int, _ node: Int, _ owed: Int) { entries[index]?.owed[node] += owed }
}
