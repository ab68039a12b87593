/// The size of a block of frames as a power of two: a block of order n has 2^n frames. Linux: `order`.
public struct PageOrder: Hashable, Comparable, Sendable, BitwiseCopyable {
  public var rawValue: UInt8

  /// - Parameter rawValue: negative numbers and those above 255 become 255, which no block has.
  @inline(__always)
  public init(_ rawValue: Int) { self.rawValue = UInt8(exactly: rawValue) ?? .max }

  /// One frame.
  public static let single = PageOrder(0)

  /// The largest block the buddy system manages: 1024 frames, 4 MiB.
  ///
  /// Linux 6.1 writes it as `MAX_ORDER - 1`, with `MAX_ORDER` = 11 (`include/linux/mmzone.h`).
  public static let largest = PageOrder(10)

  /// The number of orders, 0 to 10. Linux 6.1: `MAX_ORDER`.
  public static let count = 11

  /// The smallest block of at least so many bytes. Linux: `get_order`.
  ///
  /// - Parameter byteCount: above 0.
  @inline(__always)
  public init(covering byteCount: Int) {
    let last = (byteCount - 1) >> PageSize.shift
    self.init(Int.bitWidth - last.leadingZeroBitCount)
  }

  /// Bytes of such a block.
  @inline(__always)
  public var byteCount: Int { Int(PageSize.bytes) << Int(rawValue) }

  @inline(__always)
  public var frameCount: Int { 1 &<< Int(rawValue) }

  @inline(__always)
  var index: Int { Int(rawValue) }

  @inline(__always)
  public static func < (left: PageOrder, right: PageOrder) -> Bool { left.rawValue < right.rawValue }
}
