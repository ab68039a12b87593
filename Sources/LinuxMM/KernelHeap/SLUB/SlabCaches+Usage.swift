import Synchronization

/// How much of a cache is used. Linux: `struct slabinfo`.
public struct SlabCacheUsage: Equatable, Sendable {
  /// Objects that somebody has.
  public internal(set) var activeObjects = 0
  public internal(set) var objects = 0
  /// Slabs with such objects.
  public internal(set) var activeSlabs = 0
  public internal(set) var slabs = 0
  /// Frames of the slabs.
  public internal(set) var frames = 0
}

extension SlabCaches {
  /// Calls `body` for each slab of a cache, by its first frame.
  ///
  /// - Complexity: O(frames of the machine).
  private func forEachSlab(_ cache: SlabCacheIndex, _ body: (_ slab: Int) throws(BrokenInvariant) -> Void)
    throws(BrokenInvariant)
  {
    var frame = 0
    while frame < tags.count {
      if tags[frame].isSlab {
        let count = tags[frame].order.frameCount
        if tags[frame].cache == cache { try body(frame) }
        frame += count
      } else {
        frame += tags[frame].isBlock ? tags[frame].order.frameCount : 1
      }
    }
  }

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
    var usage = SlabCacheUsage()
    // By slab, which of its objects are free.
    var free = [[Bool]](repeating: [], count: 0)
    var places = [Int](repeating: -1, count: tags.count)
    let first = slot(cache, 0)
    let size = UInt64(slots[first].size)
    let offset = UInt64(slots[first].pointerOffset)
    let padding = UInt64(shapes[cache.index].layout.leftPadding)

    func mark(_ object: UInt64, of slab: Int? = nil) throws(BrokenInvariant) {
      let frame = Int(object >> UInt64(PageSize.shift))
      guard frame < tags.count, tags[frame].isSlab, tags[frame].cache == cache else {
        throw BrokenInvariant("free object outside its cache's slabs", object)
      }
      let head = tags[frame].firstFrame(frame)
      if let slab, slab != head { throw BrokenInvariant("free object of another slab", object) }
      let place = places[head]
      let distance = object - address(head) - padding
      guard place >= 0, distance % size == 0, Int(distance / size) < free[place].count else {
        throw BrokenInvariant("free object at a place between", object)
      }
      if free[place][Int(distance / size)] { throw BrokenInvariant("object that is free twice", object) }
      free[place][Int(distance / size)] = true
    }
    func markAll(_ start: UInt64, of slab: Int? = nil) throws(BrokenInvariant) -> UInt32 {
      var object = start
      var count: UInt32 = 0
      while object != 0 {
        try mark(object, of: slab)
        object = platform.word(at: PhysicalAddress(object &+ offset))
        count += 1
      }
      return count
    }

    try forEachSlab(cache) { slab throws(BrokenInvariant) in
      places[slab] = free.count
      free.append([Bool](repeating: false, count: Int(slabs[slab].objects)))
      usage.slabs += 1
      usage.objects += Int(slabs[slab].objects)
      usage.frames += tags[slab].order.frameCount
    }
    try forEachSlab(cache) { slab throws(BrokenInvariant) in
      var known = try markAll(slabs[slab].head, of: slab)
      var fresh = slabs[slab].fresh
      while fresh < slabs[slab].end {
        try mark(fresh, of: slab)
        fresh += size
        known += 1
      }
      if known != slabs[slab].free { throw BrokenInvariant("slab's objects miscounted", slab) }
      let returned = slabs[slab].returned.load()
      if try markAll(returned.head(address(slab)), of: slab) != returned.count {
        throw BrokenInvariant("slab's returned objects miscounted", slab)
      }
      let state = slabs[slab].state
      let isListed = known > 0 || (returned.owner == nil && !tags[slab].isWatched)
      let isRight = state == (isListed ? (returned.owner == nil ? .shared : .partial) : .full)
      if !isRight { throw BrokenInvariant("slab in a wrong state", slab) }
    }
    for processor in 0..<processorCount {
      let slot = slot(cache, processor)
      let loaded = (slots[slot].first, slots[slot].rounds)
      let spare = (slots[slot].spare, slots[slot].isSpareFull ? Int(slots[slot].capacity) : 0)
      for (magazine, rounds) in [loaded, spare] {
        for place in magazine..<(magazine + rounds) { try mark(magazines.places[place]) }
      }
      if try markAll(slots[slot].head) != slots[slot].free {
        throw BrokenInvariant("processor's objects miscounted", processor)
      }
      var fresh = slots[slot].fresh
      while fresh < slots[slot].end {
        try mark(fresh)
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
        for round in 0..<Int(slots[first].capacity) { try mark(magazines.places[Magazines.place(magazine) + round]) }
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
    if total != usage.slabs { throw BrokenInvariant("slabs miscounted", total) }
    try forEachSlab(cache) { slab throws(BrokenInvariant) in
      let before = usage.activeObjects
      for (index, isFree) in free[places[slab]].enumerated() where !isFree {
        usage.activeObjects += 1
        live(address(slab) + padding + UInt64(index) * size)
      }
      if usage.activeObjects > before { usage.activeSlabs += 1 }
    }
    return usage
  }
}
