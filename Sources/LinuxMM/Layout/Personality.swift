/// What a program asked of its address space before exec. Linux: `personality(2)`, with the kernel's bits
/// (`include/uapi/linux/personality.h`).
public struct Personality: OptionSet, Hashable, Sendable {
  public let rawValue: UInt32

  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Nothing is at random. Linux: `ADDR_NO_RANDOMIZE`, `setarch -R`.
  public static let noRandomization = Personality(rawValue: 0x004_0000)
  /// Mappings are made from the bottom up. Linux: `ADDR_COMPAT_LAYOUT`, `setarch -L`.
  public static let legacyLayout = Personality(rawValue: 0x020_0000)
  /// A 32-bit program on a 64-bit kernel gets 3 GiB, not 4. Linux: `ADDR_LIMIT_3GB`, `setarch -3`.
  public static let threeGigabytes = Personality(rawValue: 0x800_0000)
}
