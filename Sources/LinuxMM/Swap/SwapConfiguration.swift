/// An area for pages that do not find room in memory: a partition or a file.
public struct SwapConfiguration: Equatable, Sendable {
  /// In pages, the header's included.
  public var pages: Int
  /// 0 to 32767; `nil` comes after all others, in the order they are given. Linux: `swapon -p`.
  public var priority: Int?
  public var device: DeviceModel
  /// Whether it is memory that holds the pages compressed, rather than a device. Linux: zram.
  public var isCompressed = false
  /// The request to the device, from 1, that fails; 0 for none.
  public var failingRequest = 0

  /// 512 GiB.
  public static let mostPages = 1 << SwapSlot.offsetBits
  /// Linux: `MAX_SWAPFILES`.
  public static let mostAreas = 26

  /// - Parameter bytes: rounded down to pages; at least 10 of them, at most ``mostPages``.
  /// - Returns: `nil` if that cannot be.
  public init?(bytes: UInt64, priority: Int? = nil, device: DeviceModel = .nvme) {
    let pages = bytes >> UInt64(PageSize.shift)
    guard pages >= 10, pages <= UInt64(Self.mostPages), (0...32767).contains(priority ?? 0) else { return nil }
    self.pages = Int(pages)
    self.priority = priority
    self.device = device
  }
}
