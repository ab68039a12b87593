/// A byte address in a process's virtual address space. Linux: `unsigned long address`.
public struct VirtualAddress: Hashable, Comparable, Sendable, BitwiseCopyable {
  public var rawValue: UInt64

  @inlinable @inline(__always)
  public init(_ rawValue: UInt64) { self.rawValue = rawValue }

  /// The page that holds the address.
  @inline(__always)
  public var page: VirtualPage { VirtualPage(rawValue >> UInt64(PageSize.shift)) }

  /// Whether the address is the first byte of a page.
  @inline(__always)
  public var isPageAligned: Bool { rawValue & PageSize.mask == 0 }

  public static func < (left: VirtualAddress, right: VirtualAddress) -> Bool {
    left.rawValue < right.rawValue
  }
}
