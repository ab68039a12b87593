// The cases have the names that the kernel gives them.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

/// A kind of machine, by what the layout of its kernel's memory depends on.
public enum Architecture: Sendable, CaseIterable {
  /// 64-bit: DMA, DMA32, Normal, Movable and Device zones.
  case x86_64
  /// 32-bit with two levels of page tables: DMA, Normal, HighMem and Movable zones, 4 MiB pageblocks.
  case i386
  /// 32-bit with three levels of page tables (PAE): as `i386`, with 2 MiB pageblocks and up to 64 GiB of RAM.
  case i386PAE

  /// The kinds of zones a node of such a machine has, populated or not, in the kernel's order.
  /// Linux: `enum zone_type` as configured.
  public var zoneKinds: [ZoneKind] {
    self == .x86_64 ? [.dma, .dma32, .normal, .movable, .device] : [.dma, .normal, .highmem, .movable]
  }

  /// The size of a pageblock, see `Pageblock`. Linux: `pageblock_order`.
  public var pageblockOrder: PageOrder { self == .i386 ? PageOrder(10) : PageOrder(9) }

  /// The most RAM it can address, in frames.
  public var frameLimit: UInt64 {
    switch self {
    case .x86_64: 1 << 32 - 1 << 20
    case .i386: 1 << 20
    case .i386PAE: 1 << 24
    }
  }

  /// The usual end of the memory that a 32-bit kernel maps all the time: 896 MiB. Linux: `MAXMEM`.
  public static let usualLowMemoryEnd = FrameNumber(896 << 8)
}
