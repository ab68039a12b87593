/// The lists of pages of all vectors by generation, type and zone, the most recently added first, and the generations' sizes.
/// Linux: `lists` and `nr_pages` of `struct lru_gen_struct`.
struct GenerationLists: ~Copyable {
  private static let width = Int(Generations.most) * 2 * ZoneKind.count
  private var lists = RowPool<FrameList>(width: width)
  private var sizes = RowPool<Int32>(width: width)

  /// Adds those of another vector.
  mutating func append() {
    lists.append(repeating: FrameList())
    sizes.append(repeating: 0)
  }

  /// - Parameter generation: a sequence number modulo ``Generations/most``.
  subscript(vector: UInt32, generation: Int, type: Int, zone: ZoneKind) -> FrameList {
    @inline(__always) _read { yield lists[vector, Self.column(generation, type, zone)] }
    @inline(__always) _modify { yield &lists[vector, Self.column(generation, type, zone)] }
  }

  /// Pages of a generation, whatever list they stand on.
  func size(_ vector: UInt32, _ generation: Int, _ type: Int, _ zone: ZoneKind) -> Int {
    Int(sizes[vector, Self.column(generation, type, zone)])
  }

  /// The same in all zones.
  func size(_ vector: UInt32, _ generation: Int, _ type: Int) -> Int {
    var sum = 0
    for zone in 0..<ZoneKind.count { sum += size(vector, generation, type, ZoneKind(zone)) }
    return sum
  }

  mutating func count(_ vector: UInt32, _ generation: Int, _ type: Int, _ zone: ZoneKind, _ change: Int) {
    sizes[vector, Self.column(generation, type, zone)] += Int32(truncatingIfNeeded: change)
  }

  func isEmpty(_ vector: UInt32, _ generation: Int, _ type: Int) -> Bool {
    for zone in 0..<ZoneKind.count where !self[vector, generation, type, ZoneKind(zone)].isEmpty { return false }
    return true
  }

  @inline(__always)
  private static func column(_ generation: Int, _ type: Int, _ zone: ZoneKind) -> Int {
    (generation &* 2 &+ type) &* ZoneKind.count &+ zone.rawValue
  }
}
