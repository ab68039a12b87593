/// The second of the heap's allocators. Linux: `mm/slab.c`, until 6.7.
///
/// Each processor has an array of free objects for each cache (``ProcessorSlot``), which is filled and emptied by half from
/// an array that its node's processors share, and from the node's slabs. These are on three lists: *full*, *partial* and
/// *free*. What is freed far from its node waits in an ``AlienArray``. Slabs begin at different places in a page
/// (*colouring*).
///
/// Tags, slabs and processors' slots are those of ``SlabCaches``.
struct ArrayCaches: ~Copyable, Sendable {
  /// A row for each cache.
  let nodes: Table<ArrayNode>
  /// The objects of shared arrays, ``sharedStride`` for each of ``nodes``.
  let shared: Table<UInt64>
  /// By cache, node of the processor, node of the slab.
  let aliens: Table<AlienArray>
  let nodeCount: Int

  static let sharedStride = 512

  /// - Parameter isUsed: otherwise it takes no memory and must not be used.
  /// - Returns: `nil` when `source` cannot hold the metadata.
  init?(nodes nodeCount: Int, isUsed: Bool, from source: MemorySource) {
    let caches = isUsed ? SlabCacheIndex.most : 0
    guard let nodes = Table<ArrayNode>(zeros: caches * nodeCount, from: source),
      let shared = Table<UInt64>(zeros: caches * nodeCount * Self.sharedStride, from: source),
      let aliens = Table<AlienArray>(zeros: caches * nodeCount * nodeCount, from: source)
    else { return nil }
    self.nodes = nodes
    self.shared = shared
    self.aliens = aliens
    self.nodeCount = nodeCount
  }

  func node(_ cache: SlabCacheIndex, _ node: Int) -> Int { cache.index * nodeCount + node }

  func alien(_ cache: SlabCacheIndex, from near: Int, to far: Int) -> Int {
    (cache.index * nodeCount + near) * nodeCount + far
  }

  /// Makes a cache's arrays and lists ready.
  func setUp(_ cache: SlabCacheIndex, _ arrays: ArrayLayout, _ memory: borrowing PhysicalMemory) {
    for index in 0..<nodeCount {
      let near = (0..<memory.processorCount).count { memory.node(ofProcessor: $0) == index }
      // Linux: init_cache_node.
      nodes[node(cache, index)].freeLimit = (1 + near) * arrays.batch + arrays.objects
    }
  }

  // MARK: Lists

  /// Puts a slab at the front of its list, or behind the others of it.
  ///
  /// - Precondition: the caller holds the node's lock.
  func add(_ slab: Int, _ list: SlabState, atEnd: Bool = false, _ place: Int, _ caches: borrowing SlabCaches) {
    let index = list.listIndex
    caches.slabs[slab].state = list
    let other = atEnd ? nodes[place].last[index] : nodes[place].first[index]
    caches.slabs[slab].previous = atEnd ? other : 0
    caches.slabs[slab].next = atEnd ? 0 : other
    if other == 0 {
      nodes[place].first[index] = UInt32(slab)
      nodes[place].last[index] = UInt32(slab)
    } else if atEnd {
      caches.slabs[Int(other)].next = UInt32(slab)
      nodes[place].last[index] = UInt32(slab)
    } else {
      caches.slabs[Int(other)].previous = UInt32(slab)
      nodes[place].first[index] = UInt32(slab)
    }
  }

  /// - Precondition: the caller holds the node's lock.
  func remove(_ slab: Int, _ place: Int, _ caches: borrowing SlabCaches) {
    let index = caches.slabs[slab].state.listIndex
    let next = caches.slabs[slab].next
    let previous = caches.slabs[slab].previous
    if previous == 0 { nodes[place].first[index] = next } else { caches.slabs[Int(previous)].next = next }
    if next == 0 { nodes[place].last[index] = previous } else { caches.slabs[Int(next)].previous = previous }
    caches.slabs[slab].state = .none
  }
}

extension SlabState {
  /// Which of an ``ArrayNode``'s lists a slab of SLAB is on.
  var listIndex: Int {
    switch self {
    case .full: 0
    case .partial: 1
    default: 2
    }
  }
}
