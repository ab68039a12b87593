extension PhysicalMemory {
  /// Takes a block of 2^`order` frames (`alloc_pages`), as far as it can be had without the help of the layers
  /// above: free memory, the processors' lists and the reserves that `flags` permit.
  ///
  /// Callers that own address spaces or caches use `MemoryOwner.allocatePages`, which
  /// reclaims, compacts and kills as the kernel does.
  ///
  /// - Parameters:
  ///   - order: 0 to 10; larger ones fail.
  ///   - flags: what is permitted and wanted.
  ///   - processor: who asks; no two threads use the same number at a time.
  ///   - node: where the memory should be; the processor's own node if not given.
  ///   - nodes: the nodes that will do, as bits.
  ///   - task: what else is known of who asks.
  /// - Returns: the block's first frame, used for nothing yet.
  /// - Complexity: O(orders).
  @inline(__always)
  public func allocatePages(
    _ order: PageOrder = .single, _ flags: GFPFlags = .kernel, processor: Int = 0, node: Int? = nil,
    nodes: UInt64 = .max, task: TaskContext = []
  ) throws(AllocationFailure) -> FrameNumber {
    let request = try request(order, flags, processor, node, nodes, task)
    let frame = popListed(request)
    return frame != .none ? prepared(frame, request) : try allocateFurther(request, task)
  }

  /// Takes a block from the processor's lists if one is there and nothing else has to be looked after.
  @inline(__always)
  func popListed(_ request: PageRequest) -> FrameNumber {
    guard let zone = preferredZone(request) else { return .none }
    let how = fastFlags(request, zone)
    let index = pagesIndex(zone, request.processor)
    guard isListed(request, zone: zone, how), keepsWatermark(zone, request, how), wantedPages[index].value == 0 else {
      return .none
    }
    let place = PerProcessorPages.place(request.order, request.type)
    guard !processorPages[index].lists[place].isEmpty && zones[zone].isBoosted.value == 0 else { return .none }
    return pop(request, place, index, zone: zone)
  }

  /// What ``allocatePages(_:_:processor:node:nodes:task:)`` does when the processor's list is empty.
  @inline(never)
  private func allocateFurther(
    _ request: PageRequest, _ task: TaskContext
  ) throws(AllocationFailure) -> FrameNumber {
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
    if let reserves = frame == .none ? reserveFlags(request, task) : nil {
      how = reserves.union(how.intersection([.contiguous, .kswapd]))
    }
    if frame == .none { frame = attempt(widened(request, how), how) }
    if frame == .none && request.flags.contains(.directReclaim) {
      // What the processors keep may be all that is missing.
      _ = releaseHighAtomic(request, force: false)
      drain(processor: request.processor)
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
      order: order, flags: flags, type: isGroupingDisabled ? .unmovable : type,
      highest: highest == .dma32 ? wideZone : highest,
      node: node ?? Int(processorNodes[processor]), processor: processor, nodes: nodes)
  }

  /// How far the first attempt goes: every zone keeps its low mark, and pageblocks rather stay whole
  /// (`mm/page_alloc.c:alloc_flags_nofragment`).
  func fastFlags(_ request: PageRequest) -> AttemptFlags {
    guard let preferred = preferredZone(request) else { return .low }
    return fastFlags(request, preferred)
  }

  @inline(__always)
  private func fastFlags(_ request: PageRequest, _ preferred: Int) -> AttemptFlags {
    var how: AttemptFlags = .low
    if request.flags.contains(.kswapdReclaim) { how.insert(.kswapd) }
    if request.type == .movable { how.insert(.contiguous) }
    if zones[preferred].prefersWholePageblocks { how.insert(.noFragment) }
    return how
  }

  /// How far later attempts go (`mm/page_alloc.c:gfp_to_alloc_flags`).
  func slowFlags(_ request: PageRequest, _ task: TaskContext) -> AttemptFlags {
    let flags = request.flags
    var how = fastFlags(request).subtracting([.low, .noFragment]).union(.cpuset)
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

  /// The request without its set of nodes, for those who may go beyond it: who cannot wait, and who may use all reserves.
  func widened(_ request: PageRequest, _ how: AttemptFlags) -> PageRequest {
    if how.contains(.cpuset) { return request }
    return PageRequest(
      order: request.order, flags: request.flags, type: request.type, highest: request.highest, node: request.node,
      processor: request.processor, nodes: PageRequest.allNodes)
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

  /// Whether a request has asked a background reclaimer for memory that has not begun since.
  var isReclaimerWanted: Bool {
    for node in nodes.indices where nodes[node].wantedOrder.value > 0 { return true }
    return false
  }

  /// Makes a block the caller's (`mm/page_alloc.c:prep_new_page`).
  @inline(__always)
  func prepared(_ frame: FrameNumber, _ request: PageRequest) -> FrameNumber {
    states[frame.index] = .allocated(request.order)
    return frame
  }
}
