/// The memory of the trees of page cache and swap cache, which pages compete with.
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
    // One slab is tried without reclaim, and a smaller one if that fails.
    let usual: GFPFlags = canReclaim ? [.io, .fs] : .high
    var order = treeSlabs.usualOrder
    var frame = try? allocatePages(
      order, usual.union([.reclaimable, .noWarn, .noRetry, .noReserve]), processor: memory.processor)
    if frame == nil {
      order = treeSlabs.smallestOrder
      let flags: GFPFlags = canReclaim ? .kernel : [.high, .noReserve, .noWarn]
      frame = try? allocatePages(order, flags.union(.reclaimable), processor: memory.processor)
    }
    guard let frame else { return }
    treeSlabs.add(frame, order)
    memory.statistics.reclaimableSlabPages += order.frameCount
  }

  /// Gives frames back that no node needs.
  ///
  /// - Returns: their number.
  @discardableResult
  mutating func trimTrees() -> Int {
    var freed = 0
    while let slab = treeSlabs.takeSpare(nodes: treeNodes) {
      memory.free(slab.frame, slab.order, processor: memory.processor)
      memory.statistics.reclaimableSlabPages -= slab.order.frameCount
      freed += slab.order.frameCount
    }
    return freed
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
    return scanned > 0 ? trimTrees() : 0
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
