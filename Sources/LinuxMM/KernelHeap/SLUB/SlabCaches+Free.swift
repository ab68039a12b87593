import Synchronization

extension SlabCaches {
  /// What the heap uses the frame of an address for.
  @inlinable @inline(__always)
  func tag(of address: UInt64) -> FrameTag {
    let frame = Int(truncatingIfNeeded: address >> UInt64(PageSize.shift))
    return UInt(bitPattern: frame) < UInt(bitPattern: tags.count) ? tags[frame] : .none
  }

  /// Gives an object back that the processor's magazine has not taken (`mm/slub.c:__slab_free`).
  ///
  /// - Parameter tag: its frame's.
  /// - Throws: ``ObjectFault`` if no object of the cache is there, or it is the last one freed.
  /// - Complexity: O(1), but for the page allocator where an empty slab goes.
  func free<P: Platform & ~Copyable>(
    _ object: UInt64, _ tag: FrameTag, _ cache: SlabCacheIndex, processor: Int, site: UInt64,
    _ memory: borrowing PhysicalMemory, _ platform: borrowing P
  ) throws(ObjectFault) {
    if tag.isSlab && tag.isWatched {
      return try freeWatched(object, tag, cache, processor: processor, site: site, memory, platform)
    }
    let slot = slot(cache, processor)
    let address = DirectMap.address(of: PhysicalAddress(object))
    guard tag.isSlab else { throw .notAllocated(address) }
    guard tag.cache == cache else { throw .otherCache(address, tag.cache) }
    let slab = tag.firstFrame(Int(object >> UInt64(PageSize.shift)))
    let number = tag.offset(object) / UInt64(slots[slot].size)
    guard number * UInt64(slots[slot].size) == tag.offset(object), number < UInt64(slabs[slab].objects) else {
      throw .notAllocated(address)
    }
    let isLast = slots[slot].rounds > 0 && magazines.places[slots[slot].top - 1] == object
    let isOwn = slabs[slab].returned.load().isOwned(by: processor)
    if isLast || slots[slot].head == object || (isOwn && slabs[slab].head == object) { throw .alreadyFree(address) }
    if tag.rawValue == slots[slot].tag.rawValue, unload(cache, slot, node: memory.node(ofProcessor: processor)),
      give(object, tag, slot)
    {
      return
    }
    giveToSlab(object, cache, slot, processor, memory, platform)
  }

  /// Gives an object back to its slab.
  func giveToSlab<P: Platform & ~Copyable>(
    _ object: UInt64, _ cache: SlabCacheIndex, _ slot: Int, _ processor: Int, _ memory: borrowing PhysicalMemory,
    _ platform: borrowing P
  ) {
    let frame = Int(object >> UInt64(PageSize.shift))
    let slab = tags[frame].firstFrame(frame)
    if slabs[slab].returned.load().isOwned(by: processor) {
      giveToOwnSlab(object, slab, cache, slot, processor, memory, platform)
    } else {
      giveBack(object, slab, cache, slot, processor, memory, platform)
    }
  }

  private func giveToOwnSlab<P: Platform & ~Copyable>(
    _ object: UInt64, _ slab: Int, _ cache: SlabCacheIndex, _ slot: Int, _ processor: Int,
    _ memory: borrowing PhysicalMemory, _ platform: borrowing P
  ) {
    setLink(object, slabs[slab].head, cache, platform)
    slabs[slab].head = object
    slabs[slab].inUse &-= 1
    if slabs[slab].inUse == 0 || slabs[slab].state == .full { settle(slab, cache, slot, processor, memory) }
  }

  /// Puts a slab of the processor's own, in which objects have become free, to where it belongs.
  @inline(never)
  func settle(
    _ slab: Int, _ cache: SlabCacheIndex, _ slot: Int, _ processor: Int, _ memory: borrowing PhysicalMemory
  ) {
    if slabs[slab].state == .full { addPartial(slab, slot) }
    if slabs[slab].inUse == 0 {
      let frames = tags[slab].order.frameCount
      emptyFrames[processor] += frames
      // Its owner still finds a slab that is listed.
      if emptyFrames[processor] > keptFrames, slots[slot].partialCount > slots[slot].keptEmpty,
        slabs[slab].returned.load() == .init(owner: processor)
      {
        removePartial(slab, slot, processor)
        return release(slab, cache, processor, memory)
      }
    }
    if slots[slot].partialCount > UInt32(slots[slot].wantedPartial) { shareIfWanted(cache, slot, processor, memory) }
  }

  /// Gives a slab's frames back to the page allocator (`mm/slub.c:discard_slab`).
  ///
  /// - Precondition: the slab is empty and on no list.
  func release(_ slab: Int, _ cache: SlabCacheIndex, _ processor: Int, _ memory: borrowing PhysicalMemory) {
    let order = tags[slab].order
    for index in slab..<(slab + order.frameCount) { tags[index] = .none }
    slabs[slab].state = .none
    slabs[slab].returned.store(.none)
    let frame = FrameNumber(UInt32(slab))
    nodes[node(cache, memory.node(of: frame))].slabs.subtract(1, ordering: .relaxed)
    if shapes[cache.index].flags.contains(.typeSafe) { return deferred.with { $0.append(.frames(frame, order)) } }
    memory.free(frame, order, processor: processor)
  }

  /// Frees an object of a slab that another processor or a node has (`mm/slub.c:__slab_free`).
  @inline(never)
  private func giveBack<P: Platform & ~Copyable>(
    _ object: UInt64, _ slab: Int, _ cache: SlabCacheIndex, _ slot: Int, _ processor: Int,
    _ memory: borrowing PhysicalMemory, _ platform: borrowing P
  ) {
    while true {
      let old = slabs[slab].returned.load()
      guard let owner = old.owner else {
        if freeShared(object, slab, cache, processor, memory, platform) { return }
        continue
      }
      setLink(object, old.head(address(slab)), cache, platform)
      if slabs[slab].returned.exchange(old, old.adding(object, of: address(slab))) {
        if !old.isListed { listReturned(slab, self.slot(cache, owner)) }
        return
      }
    }
  }

  /// Tells a slab's owner that others have returned objects.
  private func listReturned(_ slab: Int, _ slot: Int) {
    var first = slots[slot].returned.load(ordering: .relaxed)
    while true {
      slabs[slab].nextReturned = first
      let result = slots[slot].returned.compareExchange(
        expected: first, desired: UInt32(slab), ordering: .acquiringAndReleasing)
      if result.exchanged { return }
      first = result.original
    }
  }

  /// Frees an object of a slab on its node's list.
  ///
  /// - Returns: `false` if a processor has taken the slab meanwhile.
  private func freeShared<P: Platform & ~Copyable>(
    _ object: UInt64, _ slab: Int, _ cache: SlabCacheIndex, _ processor: Int, _ memory: borrowing PhysicalMemory,
    _ platform: borrowing P
  ) -> Bool {
    let place = node(cache, memory.node(of: FrameNumber(UInt32(slab))))
    nodes[place].lock.lock()
    guard slabs[slab].returned.load().owner == nil else {
      nodes[place].lock.unlock()
      return false
    }
    setLink(object, slabs[slab].head, cache, platform)
    slabs[slab].head = object
    slabs[slab].inUse -= 1
    if slabs[slab].state == .full { addShared(slab, place) }
    let isSpare = slabs[slab].inUse == 0 && nodes[place].count.value > Int(slots[slot(cache, processor)].keptEmpty)
    if isSpare { removeShared(slab, place) }
    nodes[place].lock.unlock()
    if isSpare { release(slab, cache, processor, memory) }
    return true
  }

  /// Takes what others have returned to the processor's slabs.
  func collectReturned<P: Platform & ~Copyable>(
    _ cache: SlabCacheIndex, _ slot: Int, _ processor: Int, _ memory: borrowing PhysicalMemory, _ platform: borrowing P
  ) {
    guard slots[slot].returned.load(ordering: .relaxed) != 0 else { return }
    var slab = Int(slots[slot].returned.exchange(0, ordering: .acquiringAndReleasing))
    while slab != 0 {
      // Once it is not listed any more, others may list it again.
      let next = Int(slabs[slab].nextReturned)
      let back = slabs[slab].returned.take(unlists: true)
      if back.count > 0 {
        let head = back.head(address(slab))
        if slabs[slab].head == 0 {
          slabs[slab].head = head
        } else {
          var last = head
          for _ in 1..<back.count { last = link(last, cache, platform) }
          setLink(last, slabs[slab].head, cache, platform)
          slabs[slab].head = head
        }
        slabs[slab].inUse -= back.count
        settle(slab, cache, slot, processor, memory)
      }
      slab = next
    }
  }
}
