extension PhysicalMemory {
  /// Takes a block of 2^`order` frames (`alloc_pages`), as far as it can be had without the help of the layers
  /// above: free memory, the processors' lists and the reserves that `flags` permit.
  ///
  /// Callers that own address spaces or caches use ``MemoryOwner/allocatePages(_:_:processor:node:nodes:task:)``, which
  /// reclaims, compacts and kills as the kernel does.
  ///
  /// - Parameters:
  ///   - order: 0 to 10; larger ones fail.
  ///   - flags: what is permitted and wanted.
  ///   - processor: who asks; no two threads use the same number at a time.
  ///   - node: where the memory should be; the processor's own node if not given.
  ///   - nodes: the nodes that will do, as bits.
  ///   - task: what else is known of who asks.
  /// - Returns: the block's first frame, with one reference and no mapping.
  /// - Complexity: O(orders).
  @inline(__always)
  public func allocatePages(
    _ order: PageOrder = .single, _ flags: GFPFlags = .kernel, processor: Int = 0, node: Int? = nil,
    nodes: UInt64 = .max, task: TaskContext = []
  ) throws(AllocationFailure) -> FrameNumber {
    let request = try request(order, flags, processor, node, nodes, task)
    let frame = attempt(request, fastFlags(request))
    if frame != .none { return prepared(frame, request) }
    return try allocateWithReserves(request, task)
  }

  /// The second half of ``allocatePages(_:_:processor:node:nodes:task:)``.
  @inline(never)
  private func allocateWithReserves(
    _ request: PageRequest, _ task: TaskContext
  ) throws(AllocationFailure) -> FrameNumber {
    var how = slowFlags(request, task)
    if how.contains(.kswapd) { wakeReclaimers(request) }
    var frame = attempt(request, how)
    if frame == .none, let reserves = reserveFlags(request, task) {
      how = reserves.union(how.intersection([.contiguous, .kswapd]))
      frame = attempt(request, how)
    }
    if frame == .none && request.flags.contains(.directReclaim) {
      // What the processors keep may be all that is missing.
      _ = releaseHighAtomic(request, force: false)
      drainProcessorPages()
      frame = attempt(request, how)
      if frame == .none && releaseHighAtomic(request, force: true) { frame = attempt(request, how) }
    }
    if frame == .none && request.flags.contains(.noFail) {
      frame = attempt(request, how.union(.minimumReserve))
    }
    if frame != .none { return prepared(frame, request) }
    throw AllocationFailure(order: request.order, flags: request.flags, reason: .noMemory)
  }

  /// Checks a request and makes it ready (`mm/page_alloc.c:prepare_alloc_pages`).
  @inline(__always)
  func request(
    _ order: PageOrder, _ flags: GFPFlags, _ processor: Int, _ node: Int?, _ nodes: UInt64, _ task: TaskContext
  ) throws(AllocationFailure) -> PageRequest {
    let flags = task.apply(flags)
    guard order <= .largest else { throw AllocationFailure(order: order, flags: flags, reason: .orderTooLarge) }
    guard let highest = flags.highestZone, let type = flags.migrationType else {
      throw AllocationFailure(order: order, flags: flags, reason: .invalidFlags)
    }
    return PageRequest(
      order: order, flags: flags, type: isGroupingDisabled ? .unmovable : type, highest: highest,
      node: node ?? topology.nodeOfProcessor[processor], processor: processor, nodes: nodes)
  }

  /// How far the first attempt goes: every zone keeps its low mark, and pageblocks rather stay whole
  /// (`mm/page_alloc.c:alloc_flags_nofragment`).
  @inline(__always)
  func fastFlags(_ request: PageRequest) -> AttemptFlags {
    var how: AttemptFlags = .low
    if request.flags.contains(.kswapdReclaim) { how.insert(.kswapd) }
    if request.type == .movable { how.insert(.contiguous) }
    if let preferred = preferredZone(request), zones[preferred].kind == .normal, map.architecture == .x86_64 {
      if nodeCount == 1 || hasDMA32(zones[preferred].node) { how.insert(.noFragment) }
    }
    return how
  }

  /// Whether a node has a zone of the kind below Normal.
  private func hasDMA32(_ node: Int) -> Bool {
    for index in 0..<zones.count where zones[index].node == node && zones[index].kind == .dma32 { return true }
    return false
  }

  /// How far later attempts go (`mm/page_alloc.c:gfp_to_alloc_flags`).
  func slowFlags(_ request: PageRequest, _ task: TaskContext) -> AttemptFlags {
    let flags = request.flags
    var how = fastFlags(request).subtracting(.low).union(.cpuset)
    if flags.contains(.high) { how.insert(.minimumReserve) }
    if !flags.contains(.directReclaim) {
      if !flags.contains(.noReserve) {
        how.insert(.nonBlocking)
        if flags.contains(.high) && request.order > .single { how.insert(.highAtomic) }
      }
      if flags.contains(.high) { how.remove(.cpuset) }
    } else if task.contains(.realTime) {
      how.insert(.minimumReserve)
    }
    return how
  }

  /// Who may go below all marks, and how far (`mm/page_alloc.c:__gfp_pfmemalloc_flags`).
  func reserveFlags(_ request: PageRequest, _ task: TaskContext) -> AttemptFlags? {
    if request.flags.contains(.noReserve) { return nil }
    if request.flags.contains(.memoryAllocation) || task.contains(.freesMemory) { return .noWatermarks }
    if task.contains(.outOfMemoryVictim) { return .outOfMemoryVictim }
    return nil
  }

  /// Asks the background reclaimers of all nodes that may serve the request (`wake_all_kswapds`).
  func wakeReclaimers(_ request: PageRequest) {
    var position = request.node * zoneOrderLength
    while zoneOrders[position].zone != .max {
      let reference = zoneOrders[position]
      position += 1
      if permits(request, reference) { nodes[Int(reference.node)].wake(request.order, request.highest) }
    }
  }

  /// Makes a block the caller's (`mm/page_alloc.c:prep_new_page`).
  @inline(__always)
  func prepared(_ frame: FrameNumber, _ request: PageRequest) -> FrameNumber {
    let index = frame.index
    frames[index].order = request.order
    frames[index].flags =
      request.flags.contains(.compound) && request.order > .single ? [.allocated, .compound] : .allocated
    frames[index].references = 1
    frames[index].mappings = 0
    frames[index].owner = 0
    frames[index].fileOffset = 0
    return frame
  }
}
