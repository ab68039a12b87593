/// The size of a base page: 4096 bytes. Linux: `PAGE_SIZE`, `PAGE_SHIFT`.
public enum PageSize {
  public static let shift = 12
  public static let bytes: UInt64 = 1 << 12
  public static let mask: UInt64 = bytes - 1

  /// The pages that `bytes` bytes take; 0 if that overflows.
  @inline(__always)
  static func pages(_ bytes: UInt64) -> UInt64 { (bytes &+ mask) >> UInt64(shift) }
}
