/// How fast a disk is, in picoseconds: what a transfer takes from its request to its end, and how long each page keeps the
/// disk busy for itself.
///
/// Requests overlap but for their pages; on a serial disk one begins when the one before it is over.
public struct DeviceModel: Equatable, Sendable, BitwiseCopyable {
  public var request: UInt64
  public var page: UInt64
  /// Whether the kernel is told that its heads move, which decides how swap is laid out and read ahead. Linux: not
  /// `QUEUE_FLAG_NONROT`; `queue/rotational` below `/sys/block`.
  public var isRotational: Bool
  public var isSerial: Bool

  public init(request: UInt64, page: UInt64, isRotational: Bool = false, isSerial: Bool = false) {
    self.request = request
    self.page = page
    self.isRotational = isRotational
    self.isSerial = isSerial
  }

  /// 80 µs and 2 GB/s.
  public static let nvme = DeviceModel(request: 80_000_000, page: 2_000_000)
  /// 150 µs and 500 MB/s.
  public static let ssd = DeviceModel(request: 150_000_000, page: 8_000_000)
  /// 8 ms and 150 MB/s.
  public static let disk = DeviceModel(request: 8_000_000_000, page: 27_000_000, isRotational: true, isSerial: true)
  /// Memory of the host: 20 µs and 4 GB/s, as a disk of a virtual machine whose host caches it. virtio's count as rotational,
  /// whatever is behind them.
  public static let virtual = DeviceModel(request: 20_000_000, page: 1_000_000, isRotational: true)
}
