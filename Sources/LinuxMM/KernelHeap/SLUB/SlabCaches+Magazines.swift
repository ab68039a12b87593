extension SlabCaches {
  /// An object of the processor's magazine, or else one of its newest slab that nobody had yet
  /// (`mm/slub.c:slab_alloc_node`).
  ///
  /// - Returns: its address, 0 if there is none.
  /// - Complexity: O(1).
  @inlinable @inline(__always)
  func take(_ slot: Int) -> UInt64 {
    let top = slots[slot].top
    if top != slots[slot].first {
      slots[slot].top = top &- 1
      return magazines.places[top &- 1]
    }
    let fresh = slots[slot].fresh
    if fresh == slots[slot].end { return 0 }
    slots[slot].fresh = fresh &+ UInt64(slots[slot].size)
    return fresh
  }

  /// Puts an object into the processor's magazine (`mm/slub.c:do_slab_free`).
  ///
  /// - Parameter tag: its frame's.
  /// - Returns: `false`, with nothing changed, if it belongs elsewhere: the magazine is full, the object's slab is on another
  ///   node, of another cache or of an unusual size, no object begins there, or it is the last one freed.
  /// - Complexity: O(1).
  @inlinable @inline(__always)
  func give(_ object: UInt64, _ tag: FrameTag, _ slot: Int) -> Bool {
    let top = slots[slot].top
    let divisor = slots[slot].divisor
    let offset = UInt64(UInt32(truncatingIfNeeded: object) & slots[slot].offsetMask)
    // Before a magazine's first object is a small number.
    guard tag.rawValue == slots[slot].tag.rawValue, top != slots[slot].limit, offset &* divisor < divisor,
      magazines.places.set(top, to: object, unlessPrevious: object)
    else { return false }
    slots[slot].top = top &+ 1
    return true
  }

  /// Puts objects of the processor's list into its empty magazine.
  func load<P: Platform & ~Copyable>(_ cache: SlabCacheIndex, _ slot: Int, _ platform: borrowing P) {
    while slots[slot].head != 0 && slots[slot].top != slots[slot].limit {
      magazines.places[slots[slot].top] = takeListed(cache, slot, platform)
      slots[slot].top += 1
    }
  }

  /// Loads a full magazine, if the processor or its node has one.
  func reload(_ cache: SlabCacheIndex, _ slot: Int, node: Int) -> Bool {
    if slots[slot].isSpareFull {
      let full = slots[slot].spare
      slots[slot].spare = slots[slot].first
      slots[slot].isSpareFull = false
      setMagazine(slot, full, isFull: true)
      return true
    }
    let full = depots[self.node(cache, node)].take(magazines)
    guard full != 0 else { return false }
    if slots[slot].first != 0 { magazines.give(Magazines.magazine(at: slots[slot].first)) }
    setMagazine(slot, Magazines.place(full), isFull: true)
    return true
  }

  /// Makes room in the processor's magazine, which is full or missing.
  ///
  /// - Returns: `false` if there is none: the node's depot is full.
  func unload(_ cache: SlabCacheIndex, _ slot: Int, node: Int) -> Bool {
    guard slots[slot].capacity > 0, slots[slot].top == slots[slot].limit else { return false }
    if slots[slot].isSpareFull {
      let spare = Magazines.magazine(at: slots[slot].spare)
      guard depots[self.node(cache, node)].put(spare, magazines) else { return false }
      slots[slot].spare = 0
      slots[slot].isSpareFull = false
    }
    var empty = slots[slot].spare
    if empty == 0 {
      let magazine = magazines.take()
      if magazine == 0 { return false }
      empty = Magazines.place(magazine)
    }
    slots[slot].spare = slots[slot].first
    slots[slot].isSpareFull = slots[slot].first != 0
    setMagazine(slot, empty, isFull: false)
    return true
  }

  private func setMagazine(_ slot: Int, _ place: Int, isFull: Bool) {
    let capacity = place == 0 ? 0 : Int(slots[slot].capacity)
    slots[slot].first = place
    slots[slot].limit = place + capacity
    slots[slot].top = isFull ? place + capacity : place
  }

  /// Gives the objects of a magazine to their slabs, and the magazine back.
  private func empty<P: Platform & ~Copyable>(
    _ magazine: UInt32, _ rounds: Int, _ cache: SlabCacheIndex, _ slot: Int, _ processor: Int,
    _ memory: borrowing PhysicalMemory, _ platform: borrowing P
  ) {
    for round in 0..<rounds {
      let object = magazines.places[Magazines.place(magazine) + round]
      giveToSlab(object, cache, slot, processor, memory, platform)
    }
    magazines.give(magazine)
  }

  /// Gives what a processor has in magazines back to the slabs.
  func emptyMagazines<P: Platform & ~Copyable>(
    _ cache: SlabCacheIndex, _ slot: Int, _ processor: Int, _ memory: borrowing PhysicalMemory, _ platform: borrowing P
  ) {
    let loaded = Magazines.magazine(at: slots[slot].first)
    let spare = Magazines.magazine(at: slots[slot].spare)
    let rounds = slots[slot].rounds
    let spareRounds = slots[slot].isSpareFull ? Int(slots[slot].capacity) : 0
    setMagazine(slot, 0, isFull: false)
    slots[slot].spare = 0
    slots[slot].isSpareFull = false
    if loaded != 0 { empty(loaded, rounds, cache, slot, processor, memory, platform) }
    if spare != 0 { empty(spare, spareRounds, cache, slot, processor, memory, platform) }
  }

  /// Gives what a node's depot has back to the slabs, on behalf of a processor.
  func emptyDepot<P: Platform & ~Copyable>(
    _ cache: SlabCacheIndex, node: Int, _ processor: Int, _ memory: borrowing PhysicalMemory, _ platform: borrowing P
  ) {
    let slot = slot(cache, processor)
    while true {
      let magazine = depots[self.node(cache, node)].take(magazines)
      if magazine == 0 { return }
      empty(magazine, Int(slots[slot].capacity), cache, slot, processor, memory, platform)
    }
  }
}
