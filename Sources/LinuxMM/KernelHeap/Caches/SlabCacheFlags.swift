/// What a cache of objects is for and how it is watched. Linux: `slab_flags_t`, with the kernel's values
/// (`include/linux/slab.h`).
public struct SlabCacheFlags: OptionSet, Hashable, Sendable, BitwiseCopyable {
  public var rawValue: UInt32

  @inline(__always)
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  // Where its objects lie.
  /// Objects begin at lines of the processor's cache, small ones share one evenly. Linux: `SLAB_HWCACHE_ALIGN`.
  public static let cacheLineAligned = SlabCacheFlags(rawValue: 0x2000)
  public static let dma = SlabCacheFlags(rawValue: 0x4000)
  public static let dma32 = SlabCacheFlags(rawValue: 0x8000)

  // Whose they are.
  /// A cache of kmalloc.
  public static let kmalloc = SlabCacheFlags(rawValue: 0x1000)
  /// A shrinker gives them back under pressure. Linux: `SLAB_RECLAIM_ACCOUNT`.
  public static let reclaimable = SlabCacheFlags(rawValue: 0x2_0000)
  /// Charged to memory cgroups.
  public static let account = SlabCacheFlags(rawValue: 0x400_0000)

  // What happens to freed ones.
  /// A freed object stays an object of the cache until all who may still look at it are done. Linux:
  /// `SLAB_TYPESAFE_BY_RCU`.
  public static let typeSafe = SlabCacheFlags(rawValue: 0x8_0000)
  /// The machine stops if the cache cannot be created.
  public static let panic = SlabCacheFlags(rawValue: 0x4_0000)

  // How it is watched.
  /// Every operation checks the slab it works on. Linux: `SLAB_CONSISTENCY_CHECKS`.
  public static let checked = SlabCacheFlags(rawValue: 0x100)
  /// Bytes before and behind each object that nobody may write. Linux: `SLAB_RED_ZONE`.
  public static let redZone = SlabCacheFlags(rawValue: 0x400)
  /// Free objects are filled with a pattern. Linux: `SLAB_POISON`.
  public static let poison = SlabCacheFlags(rawValue: 0x800)
  /// Who allocated and who freed an object is kept. Linux: `SLAB_STORE_USER`.
  public static let storeUser = SlabCacheFlags(rawValue: 0x1_0000)
  /// Each operation is told of.
  public static let trace = SlabCacheFlags(rawValue: 0x20_0000)
  /// Left out of the search for leaks.
  public static let noLeakTrace = SlabCacheFlags(rawValue: 0x80_0000)
  /// Allocations fail on purpose.
  public static let failing = SlabCacheFlags(rawValue: 0x200_0000)

  /// What a debugged cache has by default. Linux: `DEBUG_DEFAULT_FLAGS`, the boot option `slub_debug` without letters.
  public static let debugging: SlabCacheFlags = [.checked, .redZone, .poison, .storeUser]
  /// Caches with one of these stay by themselves. Linux: `SLAB_NEVER_MERGE`.
  static let unmergeable: SlabCacheFlags = [
    .redZone, .poison, .storeUser, .trace, .typeSafe, .noLeakTrace, .failing,
  ]
  /// Caches that are to be one must agree in these. Linux: `SLAB_MERGE_SAME`.
  static let mergeRelevant: SlabCacheFlags = [.reclaimable, .dma, .dma32, .account]
}
