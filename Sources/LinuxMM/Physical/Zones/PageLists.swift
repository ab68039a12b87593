/// The lists of pages of all vectors by their use, the most recently used first, and how many pages of each zone are on them.
/// Linux: `lists` and `lru_zone_size` of `struct lruvec`.
struct PageLists: ~Copyable {
  private var lists = RowPool<FrameList>(width: LRUKind.count)
  private var sizes = RowPool<Int>(width: LRUKind.count * ZoneKind.count)

  /// Adds those of another vector.
  mutating func append() {
    lists.append(repeating: FrameList())
    sizes.append(repeating: 0)
  }

  subscript(vector: UInt32, kind: Int) -> FrameList {
    @inline(__always) _read { yield lists[vector, kind] }
    @inline(__always) _modify { yield &lists[vector, kind] }
  }

  /// Pages of a list in a zone, whatever list they stand on where they have generations.
  @inline(__always)
  func size(_ vector: UInt32, _ kind: LRUKind, _ zone: ZoneKind) -> Int {
    sizes[vector, kind.rawValue * ZoneKind.count + zone.rawValue]
  }

  @inline(__always)
  mutating func count(_ vector: UInt32, _ kind: LRUKind, _ zone: ZoneKind, _ change: Int) {
    sizes[vector, kind.rawValue * ZoneKind.count + zone.rawValue] += change
  }

  /// Pages of a list.
  @inline(__always)
  func count(_ vector: UInt32, _ kind: LRUKind) -> Int { Int(lists[vector, kind.rawValue].count) }

  /// Pages of a list in zones up to a kind. Linux: `lruvec_lru_size`.
  func count(_ vector: UInt32, _ kind: LRUKind, upTo highest: ZoneKind) -> Int {
    var sum = 0
    for zone in 0...highest.rawValue { sum += size(vector, kind, ZoneKind(zone)) }
    return sum
  }

  /// Whether there are so few inactive pages that active ones should follow (`mm/vmscan.c:inactive_is_low`).
  func hasFewInactive(_ vector: UInt32, file: Bool) -> Bool {
    let inactive = count(vector, file ? .inactiveFile : .inactiveAnonymous)
    let active = count(vector, file ? .activeFile : .activeAnonymous)
    let gigabytes = (inactive + active) >> (30 - PageSize.shift)
    let ratio = gigabytes > 0 ? squareRoot(10 * gigabytes) : 1
    return inactive * ratio < active
  }
}
