/// What goes back from arrays to slabs, and from there to the page allocator.
extension ArrayCaches {
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
