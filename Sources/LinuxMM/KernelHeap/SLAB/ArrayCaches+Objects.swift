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
  private func giveHome<P: Platform & ~Copyable>(
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

  private func freeDirectly<P: Platform & ~Copyable>(
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

  // MARK: Giving back

  /// Takes a part of each array that is not used much to the slabs, and some empty slabs from the node: what a processor does
  /// every two seconds (`mm/slab.c:cache_reap`).
  ///
  /// Here an array counts as used if it was filled since the last time, in Linux if anything was taken from it.
  ///
  /// - Parameter looksAtNode: whether it is the node's turn too, which comes every four seconds.
  func reap<P: Platform & ~Copyable>(
    _ cache: SlabCacheIndex, processor: Int, looksAtNode: Bool, _ caches: borrowing SlabCaches,
    _ memory: borrowing PhysicalMemory, _ platform: borrowing P
  ) {
    let near = memory.node(ofProcessor: processor)
    let place = node(cache, near)
    let arrays = caches.shapes[cache.index].arrays
    emptyAlien(cache, near, nodes[place].nextAlien, processor, caches, memory, platform)
    nodes[place].nextAlien = (nodes[place].nextAlien + 1) % nodeCount
    let slot = caches.slot(cache, processor)
    if caches.slots[slot].isTouched {
      caches.slots[slot].isTouched = false
    } else {
      drain(cache, slot, part(of: caches.slots[slot].rounds, arrays.limit), near, processor, caches, memory, platform)
    }
    guard looksAtNode else { return }
    if nodes[place].isSharedTouched {
      nodes[place].isSharedTouched = false
    } else {
      drainShared(
        cache, near, part(of: nodes[place].shared, arrays.sharedLimit), processor, caches, memory, platform)
    }
    if nodes[place].isTouched {
      nodes[place].isTouched = false
    } else {
      let most = (nodes[place].freeLimit + 5 * arrays.objects - 1) / (5 * arrays.objects)
      releaseEmpty(cache, near, most, processor, caches, memory, platform)
    }
  }

  /// A fifth of what an array may have, or half of it (`mm/slab.c:drain_array_locked`).
  private func part(of count: Int, _ limit: Int) -> Int {
    let part = (limit + 4) / 5
    return part > count ? (count + 1) / 2 : part
  }

  /// Gives everything that arrays have to the slabs, and all empty slabs back (`mm/slab.c:__kmem_cache_shrink`).
  ///
  /// - Precondition: nobody else uses the cache meanwhile.
  func shrink<P: Platform & ~Copyable>(
    _ cache: SlabCacheIndex, _ caches: borrowing SlabCaches, _ memory: borrowing PhysicalMemory, _ platform: borrowing P
  ) {
    for processor in 0..<caches.processorCount { reclaim(cache, processor: processor, caches, memory, platform) }
  }

  /// Gives what a processor and its node keep back: memory is short.
  func reclaim<P: Platform & ~Copyable>(
    _ cache: SlabCacheIndex, processor: Int, _ caches: borrowing SlabCaches, _ memory: borrowing PhysicalMemory,
    _ platform: borrowing P
  ) {
    let near = memory.node(ofProcessor: processor)
    let slot = caches.slot(cache, processor)
    drain(cache, slot, caches.slots[slot].rounds, near, processor, caches, memory, platform)
    caches.dropArray(slot)
    // What waits for a node goes to its arrays first.
    for node in 0..<nodeCount {
      for home in 0..<nodeCount { emptyAlien(cache, node, home, processor, caches, memory, platform) }
    }
    for node in 0..<nodeCount {
      drainShared(cache, node, .max, processor, caches, memory, platform)
      releaseEmpty(cache, node, .max, processor, caches, memory, platform)
    }
  }

  private func drain<P: Platform & ~Copyable>(
    _ cache: SlabCacheIndex, _ slot: Int, _ count: Int, _ near: Int, _ processor: Int, _ caches: borrowing SlabCaches,
    _ memory: borrowing PhysicalMemory, _ platform: borrowing P
  ) {
    guard count > 0 else { return }
    let first = caches.slots[slot].first
    freeDirectly(cache, near, processor, caches, memory, platform, count: count) { caches.magazines.places[first + $0] }
    caches.removeOldest(count, slot)
  }

  private func drainShared<P: Platform & ~Copyable>(
    _ cache: SlabCacheIndex, _ node: Int, _ most: Int, _ processor: Int, _ caches: borrowing SlabCaches,
    _ memory: borrowing PhysicalMemory, _ platform: borrowing P
  ) {
    let place = self.node(cache, node)
    var spare: [Int] = []
    nodes[place].lock.lock()
    let count = min(most, nodes[place].shared)
    let start = place * Self.sharedStride
    freeBlock(cache, place, &spare, caches, platform, count: count) { shared[start + $0] }
    nodes[place].shared -= count
    for index in 0..<nodes[place].shared { shared[start + index] = shared[start + count + index] }
    nodes[place].lock.unlock()
    release(spare, cache, processor, caches, memory, platform)
  }

  private func emptyAlien<P: Platform & ~Copyable>(
    _ cache: SlabCacheIndex, _ near: Int, _ home: Int, _ processor: Int, _ caches: borrowing SlabCaches,
    _ memory: borrowing PhysicalMemory, _ platform: borrowing P
  ) {
    guard home != near else { return }
    let place = alien(cache, from: near, to: home)
    aliens[place].lock.lock()
    let count = aliens[place].count
    let objects = aliens[place].objects
    aliens[place].count = 0
    aliens[place].lock.unlock()
    giveHome(cache, home, processor, caches, memory, platform, count: count) { objects[$0] }
  }

  private func releaseEmpty<P: Platform & ~Copyable>(
    _ cache: SlabCacheIndex, _ node: Int, _ most: Int, _ processor: Int, _ caches: borrowing SlabCaches,
    _ memory: borrowing PhysicalMemory, _ platform: borrowing P
  ) {
    let place = self.node(cache, node)
    let shape = caches.shapes[cache.index]
    var spare: [Int] = []
    nodes[place].lock.lock()
    while spare.count < most {
      let slab = Int(nodes[place].last[SlabState.empty.listIndex])
      if slab == 0 { break }
      takeOut(slab, place, shape, &spare, caches)
    }
    nodes[place].lock.unlock()
    release(spare, cache, processor, caches, memory, platform)
  }
}

/// A processor's array, in its slot's magazine.
extension SlabCaches {
  /// Lets a processor have an array, if there is a magazine for it.
  func setArray(_ slot: Int, _ limit: Int) {
    let magazine = magazines.take()
    guard magazine != 0 else { return }
    slots[slot].first = Magazines.place(magazine)
    slots[slot].top = slots[slot].first
    slots[slot].limit = slots[slot].first + limit
  }

  /// Takes a processor's empty array away.
  func dropArray(_ slot: Int) {
    guard slots[slot].first != 0 else { return }
    magazines.give(Magazines.magazine(at: slots[slot].first))
    slots[slot].first = 0
    slots[slot].top = 0
    slots[slot].limit = 0
  }

  func push(_ object: UInt64, _ slot: Int) {
    magazines.places[slots[slot].top] = object
    slots[slot].top += 1
  }

  /// Lets the newer ones move up.
  func removeOldest(_ count: Int, _ slot: Int) {
    let first = slots[slot].first
    slots[slot].top -= count
    for place in first..<slots[slot].top { magazines.places[place] = magazines.places[place + count] }
  }
}
