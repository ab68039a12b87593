import Synchronization

/// The heap's caches and their slabs, by the unqueued allocator. Linux: `mm/slub.c`.
///
/// Each processor takes objects from a magazine and puts them into it (``Magazines``), and exchanges full and empty ones with
/// its node's ``Depot``. Only where these have none, or no room, slabs are looked at. A slab belongs to the processor that
/// took it, until that gives it to its node: its owner's objects need no atomic operation. What others free there goes to
/// the slab's ``ReturnedObjects``, which its owner collects when it has nothing else. Linux 6.1 has no magazines, and lets a
/// processor keep only some slabs (``SlabLayout/slabsKeptByProcessor(_:)``); here it keeps more until another processor of
/// the node wants some.
///
/// Several threads may allocate and free at once, each under its own processor number. Creating and destroying caches needs
/// that nobody else does anything meanwhile.
@usableFromInline
struct SlabCaches: ~Copyable, Sendable {
  private let place = KeptInPlace()
  /// By frame, what it is used for.
  @usableFromInline let tags: Table<FrameTag>
  /// By first frame.
  let slabs: Table<Slab>
  /// A row of ``SlabCacheIndex/most`` for each processor.
  @usableFromInline let slots: Table<ProcessorSlot>
  /// By processor, the frames of its slabs that are empty.
  let emptyFrames: Table<Int>
  /// Up to how many of them a processor keeps whatever they are of.
  let keptFrames: Int
  let processorCount: Int
  /// A row for each cache.
  let nodes: Table<NodeSlabs>
  /// A row for each cache.
  let depots: Table<Depot>
  @usableFromInline let magazines: Magazines
  let nodeCount: Int
  /// By number.
  let shapes: Table<SlabCacheShape>
  let settings: HeapSettings
  /// What was found wrong with watched objects.
  let reports = Locked(ReportLog())
  /// By cache.
  let constructors = Locked([ObjectConstructor?](repeating: nil, count: SlabCacheIndex.kmallocCount))
  /// What waits for the end of a grace period.
  let deferred = Locked([DeferredFree]())

  /// - Returns: `nil` when `source` cannot hold the metadata.
  init?(frames: Int, processors: Int, nodes nodeCount: Int, _ settings: HeapSettings, from source: MemorySource) {
    guard let tags = Table<FrameTag>(zeros: frames, from: source), let slabs = Table<Slab>(zeros: frames, from: source),
      let slots = Table<ProcessorSlot>(zeros: SlabCacheIndex.most * processors, from: source),
      let nodes = Table<NodeSlabs>(zeros: SlabCacheIndex.most * nodeCount, from: source),
      let shapes = Table<SlabCacheShape>(zeros: SlabCacheIndex.most, from: source),
      let depots = Table<Depot>(zeros: SlabCacheIndex.most * nodeCount, from: source),
      let magazines = Magazines(
        count: settings.usesMagazines ? frames + 2 * processors * SlabCacheIndex.most : 0, from: source)
    else { return nil }
    self.tags = tags
    self.slabs = slabs
    self.slots = slots
    self.nodes = nodes
    self.depots = depots
    self.shapes = shapes
    self.magazines = magazines
    emptyFrames = Table(count: processors) { _ in 0 }
    keptFrames = settings.keptPart == 0 ? 0 : frames / settings.keptPart / processors
    self.nodeCount = nodeCount
    self.settings = settings
    processorCount = processors
  }

  /// - Precondition: the machine has the processor; another one's slot lies outside of the table.
  @inlinable @inline(__always)
  func slot(_ cache: SlabCacheIndex, _ processor: Int) -> Int { processor &* SlabCacheIndex.most &+ cache.index &+ 1 }

  /// The slot of the cache whose slab has a frame, an empty one if the frame is no slab's.
  @inlinable @inline(__always)
  func slot(of tag: FrameTag, _ processor: Int) -> Int {
    processor &* SlabCacheIndex.most &+ Int(truncatingIfNeeded: tag.number)
  }

  func node(_ cache: SlabCacheIndex, _ node: Int) -> Int { cache.index * nodeCount + node }

  /// Forgets a cache that has no slab any more. Its number is not used again.
  func end(_ cache: SlabCacheIndex) {
    shapes[cache.index].layout.objectSize = 0
    shapes[cache.index].flags = []
    for processor in 0..<processorCount {
      let slot = slot(cache, processor)
      slots[slot].tag = .none
      slots[slot].capacity = 0
    }
  }

  /// Makes a cache's slots ready.
  func setUp(_ cache: SlabCacheIndex, _ shape: SlabCacheShape, _ memory: borrowing PhysicalMemory) {
    shapes[cache.index] = shape
    let layout = shape.layout
    if shape.allocator == .slob { return }
    let capacity =
      shape.isWatched || shape.allocator == .slab || settings.magazineBytes == 0
      ? 0 : min(max(min(settings.magazineBytes, tags.count * 4) / layout.size, 4), Magazines.capacity)
    for processor in 0..<processorCount {
      let slot = slot(cache, processor)
      slots[slot].size = UInt32(layout.size)
      slots[slot].divisor = shape.allocator == .slab ? 0 : .max / UInt64(layout.size) + 1
      slots[slot].offsetMask = UInt32(layout.order.byteCount - 1)
      slots[slot].tag = FrameTag(
        cache, layout.order, node: memory.node(ofProcessor: processor), isWatched: shape.isWatched)
      slots[slot].capacity = UInt32(capacity)
      slots[slot].wantedPartial = UInt32(layout.slabsKeptByProcessor(shape.flags))
      slots[slot].keptEmpty = UInt32(layout.keptSlabs)
    }
    guard capacity > 0, settings.keptPart > 0 else { return }
    let bytes = tags.count / settings.keptPart * Int(PageSize.bytes)
    for node in 0..<nodeCount {
      depots[self.node(cache, node)].most = UInt32(max(bytes / (capacity * layout.size), 1))
    }
  }
}
