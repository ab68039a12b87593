/// The number of a physical page frame: the physical address divided by 4096.
///
/// Linux: `pfn` (`unsigned long`). 32 bits reach 16 TiB, which keeps the per-frame metadata small;
/// ``MemoryMap`` refuses machines above that.
public struct FrameNumber: Hashable, Comparable, Sendable, BitwiseCopyable {
  public var rawValue: UInt32

  @inline(__always)
  public init(_ rawValue: UInt32) { self.rawValue = rawValue }

  /// The frame that holds `address`.
  @inline(__always)
  public init(containing address: PhysicalAddress) {
    self.rawValue = UInt32(truncatingIfNeeded: address.rawValue >> UInt64(PageSize.shift))
  }

  /// No frame: the end of a list, an empty slot.
  public static let none = FrameNumber(.max)

  /// Position in a table with one entry per frame.
  @inline(__always)
  var index: Int { Int(rawValue) }

  /// The address of the frame's first byte.
  @inline(__always)
  public var address: PhysicalAddress { PhysicalAddress(UInt64(rawValue) << UInt64(PageSize.shift)) }

  /// The other half of the block of `order` that contains this frame
  /// (`mm/internal.h:__find_buddy_pfn`).
  @inline(__always)
  func buddy(_ order: PageOrder) -> FrameNumber { FrameNumber(rawValue ^ UInt32(order.frameCount)) }

  @inline(__always)
  public static func < (left: FrameNumber, right: FrameNumber) -> Bool { left.rawValue < right.rawValue }

  @inline(__always)
  public static func + (frame: FrameNumber, count: Int) -> FrameNumber {
    FrameNumber(frame.rawValue + UInt32(truncatingIfNeeded: count))
  }
}
