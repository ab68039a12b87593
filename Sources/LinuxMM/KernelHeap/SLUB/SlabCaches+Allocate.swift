import Synchronization

extension SlabCaches {
  /// The first object of the processor's list, 0 if that is empty.
  func takeListed<P: Platform & ~Copyable>(
    _ cache: SlabCacheIndex, _ slot: Int, _ platform: borrowing P
  ) -> UInt64 {
    let object = slots[slot].head
    if object == 0 { return 0 }
    slots[slot].head = link(object, cache, platform)
    slots[slot].free &-= 1
    return object
  }

  /// Takes an object of a cache.
  ///
  /// - Parameter node: where it is to be; near the processor if `nil`. Linux: `kmem_cache_alloc_node`.
  /// - Returns: its address.
  /// - Complexity: O(1), but for the page allocator where a slab is added.
  func allocate<P: Platform & ~Copyable>(
    _ cache: SlabCacheIndex, _ flags: GFPFlags, processor: Int, node: Int?, site: UInt64,
    _ memory: borrowing PhysicalMemory, _ platform: borrowing P
  ) throws(AllocationFailure) -> UInt64 {
    let near = memory.node(ofProcessor: processor)
    if shapes[cache.index].isWatched {
      return try allocateWatched(
        cache, flags, processor: processor, node: node ?? near, site: site, memory, platform)
    }
    if let node, node != near { return try allocate(cache, flags, processor, onNode: node, memory, platform) }
    let slot = slot(cache, processor)
    let object = take(slot)
    if object != 0 { return object }
    let listed = takeListed(cache, slot, platform)
    return listed != 0 ? listed : try allocateFurther(cache, flags, slot, processor, memory, platform)
  }

  /// What ``allocate(_:_:processor:_:_:)`` does when the processor has no object at hand (`mm/slub.c:___slab_alloc`).
  private func allocateFurther<P: Platform & ~Copyable>(
    _ cache: SlabCacheIndex, _ flags: GFPFlags, _ slot: Int, _ processor: Int, _ memory: borrowing PhysicalMemory,
    _ platform: borrowing P
  ) throws(AllocationFailure) -> UInt64 {
    let node = memory.node(ofProcessor: processor)
    if reload(cache, slot, node: node) { return take(slot) }
    if slots[slot].partial == 0 { collectReturned(cache, slot, processor, memory, platform) }
    if slots[slot].partial != 0 {
      let slab = Int(slots[slot].partial)
      removePartial(slab, slot, processor)
      empty(slab, into: slot)
    } else if let slab = takeShared(cache, node, processor) {
      empty(slab, into: slot)
    } else {
      empty(try addSlab(cache, flags, node, processor, memory, platform), into: slot)
    }
    load(cache, slot, platform)
    let object = take(slot)
    return object != 0 ? object : takeListed(cache, slot, platform)
  }

  /// The address of a slab's first byte.
  @inline(__always)
  func address(_ slab: Int) -> UInt64 { UInt64(slab) << UInt64(PageSize.shift) }

  /// Lets the processor have all free objects of a slab that it owns.
  ///
  /// - Precondition: it has none at hand.
  private func empty(_ slab: Int, into slot: Int) {
    slots[slot].head = slabs[slab].head
    slots[slot].fresh = slabs[slab].fresh
    slots[slot].end = slabs[slab].end
    let fresh = UInt32((slabs[slab].end - slabs[slab].fresh) / UInt64(slots[slot].size))
    slots[slot].free = slabs[slab].free - fresh
    slabs[slab].head = 0
    slabs[slab].fresh = slabs[slab].end
    slabs[slab].inUse = slabs[slab].objects
    slabs[slab].state = .full
  }

  /// A slab of the node's list, the processor's own from now on (`mm/slub.c:get_partial_node`).
  private func takeShared(_ cache: SlabCacheIndex, _ node: Int, _ processor: Int) -> Int? {
    let place = self.node(cache, node)
    guard nodes[place].count.value > 0 else {
      if !nodes[place].isWanted.load(ordering: .relaxed) { nodes[place].isWanted.store(true, ordering: .relaxed) }
      return nil
    }
    nodes[place].lock.lock()
    defer { nodes[place].lock.unlock() }
    let slab = Int(nodes[place].first)
    guard slab != 0 else { return nil }
    removeShared(slab, place)
    slabs[slab].returned.store(.init(owner: processor))
    return slab
  }

  /// A new slab for the processor (`mm/slub.c:new_slab`).
  func addSlab<P: Platform & ~Copyable>(
    _ cache: SlabCacheIndex, _ flags: GFPFlags, _ node: Int, _ processor: Int, _ memory: borrowing PhysicalMemory,
    _ platform: borrowing P
  ) throws(AllocationFailure) -> Int {
    let shape = shapes[cache.index]
    precondition(shape.layout.objectSize > 0, "the cache was destroyed")
    let layout = shape.layout
    let wanted = flags.intersection(.forSlabs).union(shape.pageFlags)
    var order = layout.order
    let frame: FrameNumber
    do throws(AllocationFailure) {
      var eager = wanted.union([.noRetry, .noWarn]).subtracting(.noFail)
      if wanted.contains(.directReclaim) && order > layout.smallestOrder {
        eager = eager.union(.noReserve).subtracting(.reclaim)
      }
      frame = try memory.allocatePages(order, eager, processor: processor, node: node)
    } catch {
      order = layout.smallestOrder
      frame = try memory.allocatePages(order, wanted, processor: processor, node: node)
    }
    let slab = frame.index
    let near = memory.node(of: frame)
    let tag = FrameTag(cache, order, node: near, isWatched: shape.isWatched)
    for index in slab..<(slab + order.frameCount) { tags[index] = tag }
    let objects = order.byteCount / layout.size
    slabs[slab].head = 0
    slabs[slab].fresh = address(slab)
    slabs[slab].end = address(slab) + UInt64(objects * layout.size)
    slabs[slab].inUse = 0
    slabs[slab].objects = UInt32(objects)
    slabs[slab].returned.store(.init(owner: processor))
    nodes[self.node(cache, near)].slabs.add(1, ordering: .relaxed)
    if !shape.isWatched {
      construct(cache, slabs[slab].fresh, objects, platform)
      if settings.shufflesSlabs { shuffle(slab, cache, platform) }
    }
    return slab
  }
}
