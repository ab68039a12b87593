extension ArrayCaches {
  /// Takes an object (`mm/slab.c:____cache_alloc`).
  ///
  /// - Complexity: O(1), O(batch) where the processor's array is filled, and what the page allocator takes for a new slab.
  func allocate<P: Platform & ~Copyable>(
    _ cache: SlabCacheIndex, _ flags: GFPFlags, processor: Int, node: Int? = nil, _ caches: borrowing SlabCaches,
    _ memory: borrowing PhysicalMemory, _ platform: borrowing P
  ) throws(AllocationFailure) -> UInt64 {
    let near = memory.node(ofProcessor: processor)
    if let node, node != near {
      return try allocate(cache, flags, processor, onNode: node, caches, memory, platform)
    }
    let slot = caches.slot(cache, processor)
    let object = caches.take(slot)
    if object != 0 { return object }
    if caches.slots[slot].first == 0 { caches.setArray(slot, caches.shapes[cache.index].arrays.limit) }
    if caches.slots[slot].first != 0,
      refill(cache, slot, flags, processor, near, caches, memory, platform)
    {
      return caches.take(slot)
    }
    return try allocate(cache, flags, processor, onNode: near, caches, memory, platform)
  }

  /// Fills a processor's empty array (`mm/slab.c:cache_alloc_refill`).
  ///
  /// - Returns: whether it has an object now.
  private func refill<P: Platform & ~Copyable>(
    _ cache: SlabCacheIndex, _ slot: Int, _ flags: GFPFlags, _ processor: Int, _ near: Int,
    _ caches: borrowing SlabCaches, _ memory: borrowing PhysicalMemory, _ platform: borrowing P
  ) -> Bool {
    let shape = caches.shapes[cache.index]
    let place = node(cache, near)
    // Little is taken where little was asked for lately. Linux: BATCHREFILL_LIMIT.
    var left = caches.slots[slot].isTouched ? shape.arrays.batch : min(shape.arrays.batch, 16)
    nodes[place].lock.lock()
    let fromShared = min(nodes[place].shared, left)
    if fromShared > 0 {
      let start = place * Self.sharedStride + nodes[place].shared - fromShared
      for index in 0..<fromShared { caches.push(shared[start + index], slot) }
      nodes[place].shared -= fromShared
      nodes[place].isSharedTouched = true
    } else {
      while left > 0, let slab = takeSlab(place, caches) {
        while left > 0 && Int(caches.slabs[slab].inUse) < shape.arrays.objects {
          caches.push(takeObject(slab, shape, caches, platform), slot)
          nodes[place].freeObjects -= 1
          left -= 1
        }
        settle(slab, place, shape, caches)
      }
    }
    nodes[place].lock.unlock()
    if caches.slots[slot].rounds == 0 {
      let exact = flags.union([.thisNode, .noWarn]).subtracting(.noFail)
      guard let slab = try? grow(cache, exact, processor, node: near, caches, memory, platform) else { return false }
      while left > 0 && Int(caches.slabs[slab].inUse) < shape.arrays.objects {
        caches.push(takeObject(slab, shape, caches, platform), slot)
        left -= 1
      }
      add(grown: slab, cache, caches, memory)
    }
    caches.slots[slot].isTouched = true
    return true
  }

  /// Takes a slab with free objects off its list: a partial one, or else an empty one (`mm/slab.c:get_first_slab`).
  ///
  /// - Precondition: the caller holds the node's lock.
  private func takeSlab(_ place: Int, _ caches: borrowing SlabCaches) -> Int? {
    var slab = Int(nodes[place].first[SlabState.partial.listIndex])
    if slab == 0 {
      nodes[place].isTouched = true
      slab = Int(nodes[place].first[SlabState.empty.listIndex])
    }
    guard slab != 0 else { return nil }
    remove(slab, place, caches)
    return slab
  }

  /// Takes an object of a node's slabs past the arrays, and of another node's if that has none (`____cache_alloc_node`,
  /// `fallback_alloc`).
  private func allocate<P: Platform & ~Copyable>(
    _ cache: SlabCacheIndex, _ flags: GFPFlags, _ processor: Int, onNode wanted: Int, _ caches: borrowing SlabCaches,
    _ memory: borrowing PhysicalMemory, _ platform: borrowing P
  ) throws(AllocationFailure) -> UInt64 {
    if let object = takeDirectly(cache, wanted, caches, platform) { return object }
    let near = memory.node(ofProcessor: processor)
    let shape = caches.shapes[cache.index]
    let exact = flags.union([.thisNode, .noWarn]).subtracting(.noFail)
    var slab = try? grow(cache, exact, processor, node: wanted, caches, memory, platform)
    if slab == nil {
      if !flags.contains(.thisNode) {
        for other in memory.nodes(from: near) {
          if let object = takeDirectly(cache, other, caches, platform) { return object }
        }
      }
      slab = try grow(
        cache, flags, processor, node: flags.contains(.thisNode) ? wanted : near, caches, memory, platform)
    }
    let object = takeObject(slab!, shape, caches, platform)
    add(grown: slab!, cache, caches, memory)
    return object
  }

  private func takeDirectly<P: Platform & ~Copyable>(
    _ cache: SlabCacheIndex, _ node: Int, _ caches: borrowing SlabCaches, _ platform: borrowing P
  ) -> UInt64? {
    let shape = caches.shapes[cache.index]
    let place = self.node(cache, node)
    nodes[place].lock.lock()
    defer { nodes[place].lock.unlock() }
    guard let slab = takeSlab(place, caches) else { return nil }
    let object = takeObject(slab, shape, caches, platform)
    nodes[place].freeObjects -= 1
    settle(slab, place, shape, caches)
    return object
  }

  /// Gives an object back (`mm/slab.c:___cache_free`).
  ///
  /// - Precondition: it is one of the cache.
  func free<P: Platform & ~Copyable>(
    _ object: UInt64, _ cache: SlabCacheIndex, processor: Int, _ caches: borrowing SlabCaches,
    _ memory: borrowing PhysicalMemory, _ platform: borrowing P
  ) {
    let near = memory.node(ofProcessor: processor)
    let home = memory.node(of: FrameNumber(UInt32(truncatingIfNeeded: object >> UInt64(PageSize.shift))))
    if home != near { return freeFar(object, cache, near, home, processor, caches, memory, platform) }
    let slot = caches.slot(cache, processor)
    if caches.slots[slot].first == 0 { caches.setArray(slot, caches.shapes[cache.index].arrays.limit) }
    if caches.slots[slot].first == 0 {
      return freeDirectly(cache, home, processor, caches, memory, platform, count: 1) { _ in object }
    }
    if caches.slots[slot].top == caches.slots[slot].limit {
      flush(cache, slot, caches.shapes[cache.index].arrays.batch, near, processor, caches, memory, platform)
    }
    caches.push(object, slot)
  }

  /// Lets an object of another node wait with others (`mm/slab.c:__cache_free_alien`).
  private func freeFar<P: Platform & ~Copyable>(
    _ object: UInt64, _ cache: SlabCacheIndex, _ near: Int, _ home: Int, _ processor: Int,
    _ caches: borrowing SlabCaches, _ memory: borrowing PhysicalMemory, _ platform: borrowing P
  ) {
    let place = alien(cache, from: near, to: home)
    aliens[place].lock.lock()
    var full = InlineArray<12, UInt64>(repeating: 0)
    let most = caches.shapes[cache.index].arrays.limit > 1 ? 12 : 1
    let isFull = aliens[place].count == most
    if isFull {
      full = aliens[place].objects
      aliens[place].count = 0
    }
    aliens[place].objects[aliens[place].count] = object
    aliens[place].count += 1
    aliens[place].lock.unlock()
    if isFull { giveHome(cache, home, processor, caches, memory, platform, count: most) { full[$0] } }
  }

  /// Gives objects from afar to their node: to its shared array as far as there is room, else to their slabs
  /// (`mm/slab.c:__drain_alien_cache`).
  func giveHome<P: Platform & ~Copyable>(
    _ cache: SlabCacheIndex, _ home: Int, _ processor: Int, _ caches: borrowing SlabCaches,
    _ memory: borrowing PhysicalMemory, _ platform: borrowing P, count: Int, _ object: (_ index: Int) -> UInt64
  ) {
    let place = node(cache, home)
    let most = caches.shapes[cache.index].arrays.sharedLimit
    var spare: [Int] = []
    nodes[place].lock.lock()
    let taken = min(count, most - nodes[place].shared)
    for index in 0..<taken {
      shared[place * Self.sharedStride + nodes[place].shared] = object(count - taken + index)
      nodes[place].shared += 1
    }
    freeBlock(cache, place, &spare, caches, platform, count: count - taken, object)
    nodes[place].lock.unlock()
    release(spare, cache, processor, caches, memory, platform)
  }

  /// Gives objects back to their slabs past the arrays.
  func freeDirectly<P: Platform & ~Copyable>(
    _ cache: SlabCacheIndex, _ home: Int, _ processor: Int, _ caches: borrowing SlabCaches,
    _ memory: borrowing PhysicalMemory, _ platform: borrowing P, count: Int, _ object: (_ index: Int) -> UInt64
  ) {
    var spare: [Int] = []
    let place = node(cache, home)
    nodes[place].lock.lock()
    freeBlock(cache, place, &spare, caches, platform, count: count, object)
    nodes[place].lock.unlock()
    release(spare, cache, processor, caches, memory, platform)
  }

  /// Takes the oldest objects out of a processor's array: to the shared one if that has room, else to their slabs
  /// (`mm/slab.c:cache_flusharray`).
  private func flush<P: Platform & ~Copyable>(
    _ cache: SlabCacheIndex, _ slot: Int, _ batch: Int, _ near: Int, _ processor: Int, _ caches: borrowing SlabCaches,
    _ memory: borrowing PhysicalMemory, _ platform: borrowing P
  ) {
    let place = node(cache, near)
    let room = caches.shapes[cache.index].arrays.sharedLimit
    let first = caches.slots[slot].first
    var count = batch
    var spare: [Int] = []
    nodes[place].lock.lock()
    if nodes[place].shared < room {
      count = min(count, room - nodes[place].shared)
      for index in 0..<count {
        shared[place * Self.sharedStride + nodes[place].shared + index] = caches.magazines.places[first + index]
      }
      nodes[place].shared += count
    } else {
      freeBlock(cache, place, &spare, caches, platform, count: count) { caches.magazines.places[first + $0] }
    }
    nodes[place].lock.unlock()
    caches.removeOldest(count, slot)
    release(spare, cache, processor, caches, memory, platform)
  }
}
