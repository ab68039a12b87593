import Synchronization

extension SlabCaches {
  /// What is used of a cache, found by looking at every free object.
  ///
  /// - Parameter live: is called for each object that somebody has.
  /// - Precondition: nobody uses the cache meanwhile.
  /// - Throws: what is wrong with its slabs and lists.
  /// - Complexity: O(frames of the machine, and objects of the cache).
  func usage<P: Platform & ~Copyable>(
    _ cache: SlabCacheIndex, _ memory: borrowing PhysicalMemory, _ platform: borrowing P,
    live: (_ object: UInt64) -> Void = { _ in }
  ) throws(BrokenInvariant) -> SlabCacheUsage {
    var marks = try ObjectMarks(cache, self)
    let first = slot(cache, 0)
    let size = UInt64(slots[first].size)
    func markAll(_ start: UInt64, of slab: Int? = nil) throws(BrokenInvariant) -> UInt32 {
      var object = start
      var count: UInt32 = 0
      while object != 0 {
        try marks.mark(object, self, of: slab)
        object = link(object, cache, platform)
        count += 1
      }
      return count
    }
    for slab in marks.slabs {
      var known = try markAll(slabs[slab].head, of: slab)
      var fresh = slabs[slab].fresh
      while fresh < slabs[slab].end {
        try marks.mark(fresh, self, of: slab)
        fresh += size
        known += 1
      }
      if known != slabs[slab].free { throw BrokenInvariant("slab's objects miscounted", slab) }
      let returned = slabs[slab].returned.load()
      if try markAll(returned.head(address(slab)), of: slab) != returned.count {
        throw BrokenInvariant("slab's returned objects miscounted", slab)
      }
      let state = slabs[slab].state
      let isRight = state == (known > 0 ? (returned.owner == nil ? .shared : .partial) : .full)
      if !isRight { throw BrokenInvariant("slab in a wrong state", slab) }
    }
    for processor in 0..<processorCount {
      let slot = slot(cache, processor)
      let loaded = (slots[slot].first, slots[slot].rounds)
      let spare = (slots[slot].spare, slots[slot].isSpareFull ? Int(slots[slot].capacity) : 0)
      for (magazine, rounds) in [loaded, spare] {
        for place in magazine..<(magazine + rounds) { try marks.mark(magazines.places[place], self) }
      }
      if try markAll(slots[slot].head) != slots[slot].free {
        throw BrokenInvariant("processor's objects miscounted", processor)
      }
      var fresh = slots[slot].fresh
      while fresh < slots[slot].end {
        try marks.mark(fresh, self)
        fresh += size
      }
      var count: UInt32 = 0
      var slab = Int(slots[slot].partial)
      var previous: UInt32 = 0
      while slab != 0 {
        if slabs[slab].state != .partial || !slabs[slab].returned.load().isOwned(by: processor)
          || slabs[slab].previous != previous
        {
          throw BrokenInvariant("wrong slab on a processor's list", slab)
        }
        previous = UInt32(slab)
        count += 1
        slab = Int(slabs[slab].next)
      }
      if count != slots[slot].partialCount { throw BrokenInvariant("processor's slabs miscounted", processor) }
    }
    var total = 0
    for index in 0..<nodeCount {
      let node = node(cache, index)
      var full = 0
      try depots[node].forEach(magazines) { magazine throws(BrokenInvariant) in
        full += 1
        for round in 0..<Int(slots[first].capacity) {
          try marks.mark(magazines.places[Magazines.place(magazine) + round], self)
        }
      }
      if full != depots[node].count.value { throw BrokenInvariant("depot's magazines miscounted", index) }
      var count = 0
      var slab = Int(nodes[node].first)
      while slab != 0 {
        if slabs[slab].state != .shared || memory.node(of: FrameNumber(UInt32(slab))) != index {
          throw BrokenInvariant("wrong slab on a node's list", slab)
        }
        count += 1
        slab = Int(slabs[slab].next)
      }
      if count != nodes[node].count.value { throw BrokenInvariant("node's slabs miscounted", index) }
      total += nodes[node].slabs.load(ordering: .relaxed)
    }
    if total != marks.slabs.count { throw BrokenInvariant("slabs miscounted", total) }
    return marks.usage(self, live)
  }
}
