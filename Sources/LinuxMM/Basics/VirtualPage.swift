/// The number of a virtual page: the virtual address divided by 4096.
public struct VirtualPage: Hashable, Comparable, Sendable, BitwiseCopyable {
  public var rawValue: UInt64

  @inline(__always)
  public init(_ rawValue: UInt64) { self.rawValue = rawValue }

  /// The address of the page's first byte.
  @inline(__always)
  public var address: VirtualAddress { VirtualAddress(rawValue << UInt64(PageSize.shift)) }

  @inline(__always)
  public static func < (left: VirtualPage, right: VirtualPage) -> Bool { left.rawValue < right.rawValue }

  @inline(__always)
  public static func + (page: VirtualPage, count: UInt64) -> VirtualPage {
    VirtualPage(page.rawValue &+ count)
  }

  /// The number of pages from `right` up to `left`.
  @inline(__always)
  public static func - (left: VirtualPage, right: VirtualPage) -> UInt64 {
    left.rawValue &- right.rawValue
  }

  /// The first page at or above the end of `length` bytes that start at `address`.
  static func end(of address: VirtualAddress, length: UInt64) -> VirtualPage {
    VirtualPage((address.rawValue &+ length &+ PageSize.mask) >> UInt64(PageSize.shift))
  }

  /// One past the last page a 64-bit program may map: the lower canonical half less a guard page.
  ///
  /// Linux: `TASK_SIZE_MAX` for 4-level tables, 2^47 − 4096 (`arch/x86/include/asm/page_64.h`).
  public static let userEnd = VirtualPage((1 << 35) - 1)
}
