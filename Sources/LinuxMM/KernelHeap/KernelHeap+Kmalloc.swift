extension KernelHeap where P: ~Copyable {
  /// Takes memory of any size (`kmalloc`): an object of one of kmalloc's caches, or for more than 8 KiB a block of the page
  /// allocator.
  ///
  /// - Parameter size: in bytes, up to 4 MiB. For 0 bytes the address is one that must not be used.
  /// - Complexity: O(1), but for the page allocator.
  @inlinable @inline(__always)
  public func allocate(
    bytes size: Int, _ flags: GFPFlags = .kernel, processor: Int = 0, site: UInt64 = 0
  ) throws(AllocationFailure) -> VirtualAddress {
    if UInt(bitPattern: size &- 1) < UInt(bitPattern: SizeClass.largestSize), flags.rawValue & GFPFlags.special == 0 {
      let object = caches.take(caches.slot(SlabCacheIndex(serving: size), processor))
      if object != 0 { return DirectMap.address(of: PhysicalAddress(object)) }
    }
    return try allocateFurther(size, flags, processor, site)
  }

  @inline(never) @usableFromInline
  func allocateFurther(
    _ size: Int, _ flags: GFPFlags, _ processor: Int, _ site: UInt64
  ) throws(AllocationFailure) -> VirtualAddress {
    try allocateFurther(size, flags, processor, site, node: nil)
  }

  /// Takes memory of any size on a node (`kmalloc_node`); elsewhere if that has none, but with ``GFPFlags/thisNode``.
  public func allocate(
    bytes size: Int, _ flags: GFPFlags = .kernel, processor: Int = 0, onNode node: Int, site: UInt64 = 0
  ) throws(AllocationFailure) -> VirtualAddress {
    try allocateFurther(size, flags, processor, site, node: node)
  }

  private func allocateFurther(
    _ size: Int, _ flags: GFPFlags, _ processor: Int, _ site: UInt64, node: Int?
  ) throws(AllocationFailure) -> VirtualAddress {
    if size > SizeClass.largestSize || size <= 0 { return try allocateBlock(size, flags, processor, node) }
    if caches.settings.allocator == .slob {
      let block = try reclaiming(processor) { () throws(AllocationFailure) in
        try takeBlock(bytes: size, flags, processor, node)
      }
      guard let block else { return try allocateBlock(size, flags, processor, node) }
      if flags.contains(.zero) { platform.fill(block, size, with: 0) }
      return DirectMap.address(of: PhysicalAddress(block))
    }
    let sizeClass = SizeClass(serving: max(size, caches.settings.smallestSize))
    return try allocateFurther(
      SlabCacheIndex(KmallocKind(flags), sizeClass), flags.subtracting([.dma, .reclaimable, .account]), processor, site,
      node: node)
  }

  /// What `kmalloc` gives for nothing: an address that may be freed, and nothing else. Linux: `ZERO_SIZE_PTR`.
  static var emptyBlock: VirtualAddress { VirtualAddress(16) }

  /// (`mm/slab_common.c:kmalloc_large`)
  private func allocateBlock(
    _ size: Int, _ flags: GFPFlags, _ processor: Int, _ node: Int?
  ) throws(AllocationFailure) -> VirtualAddress {
    if size == 0 { return Self.emptyBlock }
    guard size > 0 && size <= SizeClass.largestRequest else {
      throw AllocationFailure(order: PageOrder(size > 0 ? 11 : -1), flags: flags, reason: .orderTooLarge)
    }
    let order = PageOrder(covering: size)
    let frame = try reclaiming(processor) { () throws(AllocationFailure) in
      try takeFrames(order, flags, processor, node)
    }
    if flags.contains(.zero) {
      for index in 0..<order.frameCount { platform.clear(frame + index) }
    }
    return DirectMap.address(of: frame.address)
  }

  /// Gives memory of ``allocate(bytes:_:processor:)`` or an object of any cache back (`kfree`).
  ///
  /// - Throws: ``ObjectFault``, with nothing changed, if nothing that was given out begins in that slab or at that block.
  @inlinable @inline(__always)
  public func free(_ address: VirtualAddress, processor: Int = 0, site: UInt64 = 0) throws(ObjectFault) {
    let physical = DirectMap.physical(address).rawValue
    let tag = caches.tag(of: physical)
    if caches.give(physical, tag, caches.slot(of: tag, processor)) { return }
    try freeFurther(address, processor, site)
  }

  @inline(never) @usableFromInline
  func freeFurther(_ address: VirtualAddress, _ processor: Int, _ site: UInt64) throws(ObjectFault) {
    let physical = DirectMap.physical(address).rawValue
    let tag = caches.tag(of: physical)
    guard tag.isSlab || tag.isBlocks else { return try freeBlock(address, processor) }
    try give(physical, tag, nil, processor, site)
  }

  private func freeBlock(_ address: VirtualAddress, _ processor: Int) throws(ObjectFault) {
    if address.rawValue == 0 || address == Self.emptyBlock { return }
    let physical = DirectMap.physical(address)
    let frame = physical.rawValue >> UInt64(PageSize.shift)
    guard address.isPageAligned, frame < UInt64(caches.tags.count), caches.tags[Int(frame)].isBlock else {
      throw .notAllocated(address)
    }
    let order = caches.tags[Int(frame)].order
    caches.tags[Int(frame)] = .none
    memory.free(FrameNumber(containing: physical), order, processor: processor)
  }

  /// The bytes that an address of the heap really has, 0 for one that it has not given out (`ksize`).
  public func size(of address: VirtualAddress) -> Int {
    let frame = DirectMap.physical(address).rawValue >> UInt64(PageSize.shift)
    guard frame < UInt64(caches.tags.count) else { return 0 }
    let tag = caches.tags[Int(frame)]
    if tag.isBlocks {
      // Linux: __ksize of SLOB. Objects of caches have no size of their own.
      let word = platform.word(at: PhysicalAddress(DirectMap.physical(address).rawValue - UInt64(BlockLists.header)))
      return SlabLayout.aligned(Int(UInt32(truncatingIfNeeded: word)), SlabLayout.blockUnit)
    }
    if tag.isSlab { return caches.shapes[tag.cache.index].layout.objectSize }
    return tag.isBlock && address.isPageAligned ? tag.order.byteCount : 0
  }
}

extension GFPFlags {
  /// What sends a request to kmalloc another way than the shortest: another kind of cache, or clearing.
  @inlinable static var special: UInt32 { 0x40_0111 }
}
