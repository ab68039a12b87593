/// Somebody who keeps objects that can be made again, and gives them back when memory is short. Linux: `struct shrinker`.
public struct Shrinker: Sendable {
  public var name: String
  /// What it takes to make an object again, in reads of a disk; 0 for objects that cost nothing. Linux: `seeks`,
  /// `DEFAULT_SEEKS`.
  public var seeks: Int
  /// How many objects are scanned at a time. Linux: `batch`, `SHRINK_BATCH`.
  public var batch: Int
  /// How many objects of a node could be given back.
  public var count: @Sendable (_ node: Int) -> Int
  /// Looks at up to `scan` objects of a node and gives back what can be; returns how many those were, `nil` if it cannot do
  /// anything now (`SHRINK_STOP`).
  public var scan: @Sendable (_ scan: Int, _ node: Int) -> Int?

  public init(
    name: String, seeks: Int = 2, batch: Int = 128, count: @escaping @Sendable (_ node: Int) -> Int,
    scan: @escaping @Sendable (_ scan: Int, _ node: Int) -> Int?
  ) {
    self.name = name
    self.seeks = max(seeks, 0)
    self.batch = max(batch, 1)
    self.count = count
    self.scan = scan
  }
}

extension Shrinker {
  /// Asks for a part of what there is on a node (`mm/vmscan.c:do_shrink_slab`).
  ///
  /// - Parameters:
  ///   - priority: 12 asks for little, 0 for all.
  ///   - owed: what it has not done before.
  /// - Returns: what it owes from now on.
  func shrink(priority: Int, node: Int, owed: Int, _ result: inout ShrinkResult) -> Int {
    let freeable = min(count(node), 1 << 48)
    if freeable <= 0 { return owed }
    let delta = seeks > 0 ? (freeable >> priority) * 4 / seeks : freeable / 2
    var left = min((owed >> priority) + delta, 2 * freeable)
    var scanned = 0
    while left >= batch || left >= freeable {
      let part = min(batch, left)
      guard let freed = scan(part, node) else { break }
      result.freed += freed
      result.scanned += part
      left -= part
      scanned += part
    }
    return min(max(owed + delta - scanned, 0), 2 * freeable)
  }
}

/// A registered shrinker, by its number.
public struct ShrinkerIndex: Hashable, Sendable {
  let rawValue: Int
}

/// What a call of the shrinkers did.
public struct ShrinkResult: Equatable, Sendable {
  /// Objects looked at. Linux: `slabs_scanned` of `/proc/vmstat`.
  public internal(set) var scanned = 0
  public internal(set) var freed = 0
}
