/// Which of the three allocators does what is asked of a cache.
extension KernelHeap where P: ~Copyable {
  /// Takes an object.
  ///
  /// - Parameter node: where its memory is to be; near the processor if `nil`.
  func take(
    _ cache: SlabCacheIndex, _ flags: GFPFlags, _ processor: Int, _ node: Int?, _ site: UInt64
  ) throws(AllocationFailure) -> UInt64 {
    let shape = caches.shapes[cache.index]
    precondition(shape.layout.objectSize > 0, "the cache was destroyed")
    switch shape.allocator {
    case .slub:
      return try caches.allocate(
        cache, flags, processor: processor, node: node, site: site, memory, platform)
    case .slab:
      return try arrays.allocate(cache, flags, processor: processor, node: node, caches, memory, platform)
    case .slob:
      let object = try takeBlock(shape.layout, flags, processor, node)
      caches.construct(cache, object, 1, platform)
      return object
    }
  }

  /// An object of a cache of SLOB (`mm/slob.c:slob_alloc_node`).
  private func takeBlock(
    _ layout: SlabLayout, _ flags: GFPFlags, _ processor: Int, _ node: Int?
  ) throws(AllocationFailure) -> UInt64 {
    if layout.size < Int(PageSize.bytes) {
      return try blocks.allocate(
        layout.size, alignment: layout.alignment, offset: 0, flags, processor: processor, node: node, caches, memory,
        platform)
    }
    return try takeFrames(layout.order, flags, processor, node).address.rawValue
  }

  /// A block of the page allocator, tagged as one.
  func takeFrames(
    _ order: PageOrder, _ flags: GFPFlags, _ processor: Int, _ node: Int?
  ) throws(AllocationFailure) -> FrameNumber {
    let frame = try memory.allocatePages(
      order, order > .single ? flags.union(.compound) : flags, processor: processor, node: node)
    caches.tags[frame.index] = FrameTag(block: order)
    return frame
  }

  /// Gives an object back.
  ///
  /// - Parameters:
  ///   - tag: its frame's.
  ///   - cache: `nil` if the caller does not say (`kfree`).
  func give(
    _ object: UInt64, _ tag: FrameTag, _ cache: SlabCacheIndex?, _ processor: Int, _ site: UInt64
  ) throws(ObjectFault) {
    let address = DirectMap.address(of: PhysicalAddress(object))
    if tag.isBlocks || tag.isBlock { return try giveBlock(object, tag, cache, processor) }
    guard tag.isSlab else { throw .notAllocated(address) }
    if caches.shapes[tag.cache.index].allocator == .slub {
      return try caches.free(object, tag, cache ?? tag.cache, processor: processor, site: site, memory, platform)
    }
    if let cache, tag.cache != cache { throw .otherCache(address, tag.cache) }
    let slab = tag.firstFrame(Int(object >> UInt64(PageSize.shift)))
    let first = caches.slabs[slab].firstObject
    let size = UInt64(caches.shapes[tag.cache.index].layout.size)
    guard object >= first, (object - first) % size == 0, (object - first) / size < UInt64(caches.slabs[slab].objects)
    else {
      throw .notAllocated(address)
    }
    let slot = caches.slot(tag.cache, processor)
    if caches.slots[slot].rounds > 0, caches.magazines.places[caches.slots[slot].top - 1] == object {
      throw .alreadyFree(address)
    }
    arrays.free(object, tag.cache, processor: processor, caches, memory, platform)
  }

  private func giveBlock(
    _ object: UInt64, _ tag: FrameTag, _ cache: SlabCacheIndex?, _ processor: Int
  ) throws(ObjectFault) {
    let address = DirectMap.address(of: PhysicalAddress(object))
    if tag.isBlock {
      guard address.isPageAligned else { throw .notAllocated(address) }
      caches.tags[Int(object >> UInt64(PageSize.shift))] = .none
      if let cache, caches.shapes[cache.index].flags.contains(.typeSafe) {
        return caches.deferred.with { $0.append(.frames(FrameNumber(containing: PhysicalAddress(object)), tag.order)) }
      }
      return memory.free(FrameNumber(containing: PhysicalAddress(object)), tag.order, processor: processor)
    }
    if let cache {
      let layout = caches.shapes[cache.index].layout
      if caches.shapes[cache.index].flags.contains(.typeSafe) {
        guard blocks.isTaken(object, layout.size, caches, platform) else { throw .alreadyFree(address) }
        return caches.deferred.with { $0.append(.block(object, size: layout.size)) }
      }
      guard layout.size < Int(PageSize.bytes),
        blocks.free(object, layout.size, processor: processor, caches, memory, platform)
      else { throw .alreadyFree(address) }
      return
    }
    let start = object - UInt64(BlockLists.header)
    guard object & 7 == 0, start & ~PageSize.mask == object & ~PageSize.mask else { throw .notAllocated(address) }
    let size = Int(UInt32(truncatingIfNeeded: platform.word(at: PhysicalAddress(start)))) + BlockLists.header
    guard size < Int(PageSize.bytes), blocks.free(start, size, processor: processor, caches, memory, platform) else {
      throw .alreadyFree(address)
    }
  }

  /// Memory of kmalloc by SLOB (`mm/slob.c:__do_kmalloc_node`).
  ///
  /// - Returns: `nil` if whole pages are to serve.
  func takeBlock(
    bytes size: Int, _ flags: GFPFlags, _ processor: Int, _ node: Int?
  ) throws(AllocationFailure) -> UInt64? {
    guard size < Int(PageSize.bytes) - BlockLists.header else { return nil }
    // Powers of two are aligned to themselves.
    let alignment = size & (size - 1) == 0 ? max(BlockLists.header, size) : BlockLists.header
    let block = try blocks.allocate(
      size + BlockLists.header, alignment: alignment, offset: BlockLists.header, flags, processor: processor,
      node: node, caches, memory, platform)
    platform.setWord(at: PhysicalAddress(block), to: UInt64(size))
    return block + UInt64(BlockLists.header)
  }

  /// What is used of a cache; nothing is known of SLOB's.
  func usage(
    _ cache: SlabCacheIndex, live: (_ object: UInt64) -> Void
  ) throws(BrokenInvariant) -> SlabCacheUsage {
    switch caches.shapes[cache.index].allocator {
    case .slub: try caches.usage(cache, memory, platform, live: live)
    case .slab: try arrays.usage(cache, caches, memory, platform, live: live)
    case .slob: SlabCacheUsage()
    }
  }

  /// Gives what is empty of a cache back.
  func shrinkAll(_ cache: SlabCacheIndex) {
    switch caches.shapes[cache.index].allocator {
    case .slub: caches.shrink(cache, memory, platform)
    case .slab: arrays.shrink(cache, caches, memory, platform)
    case .slob: break
    }
  }

  /// Gives back what a processor keeps of all caches: memory is short. Others may go on meanwhile.
  func reclaimCaches(_ processor: Int) {
    for index in 0..<caches.shapes.count where caches.shapes[index].layout.objectSize > 0 {
      let cache = SlabCacheIndex(index)
      switch caches.shapes[index].allocator {
      case .slub: caches.reclaim(cache, processor: processor, memory, platform)
      case .slab: arrays.reclaim(cache, processor: processor, caches, memory, platform)
      case .slob: break
      }
    }
  }

  /// Makes a cache ready.
  func setUp(_ cache: SlabCacheIndex, _ description: SlabCacheDescription, _ constructor: ObjectConstructor?) {
    caches.setUp(cache, description.shape, memory)
    caches.setConstructor(cache, constructor)
    if description.allocator == .slab { arrays.setUp(cache, description.arrays, memory) }
  }

  /// What SLAB's processors do every two seconds: parts of arrays that are not used much, and some empty slabs, go back
  /// (`mm/slab.c:cache_reap`).
  ///
  /// - Parameters:
  ///   - processor: whose arrays.
  ///   - looksAtNode: whether it is its node's turn too, which comes every four seconds.
  public func reap(processor: Int, looksAtNode: Bool) {
    for index in 0..<caches.shapes.count
    where caches.shapes[index].layout.objectSize > 0 && caches.shapes[index].allocator == .slab {
      arrays.reap(
        SlabCacheIndex(index), processor: processor, looksAtNode: looksAtNode, caches, memory, platform)
    }
  }

  /// Ends a grace period: what was freed of caches that are ``SlabCacheFlags/typeSafe`` before goes back to the page
  /// allocator (`rcu_barrier`).
  public func endGracePeriod(processor: Int = 0) {
    let items = caches.deferred.with { list in
      let taken = list
      list = []
      return taken
    }
    for item in items {
      switch item {
      case .frames(let frame, let order): memory.free(frame, order, processor: processor)
      case .block(let object, let size):
        // An object that was freed twice in one grace period is free by now.
        _ = blocks.free(object, size, processor: processor, caches, memory, platform)
      }
    }
  }
}
