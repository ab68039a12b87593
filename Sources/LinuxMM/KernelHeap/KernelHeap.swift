/// The kernel's heap on a machine of its own: caches of objects and kmalloc, over a page allocator and real memory.
///
/// ```swift
/// let heap = KernelHeap(PhysicalConfiguration(map: map), processors: 2, from: .host)!
/// let socket = try heap.createCache(SlabCacheRequest(name: "socket", objectSize: 704, flags: .cacheLineAligned))
/// let object = try heap.allocate(socket, processor: 0)
/// try heap.free(object, socket, processor: 0)
/// ```
///
/// Several threads may allocate and free at once, each under its own processor number. Lend the value (`borrowing`) to the
/// function that works with it. Creating, destroying and shrinking caches and all views need that nobody else does
/// anything meanwhile.
public struct KernelHeap<P: Platform & ~Copyable & Sendable>: ~Copyable, Sendable {
  public let memory: PhysicalMemory
  public let platform: P
  @usableFromInline let caches: SlabCaches
  /// What SLAB and SLOB have besides, if they serve.
  let arrays: ArrayCaches
  let blocks = BlockLists()
  let shrinkers = Locked(ShrinkerList())
  /// What vmalloc's addresses are used for, and where they lead.
  let areas: Locked<VmallocAreas>
  let tables: KernelPageTables
  /// By number; `nil` where there is no cache.
  var descriptions: [SlabCacheDescription?]

  /// What the heap was made with.
  public var settings: HeapSettings { caches.settings }

  /// Makes the caches of kmalloc.
  ///
  /// - Parameters:
  ///   - memory: the page allocator; its processors are the heap's.
  ///   - platform: the bytes of its frames.
  ///   - tables: the processor's page tables: four levels, or five.
  ///   - source: where the metadata is kept: 4 bytes a frame, 64 for each slab, and 1 KiB for each magazine.
  /// - Returns: `nil` when `source` cannot hold the metadata.
  public init?(
    _ memory: consuming PhysicalMemory, _ platform: consuming P, _ settings: HeapSettings? = nil,
    tables geometry: PageTableGeometry = .fourLevels, metadata source: MemorySource
  ) {
    precondition(geometry.levelCount >= 4, "the heap is one of 64-bit machines")

    let processors = memory.processorCount
    var settings = settings ?? HeapSettings(processors: processors)
    if settings.slabMaximumOrder == nil && memory.managedFrames <= (32 << 20) >> PageSize.shift {
      settings.slabMaximumOrder = .single
    }
    let caches = SlabCaches(
      frames: Int(memory.end.rawValue), processors: processors, nodes: memory.nodeCount,
      settings, from: source)
    let arrays = ArrayCaches(nodes: memory.nodeCount, isUsed: settings.allocator == .slab, from: source)
    guard let caches, let arrays else { return nil }
    self.memory = memory
    self.platform = platform
    self.caches = caches
    tables = KernelPageTables(geometry)
    self.arrays = arrays
    areas = Locked(VmallocAreas(settings.vmallocRange, processors: settings.processors))
    descriptions = [SlabCacheDescription?](repeating: nil, count: SlabCacheIndex.kmallocCount)
    createKmallocCaches()
  }
}
