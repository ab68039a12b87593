/// A kind of zone, by the addresses devices can reach.
///
/// Linux: `enum zone_type`, with the bounds of `arch/x86/mm/init.c:zone_sizes_init`.
public enum ZoneKind: Int, CaseIterable, Sendable {
  /// Below 16 MiB: reachable by ISA devices.
  case dma = 0
  /// 16 MiB to 4 GiB: reachable with 32-bit addresses.
  case dma32 = 1
  /// From 4 GiB on.
  case normal = 2

  static let count = 3

  /// The frames the zone may have, whatever RAM there is.
  var bounds: FrameRange {
    switch self {
    case .dma: FrameRange(FrameNumber(0), FrameNumber(4096))
    case .dma32: FrameRange(FrameNumber(4096), FrameNumber(1 << 20))
    case .normal: FrameRange(FrameNumber(1 << 20), .none)
    }
  }

  /// The name in `/proc/zoneinfo`.
  public var name: StaticString {
    switch self {
    case .dma: "DMA"
    case .dma32: "DMA32"
    case .normal: "Normal"
    }
  }
}
