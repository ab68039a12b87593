/// What the layout of the kernel's heap depends on: the machine, and the kernel's boot options.
public struct HeapSettings: Equatable, Sendable {
  /// Processors that are there; as many as there can be if only one is. Linux: `num_present_cpus`, `nr_cpu_ids`.
  public var processors: Int
  /// Bytes of a word: 8, or 4 on a 32-bit machine.
  public var wordSize = 8
  /// Bytes of a line of the processor's cache.
  public var cacheLine = 64
  /// `slub_min_objects`: the fewest objects a slab should have; 0 is a rule by processors.
  public var minimumObjects = 0
  /// `slub_min_order`
  public var minimumOrder = PageOrder.single
  /// `slub_max_order`: up to which size of slabs little waste is looked for.
  public var maximumOrder = PageOrder(3)
  /// `slab_nomerge`: every cache has slabs of its own.
  public var keepsCachesApart = false
  /// `slub_debug`: what every cache is watched by.
  public var debugging: SlabCacheFlags = []
  /// Whether memory cgroups charge objects, so that the caches of plain kmalloc are kept apart from all others. Linux:
  /// `CONFIG_MEMCG_KMEM`.
  public var chargesObjects = true
  /// The most bytes of objects in a magazine, which has 4 to 127 of them; on a machine below 1 GiB a part of its memory will do.
  /// 0 is no magazines, as in Linux before 6.18 (`sheaf_capacity`).
  public var magazineBytes = 1 << 20
  /// Which part of the machine's memory, divided by this, a node may keep of each cache in full magazines, and all processors
  /// together as empty slabs; 0 for neither, and none but the slabs that Linux keeps (``SlabLayout/keptSlabs``). All of it goes
  /// back to the page allocator when memory is short.
  public var keptPart = 64
  /// The addresses that vmalloc gives out, whole pages in the upper half; 32 TiB with four levels of page tables. Linux:
  /// `VMALLOC_START`, `VMALLOC_END`.
  public var vmallocRange = VirtualAddress(0xffff_c900_0000_0000)..<VirtualAddress(0xffff_e900_0000_0000)
  /// Whether free objects' links are hidden; only SLUB's objects have any. Linux: `CONFIG_SLAB_FREELIST_HARDENED`.
  public var hidesLinks = false
  /// Whether the objects of a slab are given out in a random order; SLOB has no slabs. Linux: `CONFIG_SLAB_FREELIST_RANDOM`.
  public var shufflesSlabs = false
  /// What these two take their random numbers from.
  public var seed: UInt64 = 1
  /// Linux: `CONFIG_SLUB`, `CONFIG_SLAB`, `CONFIG_SLOB`.
  public var allocator = HeapAllocator.slub
  /// `slab_max_order`: up to which size SLAB looks for slabs with little waste. If `nil`, 1 on machines above 32 MiB and else 0
  /// (`mm/slab.c:kmem_cache_init`).
  public var slabMaximumOrder: PageOrder?
  public var rules: HeapRules = []

  public init(processors: Int) { self.processors = max(processors, 1) }

  /// Whether processors keep free objects in magazines, or arrays.
  var usesMagazines: Bool { allocator == .slab || allocator == .slub && magazineBytes > 0 }

  /// Bytes of the smallest object of kmalloc. Linux: `KMALLOC_MIN_SIZE`.
  var smallestSize: Int { allocator == .slab ? 32 : 8 }

  /// The fewest objects that a slab should have (`mm/slub.c:calculate_order`).
  var wantedObjects: Int {
    minimumObjects > 0 ? minimumObjects : 4 * (Int.bitWidth - processors.leadingZeroBitCount + 1)
  }
}

/// Which of the kernel's three allocators of objects serves the heap.
public enum HeapAllocator: UInt8, Sendable, CaseIterable, BitwiseCopyable {
  /// The unqueued allocator, which is the only one since Linux 6.8.
  case slub
  /// Bonwick's, with arrays of free objects for each processor and node. Caches that are watched are SLUB's nevertheless.
  case slab
  /// A list of blocks, for machines with little memory. It watches nothing, shares no caches, and objects of a cache must be
  /// freed with the cache's name.
  case slob
}

/// In what newer kernels' heaps differ from that of Linux 6.1.
public struct HeapRules: OptionSet, Hashable, Sendable, BitwiseCopyable {
  public var rawValue: UInt8

  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Slabs grow until little is wasted, and never have fewer objects for it. Linux 6.7: "mm/slub: remove min_objects loop from
  /// calculate_order()".
  public static let keepsWantedObjects = HeapRules(rawValue: 1 << 0)
  /// An object whose requested size is kept has its free pointer outside, and that size takes a whole word. Linux 6.12.
  public static let keepsRequestedSize = HeapRules(rawValue: 1 << 1)

  public static let linux61: HeapRules = []

  /// The rules of a version of Linux.
  public init(version: (major: Int, minor: Int)) {
    self = []
    if version >= (6, 7) { insert(.keepsWantedObjects) }
    if version >= (6, 12) { insert(.keepsRequestedSize) }
  }
}
