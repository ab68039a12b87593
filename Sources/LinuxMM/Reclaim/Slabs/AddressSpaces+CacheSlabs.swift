/// The memory of the trees of page cache and swap cache and of buffers, which pages compete with.
extension AddressSpaces where P: ~Copyable {
  /// Nodes of all trees.
  private var treeNodes: Int { cache.nodes.count + swap.nodeCount }

  /// Takes frames for the nodes that a page about to be cached may need (`lib/xarray.c:xas_nomem`,
  /// `mm/slub.c:allocate_slab`). Without a frame the nodes live on credit.
  ///
  /// - Parameter canReclaim: whether the caller may wait for memory.
  @inline(__always)
  mutating func makeRoomForNodes(canReclaim: Bool) {
    // A page needs a leaf, and rarely a node above it.
    if treeSlabs.capacity < treeNodes + 2 { growTrees(canReclaim: canReclaim) }
  }

  @inline(never)
  private mutating func growTrees(canReclaim: Bool) {
    guard let slab = takeSlab(treeSlabs, canReclaim ? .kernel : .high) else { return }
    treeSlabs.add(slab.frame, slab.order)
  }

  /// Gives a page of a file that is written to what its file system keeps for it (`fs/buffer.c:create_empty_buffers`, as ext4
  /// does). The caller uses the page.
  mutating func attachBuffer(_ frame: FrameNumber) {
    let flags = memory.frames[frame.index].flags
    guard flags.contains(.cached), flags.isDisjoint(with: [.sharedMemory, .buffered]) else { return }
    memory.frames[frame.index].flags.insert(.buffered)
    cache.buffers += 1
    guard bufferSlabs.capacity < cache.buffers, let slab = takeSlab(bufferSlabs, [.directReclaim, .kswapdReclaim, .io])
    else { return }
    bufferSlabs.add(slab.frame, slab.order)
  }

  /// A new slab for objects that are given back on demand (`mm/slub.c:allocate_slab`).
  private mutating func takeSlab(_ slabs: PackedSlabs, _ flags: GFPFlags) -> (frame: FrameNumber, order: PageOrder)? {
    var order = slabs.usualOrder
    var frame: FrameNumber?
    // One slab of the usual size is tried without reclaim, and a smaller one if that fails.
    if order > slabs.smallestOrder {
      let usual = flags.subtracting([.directReclaim, .kswapdReclaim]).union([
        .noWarn, .noRetry, .noReserve, .reclaimable,
      ])
      frame = try? allocatePages(order, usual, processor: memory.processor)
    }
    if frame == nil {
      order = slabs.smallestOrder
      let last = flags.contains(.directReclaim) ? flags : flags.union([.noReserve, .noWarn])
      frame = try? allocatePages(order, last.union(.reclaimable), processor: memory.processor)
    }
    guard let frame else { return nil }
    memory.statistics.reclaimableSlabPages += order.frameCount
    return (frame, order)
  }

  /// Gives frames back that no node and no buffer needs.
  ///
  /// - Returns: their number.
  @discardableResult
  mutating func trimSlabs() -> Int {
    var freed = 0
    while let slab = treeSlabs.takeSpare(objects: treeNodes) { freed += free(slab) }
    return freed + trimBuffers(keeping: 0)
  }

  /// The same of buffers only.
  ///
  /// - Parameter kept: slabs that stay in any case.
  mutating func trimBuffers(keeping kept: Int) -> Int {
    var freed = 0
    while let slab = bufferSlabs.takeSpare(objects: cache.buffers, keeping: kept) { freed += free(slab) }
    return freed
  }

  private mutating func free(_ slab: (frame: FrameNumber, order: PageOrder)) -> Int {
    memory.free(slab.frame, slab.order, processor: memory.processor)
    memory.statistics.reclaimableSlabPages -= slab.order.frameCount
    return slab.order.frameCount
  }

  /// Forgets evicted pages when there are more shadows than pages they could be compared with: one node for eight pages
  /// (`mm/workingset.c:count_shadow_nodes`, `scan_shadow_nodes`, `mm/vmscan.c:do_shrink_slab`).
  ///
  /// - Returns: the frames freed.
  mutating func shrinkShadows(priority: Int) -> Int {
    guard !cache.shadows.isEmpty else { return 0 }
    let figures = memory.statistics
    let pages = figures.reclaimableSlabPages + figures.filePages + figures.anonymousPages
    let spare = cache.shadows.count - pages >> 3
    guard spare > 0 else { return 0 }
    // They cost no reading, so that half of them goes at once.
    var wanted = min(deferredShadows >> priority + spare / 2, 2 * spare)
    let planned = deferredShadows + spare / 2
    var scanned = 0
    while wanted >= Self.shadowBatch || wanted >= spare {
      let batch = min(wanted, Self.shadowBatch, cache.shadows.count)
      if batch == 0 { break }
      for _ in 0..<batch { dropOldestShadows() }
      wanted -= batch
      scanned += batch
    }
    memory.statistics.slabsScanned += UInt64(scanned)
    memory.statistics.shadowNodesReclaimed += UInt64(scanned)
    deferredShadows = min(max(planned - scanned, 0), 2 * spare)
    return scanned > 0 ? trimSlabs() : 0
  }

  /// Linux: `SHRINK_BATCH`.
  private static var shadowBatch: Int { 128 }

  private mutating func dropOldestShadows() {
    let name = cache.shadows.first
    let node = ShadowList.node(name)
    if ShadowList.isOfSwap(name) {
      for place in swap.slots(ofNode: Int(node)) { setSwapEntry(place, .empty) }
    } else {
      cache.removeShadows(ofNode: node)
    }
  }

  /// Sets what the swap cache has for a slot.
  mutating func setSwapEntry(_ place: Int, _ entry: CacheEntry) {
    let node = swap.setEntry(place, entry)
    cache.shadows.set(ShadowList.swapNode(node), swap.holdsShadowsOnly(node))
  }
}
