extension KernelHeap where P: ~Copyable {
  /// Takes an object of a cache (`kmem_cache_alloc`).
  ///
  /// - Parameters:
  ///   - flags: what is permitted to get memory; with ``GFPFlags/zero`` the object is cleared.
  ///   - processor: who asks; no two threads use the same number at a time.
  ///   - site: where in its code the caller is, or any number that says so; watched caches keep it.
  /// - Complexity: O(1), but for the page allocator where a slab is added.
  @inlinable @inline(__always)
  public func allocate(
    _ cache: SlabCacheIndex, _ flags: GFPFlags = .kernel, processor: Int = 0, site: UInt64 = 0
  ) throws(AllocationFailure) -> VirtualAddress {
    if flags.rawValue & GFPFlags.zero.rawValue == 0 {
      let object = caches.take(caches.slot(cache, processor))
      if object != 0 { return DirectMap.address(of: PhysicalAddress(object)) }
    }
    return try allocateFurther(cache, flags, processor, site)
  }

  @inline(never) @usableFromInline
  func allocateFurther(
    _ cache: SlabCacheIndex, _ flags: GFPFlags, _ processor: Int, _ site: UInt64
  ) throws(AllocationFailure) -> VirtualAddress {
    try allocateFurther(cache, flags, processor, site, node: nil)
  }

  /// Takes an object of a cache on a node (`kmem_cache_alloc_node`); elsewhere if that has no memory, but with
  /// ``GFPFlags/thisNode``.
  public func allocate(
    _ cache: SlabCacheIndex, _ flags: GFPFlags = .kernel, processor: Int = 0, onNode node: Int, site: UInt64 = 0
  ) throws(AllocationFailure) -> VirtualAddress {
    try allocateFurther(cache, flags, processor, site, node: node)
  }

  func allocateFurther(
    _ cache: SlabCacheIndex, _ flags: GFPFlags, _ processor: Int, _ site: UInt64, node: Int?
  ) throws(AllocationFailure) -> VirtualAddress {
    let address = try reclaiming(processor) { () throws(AllocationFailure) in
      try take(cache, flags, processor, node, site)
    }
    if flags.contains(.zero) { platform.fill(address, caches.shapes[cache.index].layout.objectSize, with: 0) }
    return DirectMap.address(of: PhysicalAddress(address))
  }

  /// Gives an object back (`kmem_cache_free`).
  ///
  /// - Throws: ``ObjectFault``, with nothing changed, if no object of the cache is there.
  @inlinable @inline(__always)
  public func free(
    _ object: VirtualAddress, _ cache: SlabCacheIndex, processor: Int = 0, site: UInt64 = 0
  ) throws(ObjectFault) {
    let address = DirectMap.physical(object).rawValue
    let tag = caches.tag(of: address)
    if caches.give(address, tag, caches.slot(cache, processor)) { return }
    try freeFurther(address, tag, cache, processor, site)
  }

  @inline(never) @usableFromInline
  func freeFurther(
    _ object: UInt64, _ tag: FrameTag, _ cache: SlabCacheIndex, _ processor: Int, _ site: UInt64
  ) throws(ObjectFault) {
    try give(object, tag, cache, processor, site)
  }

  /// Tries once more with what caches have kept, where memory is short.
  func reclaiming<Result>(
    _ processor: Int, _ allocate: () throws(AllocationFailure) -> Result
  ) throws(AllocationFailure) -> Result {
    do throws(AllocationFailure) { return try allocate() } catch {
      guard error.reason == .noMemory else { throw error }
      reclaimCaches(processor)
      return try allocate()
    }
  }
}
