/// A kind of zone, by the addresses devices can reach and by what may live there.
///
/// Linux: `enum zone_type`. A machine has the kinds of its ``Architecture``; the others stay without frames.
public struct ZoneKind: Hashable, CaseIterable, Comparable, Sendable, BitwiseCopyable {
  /// Ascending with the addresses.
  public let rawValue: Int

  /// - Parameter rawValue: 0 to 5.
  @inline(__always)
  init(_ rawValue: Int) { self.rawValue = rawValue }

  /// The kind of a number, or `nil` if there is none.
  public init?(rawValue: Int) {
    guard (0..<Self.count).contains(rawValue) else { return nil }
    self.rawValue = rawValue
  }

  /// Below 16 MiB: reachable by ISA devices.
  public static let dma = ZoneKind(0)
  /// 16 MiB to 4 GiB on 64-bit machines: reachable with 32-bit addresses.
  public static let dma32 = ZoneKind(1)
  /// What the kernel maps all the time: from 4 GiB on, or 16 MiB to 896 MiB on 32-bit machines.
  public static let normal = ZoneKind(2)
  /// What a 32-bit kernel maps only for a moment.
  public static let highmem = ZoneKind(3)
  /// Only pages that can be moved, so that the memory can be emptied.
  public static let movable = ZoneKind(4)
  /// Memory of devices.
  public static let device = ZoneKind(5)

  public static var allCases: [ZoneKind] { [.dma, .dma32, .normal, .highmem, .movable, .device] }

  static let count = 6

  /// The frames a zone of this kind may have on a machine, movable and device zones aside
  /// (`arch/x86/mm/init.c:zone_sizes_init`).
  func bounds(_ architecture: Architecture, lowMemoryEnd: FrameNumber) -> FrameRange {
    let isa = FrameNumber(4096)
    let wide = FrameNumber(1 << 20)
    switch (self, architecture) {
    case (.dma, _): return FrameRange(FrameNumber(0), isa)
    case (.dma32, .x86_64): return FrameRange(isa, wide)
    case (.normal, .x86_64): return FrameRange(wide, .none)
    case (.normal, _): return FrameRange(isa, lowMemoryEnd)
    case (.highmem, .i386), (.highmem, .i386PAE): return FrameRange(lowMemoryEnd, .none)
    default: return FrameRange(FrameNumber(0), FrameNumber(0))
    }
  }

  /// The name in `/proc/zoneinfo`.
  public var name: StaticString {
    switch self {
    case .dma: "DMA"
    case .dma32: "DMA32"
    case .normal: "Normal"
    case .highmem: "HighMem"
    case .movable: "Movable"
    default: "Device"
    }
  }

  @inline(__always)
  public static func < (left: ZoneKind, right: ZoneKind) -> Bool { left.rawValue < right.rawValue }
}
