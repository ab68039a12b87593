/// The size of a base page: 4096 bytes. Linux: `PAGE_SIZE`, `PAGE_SHIFT`.
public enum PageSize {
  public static let shift = 12
  public static let bytes: UInt64 = 1 << 12
  public static let mask: UInt64 = bytes - 1
}
