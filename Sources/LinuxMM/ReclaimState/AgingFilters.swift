/// Which page tables are worth going through: those in which enough pages were found used lately. Linux: the Bloom filters
/// of `struct lru_gen_mm_state`, two for each vector, of 2^15 bits.
struct AgingFilters {
  private var words: [UInt64] = []

  private static var shift: UInt64 { 15 }
  private static var size: Int { 1 << Int(shift) / 64 }

  /// A new filter's place.
  mutating func make() -> UInt32 {
    words.append(contentsOf: repeatElement(0, count: Self.size))
    return UInt32(words.count / Self.size - 1)
  }

  mutating func clear(_ filter: UInt32) {
    let start = Int(filter) * Self.size
    for index in start..<(start + Self.size) { words[index] = 0 }
  }

  mutating func insert(_ table: FrameNumber, _ filter: UInt32) {
    let (first, second) = Self.bits(table)
    words[Int(filter) * Self.size + first >> 6] |= 1 << UInt64(first & 63)
    words[Int(filter) * Self.size + second >> 6] |= 1 << UInt64(second & 63)
  }

  /// Whether a table was inserted, or others look like it.
  func contains(_ table: FrameNumber, _ filter: UInt32) -> Bool {
    let (first, second) = Self.bits(table)
    return words[Int(filter) * Self.size + first >> 6] >> UInt64(first & 63) & 1 != 0
      && words[Int(filter) * Self.size + second >> 6] >> UInt64(second & 63) & 1 != 0
  }

  /// Two hashes from one multiplication by 2^64 divided by the golden ratio.
  private static func bits(_ table: FrameNumber) -> (Int, Int) {
    let hash = (UInt64(table.rawValue) &* 0x9e37_79b9_7f4a_7c15) >> (64 - 2 * shift)
    return (Int(hash & (1 << shift - 1)), Int(hash >> shift))
  }
}
