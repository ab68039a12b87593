/// The ways of one set in the order of their last use, up to 16 of them: four bits each, the most recent lowest.
///
/// What is stored is the difference to the order 0, 1, 2, …, so that memory full of zeros is a valid order.
struct RecencyOrder: BitwiseCopyable {
  private static let initial: UInt64 = 0xfedc_ba98_7654_3210
  private static let ones: UInt64 = 0x1111_1111_1111_1111
  static let most: UInt8 = 16

  private var order: UInt64

  @inline(__always)
  init(stored: UInt64) { order = stored ^ Self.initial }

  @inline(__always)
  var stored: UInt64 { order ^ Self.initial }

  /// Puts the way used least recently of the first `ways` first.
  ///
  /// - Returns: that way.
  @inline(__always)
  mutating func turn(_ ways: Int) -> Int {
    let place = UInt64(truncatingIfNeeded: 4 &* ways &- 4)
    let last = (order &>> place) & 15
    let mask = (2 &<< (place &+ 3)) &- 1
    order = order & ~mask | order &<< 4 & mask | last
    return Int(truncatingIfNeeded: last)
  }

  /// Puts a way first.
  @inline(__always)
  mutating func promote(_ way: Int) {
    let place = place(way)
    // The places up to the way's own, which may be all of them.
    let mask = (2 &<< (place &+ 3)) &- 1
    order = order & ~mask | order &<< 4 & mask | UInt64(truncatingIfNeeded: way)
  }

  /// Puts a way last of the first `ways`.
  mutating func demote(_ way: Int, _ ways: Int) {
    let place = place(way)
    let end = UInt64(truncatingIfNeeded: 4 &* ways &- 4)
    let before = order & ((1 &<< place) &- 1)
    let after = order & ~((2 &<< (end &+ 3)) &- 1)
    let between = (order &>> 4) & ~((1 &<< place) &- 1) & ((1 &<< end) &- 1)
    order = before | between | UInt64(truncatingIfNeeded: way) &<< end | after
  }

  /// The position of a way's first bit: that of the lowest group of four bits that equals it.
  @inline(__always)
  private func place(_ way: Int) -> UInt64 {
    let difference = order ^ UInt64(truncatingIfNeeded: way) &* Self.ones
    let zeros = (difference &- Self.ones) & ~difference & Self.ones &<< 3
    return UInt64(truncatingIfNeeded: zeros.trailingZeroBitCount) & 60
  }
}
