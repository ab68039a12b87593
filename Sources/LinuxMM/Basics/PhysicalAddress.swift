/// A byte address in the machine's physical address space. Linux: `phys_addr_t`.
public struct PhysicalAddress: Hashable, Comparable, Sendable, BitwiseCopyable {
  public var rawValue: UInt64

  @inlinable @inline(__always)
  public init(_ rawValue: UInt64) { self.rawValue = rawValue }

  public static func < (left: PhysicalAddress, right: PhysicalAddress) -> Bool {
    left.rawValue < right.rawValue
  }
}
