/// A place for one page in a swap area: the area's number and the page's offset in it. Linux: `swp_entry_t`.
struct SwapSlot: Equatable, BitwiseCopyable {
  let rawValue: UInt32

  /// - Parameter rawValue: of another slot.
  init(rawValue: UInt32) { self.rawValue = rawValue }

  /// - Parameters:
  ///   - area: 0 to 25.
  ///   - offset: in pages, from 1: page 0 holds the area's header.
  init(area: Int, offset: Int) {
    self.init(rawValue: UInt32(truncatingIfNeeded: area << Self.offsetBits | offset))
  }

  /// No slot.
  static let none = SwapSlot(rawValue: 0)
  /// An area has at most 2^27 pages: 512 GiB.
  static let offsetBits = 27

  var area: Int { Int(rawValue >> UInt32(Self.offsetBits)) }
  var offset: Int { Int(rawValue & (1 << UInt32(Self.offsetBits) - 1)) }
}
