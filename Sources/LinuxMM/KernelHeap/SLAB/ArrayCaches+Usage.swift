extension ArrayCaches {
  /// What is used of a cache, found by looking at every free object.
  ///
  /// - Parameter live: is called for each object that somebody has.
  /// - Precondition: nobody uses the cache meanwhile.
  /// - Throws: what is wrong with its slabs, lists and arrays.
  /// - Complexity: O(frames of the machine, and objects of the cache).
  func usage<P: Platform & ~Copyable>(
    _ cache: SlabCacheIndex, _ caches: borrowing SlabCaches, _ memory: borrowing PhysicalMemory,
    _ platform: borrowing P, live: (_ object: UInt64) -> Void = { _ in }
  ) throws(BrokenInvariant) -> SlabCacheUsage {
    var marks = try ObjectMarks(cache, caches)
    let shape = caches.shapes[cache.index]
    var free = [Int](repeating: 0, count: nodeCount)
    for slab in marks.slabs {
      let used = Int(caches.slabs[slab].inUse)
      let state: SlabState = used == 0 ? .empty : used == shape.arrays.objects ? .full : .partial
      if caches.slabs[slab].state != state { throw BrokenInvariant("slab on a wrong list", slab) }
      for index in used..<shape.arrays.objects {
        let number = platform.byte(at: caches.slabs[slab].freeList + UInt64(index))
        try marks.mark(
          caches.slabs[slab].firstObject + UInt64(number) * UInt64(shape.layout.size), caches, of: slab)
      }
      free[memory.node(of: FrameNumber(UInt32(slab)))] += shape.arrays.objects - used
    }
    for processor in 0..<caches.processorCount {
      let slot = caches.slot(cache, processor)
      for place in caches.slots[slot].first..<caches.slots[slot].top {
        try marks.mark(caches.magazines.places[place], caches)
      }
    }
    var total = 0
    for index in 0..<nodeCount {
      let place = node(cache, index)
      for round in 0..<nodes[place].shared { try marks.mark(shared[place * Self.sharedStride + round], caches) }
      for home in 0..<nodeCount where home != index {
        let alien = alien(cache, from: index, to: home)
        for round in 0..<aliens[alien].count { try marks.mark(aliens[alien].objects[round], caches) }
      }
      var counted = 0
      for list in 0..<3 {
        var slab = Int(nodes[place].first[list])
        var previous = 0
        while slab != 0 {
          if caches.slabs[slab].state.listIndex != list || Int(caches.slabs[slab].previous) != previous
            || memory.node(of: FrameNumber(UInt32(slab))) != index
          {
            throw BrokenInvariant("wrong slab on a node's list", slab)
          }
          counted += 1
          previous = slab
          slab = Int(caches.slabs[slab].next)
        }
        if Int(nodes[place].last[list]) != previous { throw BrokenInvariant("list with a wrong end", index) }
      }
      if counted != nodes[place].slabs || free[index] != nodes[place].freeObjects {
        throw BrokenInvariant("node's slabs or free objects miscounted", index)
      }
      total += counted
    }
    if total != marks.slabs.count { throw BrokenInvariant("slabs miscounted", total) }
    return marks.usage(caches, live)
  }
}
