/// The kernel's own calls to the page allocator.
extension Machine where P: ~Copyable {
  /// Takes the frames that a machine's kernel holds from its boot on.
  mutating func occupy(_ use: PhysicalConfiguration.ZoneUse) {
    for zone in spaces.memory.zones.indices
    where spaces.memory.zones[zone].node == use.node && spaces.memory.zones[zone].kind == use.kind {
      let rest = max(use.frames - use.reclaimable - use.movable, 0)
      kernelFrames += spaces.memory.occupy(rest, .unmovable, zone: zone)
      kernelFrames += spaces.memory.occupy(use.reclaimable, .reclaimable, zone: zone)
      kernelFrames += spaces.memory.occupy(use.movable, .movable, zone: zone)
    }
  }

  /// Takes a block of 2^`order` frames for the kernel (`alloc_pages`), with all that the kernel does for it: reclaim,
  /// compaction, reserves.
  ///
  /// - Parameters:
  ///   - order: 0 to 10.
  ///   - flags: what is permitted and wanted; ``GFPFlags/zero`` clears the frames.
  ///   - processor: who asks.
  ///   - node: where the memory should be; the processor's own node if not given.
  /// - Throws: ``AllocationFailure`` when it cannot be had.
  /// - Complexity: O(orders) when there is free memory.
  public mutating func allocatePages(
    _ order: PageOrder = .single, _ flags: GFPFlags = .kernel, processor: Int = 0, node: Int? = nil
  ) throws(AllocationFailure) -> FrameNumber {
    spaces.translation.memory.processor = processor
    let frame = try spaces.allocatePages(order, flags, processor: processor, node: node)
    if flags.contains(.zero) {
      for part in 0..<order.frameCount { spaces.translation.platform.clear(frame + part) }
    }
    kernelFrames += order.frameCount
    return frame
  }

  /// The same for callers that want the address where the kernel sees the block (`__get_free_pages`).
  ///
  /// - Returns: its address in the direct mapping of all memory, which begins at 0xffff888000000000, on 32-bit machines
  ///   at 3 GiB.
  /// - Throws: ``AllocationFailure``, also with ``GFPFlags/highmem``: such memory has no address of its own.
  public mutating func getFreePages(
    _ order: PageOrder = .single, _ flags: GFPFlags = .kernel, processor: Int = 0
  ) throws(AllocationFailure) -> VirtualAddress {
    guard !flags.contains(.highmem) else {
      throw AllocationFailure(order: order, flags: flags, reason: .invalidFlags)
    }
    let frame = try allocatePages(order, flags, processor: processor)
    guard configuration.memoryMap.architecture != .x86_64 else { return DirectMap.address(of: frame.address) }
    return VirtualAddress(TemporaryMappings.directBase + frame.address.rawValue)
  }

  /// Gives a block of ``allocatePages(_:_:processor:node:)`` back (`__free_pages`).
  ///
  /// - Throws: ``FreeFailure`` if that is no such block; nothing has changed then.
  public mutating func freePages(
    _ frame: FrameNumber, _ order: PageOrder = .single, processor: Int = 0
  ) throws(FreeFailure) {
    try spaces.translation.memory.freePages(frame, order, processor: processor)
    kernelFrames -= order.frameCount
  }

  /// Takes frames that follow each other from an area (`cma_alloc`), moving the pages that are there.
  public mutating func allocateContiguous(
    _ count: Int, alignment: Int = 1, area: Int = 0
  ) throws(ContiguousFailure) -> FrameNumber {
    let frame = try spaces.allocateContiguous(count, alignment: alignment, area: area)
    kernelFrames += count
    return frame
  }

  /// Gives them back (`cma_release`).
  public mutating func releaseContiguous(
    _ first: FrameNumber, _ count: Int, area: Int = 0
  ) throws(ContiguousFailure) {
    try spaces.releaseContiguous(first, count, area: area)
    kernelFrames -= count
  }

  /// Compacts all memory. Linux: a write to `/proc/sys/vm/compact_memory`.
  public mutating func compactMemory() { spaces.compactMemory() }
}
