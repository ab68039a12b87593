/// What a request for frames permits and wants. Linux: `gfp_t`, with the kernel's values
/// (`include/linux/gfp_types.h`).
public struct GFPFlags: OptionSet, Hashable, Sendable, BitwiseCopyable {
  public var rawValue: UInt32

  @inlinable @inline(__always)
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  // Where the frames may lie.
  public static let dma = GFPFlags(rawValue: 0x1)
  public static let highmem = GFPFlags(rawValue: 0x2)
  public static let dma32 = GFPFlags(rawValue: 0x4)
  /// The pages can be moved; with ``highmem`` the movable zone will do.
  public static let movable = GFPFlags(rawValue: 0x8)
  /// The pages are a cache that a shrinker gives back.
  public static let reclaimable = GFPFlags(rawValue: 0x10)

  // What may be done to get them.
  /// May use a part of the reserve.
  public static let high = GFPFlags(rawValue: 0x20)
  /// Reclaim may start I/O.
  public static let io = GFPFlags(rawValue: 0x40)
  /// Reclaim may call into file systems.
  public static let fs = GFPFlags(rawValue: 0x80)
  /// The caller cannot wait.
  public static let atomic = GFPFlags(rawValue: 0x200)
  /// The caller may reclaim memory itself.
  public static let directReclaim = GFPFlags(rawValue: 0x400)
  /// The background reclaimer may be woken.
  public static let kswapdReclaim = GFPFlags(rawValue: 0x800)
  /// Fail rather than reclaim twice.
  public static let noRetry = GFPFlags(rawValue: 0x1_0000)
  /// Try hard, but fail rather than kill a process.
  public static let retryMayFail = GFPFlags(rawValue: 0x4000)
  /// Never fail.
  public static let noFail = GFPFlags(rawValue: 0x8000)
  /// May use all reserves: the memory serves to free more.
  public static let memoryAllocation = GFPFlags(rawValue: 0x2_0000)
  /// May use no reserve, whoever asks. Linux: `__GFP_NOMEMALLOC`.
  public static let noReserve = GFPFlags(rawValue: 0x8_0000)

  // What the frames are for.
  /// Filled with zeros.
  @inlinable public static var zero: GFPFlags { GFPFlags(rawValue: 0x100) }
  /// The page will be written soon: spread dirty pages over the nodes.
  public static let write = GFPFlags(rawValue: 0x1000)
  /// No report if it fails.
  public static let noWarn = GFPFlags(rawValue: 0x2000)
  /// The block is one page.
  public static let compound = GFPFlags(rawValue: 0x4_0000)
  /// Only nodes of the caller's cpuset.
  public static let hardWall = GFPFlags(rawValue: 0x10_0000)
  /// Only the wanted node.
  public static let thisNode = GFPFlags(rawValue: 0x20_0000)
  /// Charged to the caller's memory cgroup.
  public static let account = GFPFlags(rawValue: 0x40_0000)
  public static let zeroTags = GFPFlags(rawValue: 0x80_0000)

  public static let reclaim: GFPFlags = [.directReclaim, .kswapdReclaim]

  // The usual combinations. Linux: GFP_ATOMIC, GFP_KERNEL, ...
  public static let atomicRequest: GFPFlags = [.high, .atomic, .kswapdReclaim]
  public static let noWait: GFPFlags = [.kswapdReclaim]
  public static let noIO: GFPFlags = .reclaim
  public static let noFS: GFPFlags = [.reclaim, .io]
  /// ``reclaim``, ``io`` and ``fs``.
  @inlinable public static var kernel: GFPFlags { GFPFlags(rawValue: 0xcc0) }
  public static let kernelAccount: GFPFlags = [.kernel, .account]
  public static let user: GFPFlags = [.kernel, .hardWall]
  public static let highUser: GFPFlags = [.user, .highmem]
  public static let highUserMovable: GFPFlags = [.highUser, .movable]
  /// Pages of files that nobody has asked for yet. Linux: `readahead_gfp_mask`.
  static let readahead: GFPFlags = [.highUserMovable, .noRetry, .noWarn]
  public static let hugePageLight: GFPFlags =
    GFPFlags([.highUserMovable, .compound, .noReserve, .noWarn]).subtracting(.reclaim)
  public static let hugePage: GFPFlags = [.hugePageLight, .directReclaim]

  /// The highest kind of zone that will do, or `nil` for a combination that means nothing
  /// (`include/linux/gfp.h:gfp_zone`).
  @inline(__always)
  public var highestZone: ZoneKind? {
    // One digit for each combination of the lowest four flags, 15 for those that mean nothing.
    let digits: UInt64 = 0xfff1_f402_fff1_f302
    let kind = Int(truncatingIfNeeded: digits >> UInt64((rawValue & 15) << 2) & 15)
    return kind == 15 ? nil : ZoneKind(kind)
  }

  /// The kind of use the pages are for, or `nil` for movable and reclaimable at once
  /// (`include/linux/gfp.h:gfp_migratetype`).
  @inline(__always)
  public var migrationType: MigrationType? {
    let type = UInt8(truncatingIfNeeded: rawValue >> 3 & 3)
    return type == 3 ? nil : MigrationType(type)
  }

  /// Whether compaction may run for the request (`include/linux/gfp.h:gfp_compaction_allowed`).
  var permitsCompaction: Bool { contains(.io) }
}
