extension MemoryOwner where Self: ~Copyable {
  /// Takes a block of 2^`order` frames and does for it what the kernel does: wakes the background reclaimer, compacts,
  /// reclaims, uses reserves and at last ends a process (`mm/page_alloc.c:__alloc_pages`).
  ///
  /// - Returns: the block's first frame, used for nothing yet.
  mutating func allocatePages(
    _ order: PageOrder, _ flags: GFPFlags, processor: Int, node: Int? = nil, nodes: UInt64 = .max,
    task: TaskContext = []
  ) throws(AllocationFailure) -> FrameNumber {
    let request = try memory.request(order, flags, processor, node, nodes, task)
    var frame = memory.popListed(request)
    if frame == .none { frame = attempt(request, memory.fastFlags(request)) }
    if frame != .none { return memory.prepared(frame, request) }
    return try allocateSlowly(request, task)
  }

  /// `mm/page_alloc.c:__alloc_pages_slowpath`.
  private mutating func allocateSlowly(
    _ request: PageRequest, _ task: TaskContext
  ) throws(AllocationFailure) -> FrameNumber {
    var path = SlowPath(request: request, task: task, how: memory.slowFlags(request, task))
    // Reclaimers that an earlier request woke run before the next one that may sleep.
    if path.canReclaim && memory.isReclaimerWanted {
      letReclaimersRun()
      let frame = attempt(request, memory.fastFlags(request))
      if frame != .none { return memory.prepared(frame, request) }
    }
    if memory.preferredZone(request) == nil { path.gaveUp = true }
    var frame = path.gaveUp ? .none : firstTry(&path)
    while frame == .none && !path.gaveUp { frame = nextTry(&path) }
    if frame == .none && request.flags.contains(.noFail) && path.canReclaim {
      frame = attempt(request, [.minimumReserve, .noWatermarks])
    }
    if frame != .none { return memory.prepared(frame, request) }
    memory.lastFailure = (request.flags, request.order)
    throw AllocationFailure(order: request.order, flags: request.flags, reason: .noMemory)
  }

  /// What comes before any reclaim: the minimum mark, and compaction for those whom free memory alone does not help.
  private mutating func firstTry(_ path: inout SlowPath) -> FrameNumber {
    let request = path.request
    if path.how.contains(.kswapd) { memory.wakeReclaimers(request) }
    let frame = attempt(request, path.how)
    if frame != .none { return frame }
    let wantsBlocks = path.isCostly || (request.order > .single && request.type != .movable)
    guard path.canReclaim, path.canCompact, wantsBlocks, memory.reserveFlags(request, path.task) == nil else {
      return .none
    }
    let compacted = compactDirectly(request, path.how, .asynchronous)
    if compacted.frame != .none { return compacted.frame }
    if path.isCostly && request.flags.contains(.noRetry) {
      if compacted.result == .skipped || compacted.result == .deferred || request.flags.contains(.thisNode) {
        path.gaveUp = true
      }
      path.priority = .asynchronous
    }
    return .none
  }

  /// One round of reclaim, compaction and, if both are exhausted, the out-of-memory killer.
  private mutating func nextTry(_ path: inout SlowPath) -> FrameNumber {
    let request = path.request
    if path.how.contains(.kswapd) { memory.wakeReclaimers(request) }
    if let reserves = memory.reserveFlags(request, path.task) {
      path.how = reserves.union(path.how.intersection([.contiguous, .kswapd]))
    }
    var frame = attempt(memory.widened(request, path.how), path.how)
    if frame != .none { return frame }
    guard path.canReclaim, !path.task.contains(.freesMemory) else {
      path.gaveUp = true
      return .none
    }
    let progress = reclaim(for: request)
    if progress > 0 {
      frame = attempt(request, path.how)
      if frame == .none {
        _ = memory.releaseHighAtomic(request, force: false)
        memory.drainProcessorPages()
        frame = attempt(request, path.how)
      }
      if frame != .none { return frame }
    }
    var result = CompactionResult.skipped
    if request.order > .single && path.canCompact {
      let compacted = compactDirectly(request, path.how, path.priority)
      if compacted.frame != .none { return compacted.frame }
      result = compacted.result
    }
    if request.flags.contains(.noRetry)
      || (path.isCostly && !(path.canCompact && request.flags.contains(.retryMayFail)))
    {
      path.gaveUp = true
      return .none
    }
    path.noProgressLoops = progress > 0 && !path.isCostly ? 0 : path.noProgressLoops + 1
    if reclaimMayHelp(&path) { return .none }
    if progress > 0 && path.canCompact && compactionMayHelp(&path, result) { return .none }
    return kill(&path)
  }

  /// Whether another round of reclaim could be enough (`mm/page_alloc.c:should_reclaim_retry`).
  private mutating func reclaimMayHelp(_ path: inout SlowPath) -> Bool {
    let request = path.request
    if path.noProgressLoops > SlowPath.mostReclaimRetries { return memory.releaseHighAtomic(request, force: true) }
    for zone in memory.zones.indices where memory.serves(request, zone: zone) {
      let reclaimable = reclaimableFrames(zone: zone)
      let mark = memory.zones[zone].watermarks.minimum + memory.zones[zone].boost.value
      if memory.keeps(
        zone, request.order, mark: mark, request.highest, path.how, free: memory.zones[zone].free.value + reclaimable)
      {
        return true
      }
    }
    return false
  }

  /// Whether another, more thorough compaction could be enough (`mm/page_alloc.c:should_compact_retry`).
  private mutating func compactionMayHelp(_ path: inout SlowPath, _ result: CompactionResult) -> Bool {
    guard path.request.order > .single else { return false }
    if result == .success { path.compactionRetries += 1 }
    switch result {
    case .complete, .deferred, .contended, .partialSkipped: break
    case .skipped, .notSuitableZone, .noSuitablePage:
      for zone in memory.zones.indices where memory.serves(path.request, zone: zone) {
        let available = reclaimableFrames(zone: zone) / path.request.order.index + memory.zones[zone].free.value
        if memory.suitability(zone, path.request.order, path.request.highest, path.how, free: available) == .proceed {
          return true
        }
      }
      return false
    case .proceed, .success:
      if path.compactionRetries <= (path.isCostly ? 4 : 16) { return true }
    }
    guard let next = path.priority.next(isCostly: path.isCostly) else { return false }
    path.priority = next
    path.compactionRetries = 0
    return true
  }

  /// The last resort (`mm/page_alloc.c:__alloc_pages_may_oom`).
  private mutating func kill(_ path: inout SlowPath) -> FrameNumber {
    let request = path.request
    let frame = memory.attempt(request, [.highMark, .cpuset])
    if frame != .none { return frame }
    let refuses =
      path.isCostly || !request.flags.isDisjoint(with: [.retryMayFail, .thisNode]) || request.highest < .normal
    if refuses || !killForMemory(request) {
      path.gaveUp = true
    } else {
      path.noProgressLoops = 0
    }
    return .none
  }
}

/// How far a request has come that could not be served at once.
private struct SlowPath {
  let request: PageRequest
  let task: TaskContext
  var how: AttemptFlags
  var priority: CompactionPriority = .light
  var noProgressLoops = 0
  var compactionRetries = 0
  var gaveUp = false

  /// Linux: `MAX_RECLAIM_RETRIES`.
  static let mostReclaimRetries = 16

  init(request: PageRequest, task: TaskContext, how: AttemptFlags) {
    self.request = request
    self.task = task
    self.how = how
  }

  var canReclaim: Bool { request.flags.contains(.directReclaim) }
  var canCompact: Bool { request.flags.permitsCompaction }
  /// Blocks that are not worth everything. Linux: `PAGE_ALLOC_COSTLY_ORDER`.
  var isCostly: Bool { request.order.index > 3 }
}
