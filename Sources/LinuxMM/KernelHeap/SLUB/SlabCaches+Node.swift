extension SlabCaches {
  /// Takes an object on a node that is not the processor's own, past what the processor has at hand (`mm/slub.c:get_partial`).
  ///
  /// - Complexity: O(1), but for the page allocator where a slab is added.
  func allocate<P: Platform & ~Copyable>(
    _ cache: SlabCacheIndex, _ flags: GFPFlags, _ processor: Int, onNode node: Int, _ memory: borrowing PhysicalMemory,
    _ platform: borrowing P
  ) throws(AllocationFailure) -> UInt64 {
    if let object = takeObject(cache, self.node(cache, node), platform) { return object }
    let slab = try addSlab(cache, flags, node, processor, memory, platform)
    // The new slab may lie on a third node.
    let home = self.node(cache, memory.node(of: FrameNumber(UInt32(slab))))
    let object = takeObject(slab, cache, platform)
    nodes[home].lock.lock()
    slabs[slab].returned.store(.none)
    if slabs[slab].free > 0 { addShared(slab, home) } else { slabs[slab].state = .full }
    nodes[home].lock.unlock()
    return object
  }

  /// Takes an object of a slab on a node's list.
  private func takeObject<P: Platform & ~Copyable>(
    _ cache: SlabCacheIndex, _ place: Int, _ platform: borrowing P
  ) -> UInt64? {
    nodes[place].lock.lock()
    defer { nodes[place].lock.unlock() }
    let slab = Int(nodes[place].first)
    guard slab != 0 else { return nil }
    let object = takeObject(slab, cache, platform)
    if slabs[slab].free == 0 {
      removeShared(slab, place)
      slabs[slab].state = .full
    }
    return object
  }

  /// Takes a free object of a slab that nobody else touches.
  private func takeObject<P: Platform & ~Copyable>(
    _ slab: Int, _ cache: SlabCacheIndex, _ platform: borrowing P
  ) -> UInt64 {
    slabs[slab].inUse += 1
    let head = slabs[slab].head
    if head != 0 {
      slabs[slab].head = link(head, cache, platform)
      return head
    }
    let object = slabs[slab].fresh
    slabs[slab].fresh += UInt64(shapes[cache.index].layout.size)
    return object
  }
}
