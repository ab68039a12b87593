extension SlabCaches {
  /// Gives everything that a processor keeps of a cache back to its slabs, and these to their nodes (`mm/slub.c:flush_slab`).
  ///
  /// - Complexity: O(objects and slabs kept).
  func flush<P: Platform & ~Copyable>(
    _ cache: SlabCacheIndex, processor: Int, _ memory: borrowing PhysicalMemory, _ platform: borrowing P
  ) {
    let slot = slot(cache, processor)
    emptyMagazines(cache, slot, processor, memory, platform)
    var object = slots[slot].head
    slots[slot].head = 0
    slots[slot].free = 0
    while object != 0 {
      let next = link(object, cache, platform)
      giveToSlab(object, cache, slot, processor, memory, platform)
      object = next
    }
    giveFresh(cache, slot, processor, memory, platform)
    collectReturned(cache, slot, processor, memory, platform)
    while slots[slot].partial != 0 {
      let slab = Int(slots[slot].partial)
      if slabs[slab].inUse == 0 && slabs[slab].returned.load() == .init(owner: processor) {
        removePartial(slab, slot, processor)
        release(slab, cache, processor, memory)
      } else if !share(slab, cache, slot, processor, memory) {
        collectReturned(cache, slot, processor, memory, platform)
      }
    }
  }

  /// Gives the objects that were never allocated back to their slab. That may be another's by now: objects of it that were
  /// freed have brought it to its node.
  private func giveFresh<P: Platform & ~Copyable>(
    _ cache: SlabCacheIndex, _ slot: Int, _ processor: Int, _ memory: borrowing PhysicalMemory, _ platform: borrowing P
  ) {
    let first = slots[slot].fresh
    let end = slots[slot].end
    guard first != end else { return }
    slots[slot].fresh = end
    let frame = Int(first >> UInt64(PageSize.shift))
    let slab = tags[frame].firstFrame(frame)
    let size = UInt64(slots[slot].size)
    guard slabs[slab].returned.load().isOwned(by: processor) else {
      for object in stride(from: first, to: end, by: Int(size)) {
        giveToSlab(object, cache, slot, processor, memory, platform)
      }
      return
    }
    slabs[slab].fresh = first
    slabs[slab].inUse -= UInt32((end - first) / size)
    settle(slab, cache, slot, processor, memory)
  }

  /// Gives back what a processor and the depots keep of a cache: memory is short. Others may go on meanwhile.
  ///
  /// - Complexity: O(objects kept).
  func reclaim<P: Platform & ~Copyable>(
    _ cache: SlabCacheIndex, processor: Int, _ memory: borrowing PhysicalMemory, _ platform: borrowing P
  ) {
    for node in 0..<nodeCount { emptyDepot(cache, node: node, processor, memory, platform) }
    flush(cache, processor: processor, memory, platform)
  }

  /// Gives all slabs of a cache that are empty back to the page allocator (`mm/slub.c:__kmem_cache_shrink`).
  ///
  /// - Precondition: nobody else uses the cache meanwhile.
  func shrink<P: Platform & ~Copyable>(
    _ cache: SlabCacheIndex, _ memory: borrowing PhysicalMemory, _ platform: borrowing P
  ) {
    for node in 0..<nodeCount { emptyDepot(cache, node: node, 0, memory, platform) }
    // What one processor gives back may be another's.
    for _ in 0..<2 {
      for processor in 0..<processorCount { flush(cache, processor: processor, memory, platform) }
    }
    for index in 0..<nodeCount {
      let node = node(cache, index)
      var slab = Int(nodes[node].first)
      while slab != 0 {
        let next = Int(slabs[slab].next)
        if slabs[slab].inUse == 0 {
          removeShared(slab, node)
          release(slab, cache, 0, memory)
        }
        slab = next
      }
    }
  }
}
