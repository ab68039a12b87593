/// The background reclaimers' work, in steps (`mm/vmscan.c:kswapd`).
extension AddressSpaces where P: ~Copyable {
  /// Lets every background reclaimer go on as far as it can at the present time.
  ///
  /// On a machine with one processor its time is the machine's; else it has another processor for itself.
  mutating func stepReclaimers() {
    guard !isReclaiming else { return }
    isReclaiming = true
    finishTransfers()
    for node in 0..<memory.nodeCount {
      while step(node: node) {}
    }
    isReclaiming = false
    nextStep = .max
    for node in 0..<memory.nodeCount {
      switch reclaimers[node].phase {
      case .asleep: break
      case .dozing, .waiting, .running: nextStep = min(nextStep, reclaimers[node].resumes)
      }
    }
  }

  /// - Returns: whether it went on.
  private mutating func step(node: Int) -> Bool {
    switch reclaimers[node].phase {
    case .asleep:
      guard isWakeable(node) else { return false }
      begin(node)
    case .dozing:
      if isWakeable(node) {
        memory.statistics.earlyWakes += 1
        begin(node)
      } else {
        guard reclaimers[node].resumes <= clock else { return false }
        if maySleep(node) {
          reclaimers[node].phase = .asleep
          return false
        }
        memory.statistics.earlyShortages += 1
        begin(node)
      }
    case .waiting:
      guard reclaimers[node].resumes <= clock else { return false }
      reclaimers[node].phase = .running
    case .running:
      guard reclaimers[node].resumes <= clock else { return false }
      reclaimers[node].isPreempted = false
      let start = clock
      asideTime = 0
      worksAside = memory.processorTotal > 1
      if !worksAside {
        changeBackgroundStall(by: 1)
        // The first page it takes from the process that ran makes the processor leave that, which finds its translations gone.
        translation.processors.enterLazy(on: memory.processor)
      }
      balance(node, since: start)
      shrinkCompressedCache()
      if worksAside {
        addBackgroundStall(asideTime)
      } else {
        changeBackgroundStall(by: -1)
        share(node, since: start)
      }
      worksAside = false
      if asideTime > 0 { reclaimers[node].resumes = max(reclaimers[node].resumes, start &+ asideTime) }
    }
    return true
  }

  /// Whether a reclaimer has had the only processor for its share of time, and a program runs or is ready to
  /// (`kernel/sched/fair.c:sched_slice` for two runnable tasks, `check_preempt_wakeup`).
  private func mustLeave(_ node: Int, since start: UInt64) -> Bool {
    let limit = restsUntil == nil ? Self.slice : Self.wakeupGranularity
    return !worksAside && reclaimers[node].ran &+ (clock &- start) >= limit && (restsUntil ?? 0) <= clock
  }

  /// Counts the time a reclaimer has had the processor, and leaves that to the program if it was too long.
  private mutating func share(_ node: Int, since start: UInt64) {
    let leaves = mustLeave(node, since: start)
    reclaimers[node].ran &+= clock &- start
    guard leaves, case .running = reclaimers[node].phase else { return }
    reclaimers[node].ran = 0
    reclaimers[node].isPreempted = true
    reclaimers[node].resumes = clock &+ Self.slice
  }

  /// Lets reclaimers have the processor again that a program does not need for now.
  mutating func resumeReclaimers() {
    for node in 0..<memory.nodeCount where reclaimers[node].isPreempted {
      reclaimers[node].isPreempted = false
      reclaimers[node].resumes = min(reclaimers[node].resumes, clock)
      nextStep = min(nextStep, clock)
    }
  }

  /// Half of `sysctl_sched_latency`, and `sysctl_sched_wakeup_granularity`, on one processor.
  private static var slice: UInt64 { 3_000_000_000 }
  private static var wakeupGranularity: UInt64 { 1_000_000_000 }

  /// Whether a request has asked for memory of the node and there is something to be done (`wakeup_kswapd`).
  private func isWakeable(_ node: Int) -> Bool {
    let wanted = memory.nodes[node].wantedOrder.value
    guard wanted > 0 else { return false }
    let highest = ZoneKind(rawValue: memory.nodes[node].wantedZone.value) ?? .movable
    if reclaimers[node].gaveUp || (isBalanced(node, PageOrder(wanted - 1), highest) && !isBoosted(node, highest)) {
      memory.nodes[node].forgetWishes()
      return false
    }
    return true
  }

  private func isBoosted(_ node: Int, _ highest: ZoneKind) -> Bool {
    for zone in memory.zones.indices
    where memory.zones[zone].node == node && memory.zones[zone].kind <= highest && memory.zones[zone].boost.value > 0 {
      return true
    }
    return false
  }

  /// Whether any zone could give a block and keep its high mark (`pgdat_balanced`).
  private func isBalanced(_ node: Int, _ order: PageOrder, _ highest: ZoneKind) -> Bool {
    var isEmpty = true
    for zone in memory.zones.indices
    where memory.zones[zone].node == node && memory.zones[zone].kind <= highest && memory.zones[zone].managed > 0 {
      isEmpty = false
      let mark = memory.zones[zone].watermarks.high + memory.zones[zone].boost.value
      if memory.keeps(zone, order, mark: mark, highest, [], free: memory.zones[zone].free.value) { return true }
    }
    return isEmpty
  }

  /// Takes over what is wanted and begins a run (`kswapd`, the start of `balance_pgdat`).
  private mutating func begin(_ node: Int) {
    let wanted = memory.nodes[node].wantedOrder.value
    if wanted > 0 {
      reclaimers[node].order = PageOrder(wanted - 1)
      reclaimers[node].highest = ZoneKind(rawValue: memory.nodes[node].wantedZone.value) ?? .movable
    } else {
      reclaimers[node].order = .single
    }
    memory.nodes[node].forgetWishes()
    memory.statistics.backgroundRuns += 1
    var control = ReclaimControl()
    control.isBackground = true
    control.order = reclaimers[node].order
    control.highest = reclaimers[node].highest
    reclaimers[node].control = control
    reclaimers[node].boost = 0
    for zone in memory.zones.indices where memory.zones[zone].node == node {
      let kind = memory.zones[zone].kind
      let boost = kind <= control.highest ? memory.zones[zone].boost.value : 0
      reclaimers[node].boosts[kind.rawValue] = boost
      reclaimers[node].boost += boost
      memory.zones[zone].limitLists(isReclaimed: kind <= control.highest)
    }
    reclaimers[node].wasBoosted = reclaimers[node].boost > 0
    reclaimers[node].phase = .running
    reclaimers[node].resumes = clock
    reclaimers[node].isPreempted = false
    reclaimers[node].isScanning = false
  }

  /// One round over the node with the present priority (the loop of `balance_pgdat`), or as much of it as there is time for.
  ///
  /// - Parameter start: since when it has the processor.
  private mutating func balance(_ node: Int, since start: UInt64) {
    if !reclaimers[node].isScanning && !beginRound(node) { return }
    var control = reclaimers[node].control
    var scan = reclaimers[node].scan
    while !proceed(&scan, node: node, &control) {
      guard mustLeave(node, since: start) else { continue }
      unplug()
      reclaimers[node].control = control
      reclaimers[node].scan = scan
      return
    }
    reclaimers[node].isScanning = false
    endRound(node, control, waits: scan.waits)
  }

  /// - Returns: whether there is one.
  private mutating func beginRound(_ node: Int) -> Bool {
    var control = reclaimers[node].control
    let highest = reclaimers[node].highest
    let isBalanced = isBalanced(node, control.order, highest)
    if !isBalanced && reclaimers[node].boost > 0 {
      reclaimers[node].boost = 0
      reclaimers[node].control.priority = ReclaimControl.firstPriority
      return false
    }
    if isBalanced && reclaimers[node].boost == 0 {
      finish(node)
      return false
    }
    let isForBoost = reclaimers[node].boost > 0
    reclaimers[node].raises = !(isForBoost && control.priority == ReclaimControl.firstPriority - 2)
    control.mayWrite = !isForBoost || control.priority < ReclaimControl.firstPriority - 2
    control.maySwap = !isForBoost
    reclaimers[node].reclaimedBefore = control.reclaimed
    if memory.hasGenerations {
      ageGenerations(node: node, &control)
    } else if !swap.isEmpty {
      if memory.lists.hasFewInactive(UInt32(node), file: false) || memory.groups.limit > 1 {
        ageActive(node: node, control)
      }
    }
    control.scanned = 0
    control.goal = 0
    for zone in memory.zones.indices
    where memory.zones[zone].node == node && memory.zones[zone].kind <= highest && memory.zones[zone].managed > 0 {
      control.goal += max(
        memory.zones[zone].watermarks.high + memory.zones[zone].boost.value, ReclaimControl.batch)
    }
    reclaimers[node].control = control
    reclaimers[node].scan = NodeScan()
    reclaimers[node].isScanning = true
    return true
  }

  private mutating func endRound(_ node: Int, _ round: ReclaimControl, waits: Bool) {
    var control = round
    if control.order > .single && control.reclaimed >= 2 << control.order.index { control.order = .single }
    let raises = reclaimers[node].raises && control.scanned < control.goal
    let progress = control.reclaimed - reclaimers[node].reclaimedBefore
    reclaimers[node].boost -= min(reclaimers[node].boost, progress)
    let givesUp = reclaimers[node].boost > 0 && progress == 0
    if !givesUp && (raises || progress == 0) { control.priority -= 1 }
    reclaimers[node].control = control
    if givesUp || control.priority < 1 {
      if control.reclaimed == 0 { reclaimers[node].failures += 1 }
      finish(node)
    } else if waits {
      reclaimers[node].phase = .waiting
      reclaimers[node].written = 0
      reclaimers[node].resumes = clock &+ Self.writebackTimeout
    }
  }

  /// Takes some of the active pages of every group that has few inactive ones (`kswapd_age_node`).
  private mutating func ageActive(node: Int, _ control: ReclaimControl) {
    for group in 0..<memory.groups.limit {
      let vector = UInt32(group * memory.nodeCount + node)
      if memory.lists.hasFewInactive(vector, file: false) {
        deactivate(vector: vector, .activeAnonymous, ReclaimControl.batch, control)
      }
    }
  }

  /// Ends a run and dozes, or begins the next one (the end of `balance_pgdat`, `kswapd_try_to_sleep`).
  private mutating func finish(_ node: Int) {
    for zone in memory.zones.indices where memory.zones[zone].node == node {
      memory.zones[zone].limitLists(isReclaimed: false)
      if reclaimers[node].wasBoosted {
        let recorded = reclaimers[node].boosts[memory.zones[zone].kind.rawValue]
        memory.zones[zone].boost.add(-min(memory.zones[zone].boost.value, recorded))
      }
    }
    noteActivations(node: node, group: 0)
    // What was asked for meanwhile comes next.
    if memory.nodes[node].wantedOrder.value > 0 && reclaimers[node].control.order == reclaimers[node].order {
      reclaimers[node].order = PageOrder(memory.nodes[node].wantedOrder.value - 1)
      reclaimers[node].highest = ZoneKind(rawValue: memory.nodes[node].wantedZone.value) ?? .movable
      memory.nodes[node].forgetWishes()
    } else {
      reclaimers[node].order = min(reclaimers[node].order, reclaimers[node].control.order)
    }
    if maySleep(node) {
      reclaimers[node].phase = .dozing
      reclaimers[node].ran = 0
      reclaimers[node].resumes = clock &+ Self.dozeTime
    } else {
      memory.statistics.earlyShortages += 1
      begin(node)
    }
  }

  /// Whether nothing is left to be done for a node (`prepare_kswapd_sleep`).
  private mutating func maySleep(_ node: Int) -> Bool {
    if reclaimers[node].gaveUp { return true }
    guard isBalanced(node, reclaimers[node].order, reclaimers[node].highest) else { return false }
    memory.vectors[UInt32(node)].isCongested = false
    reclaimers[node].isFullOfWriteback = false
    reclaimers[node].isFullOfDirty = false
    return true
  }

  /// Remembers how many pages came back too soon up to now (`snapshot_refaults`).
  mutating func noteActivations(node: Int, group: UInt16) {
    if memory.hasGenerations { return }
    let vector = UInt32(group) * UInt32(memory.nodeCount) + UInt32(node)
    memory.vectors[vector].seenAnonymousActivations = memory.vectors[vector].anonymousActivations
    memory.vectors[vector].seenFileActivations = memory.vectors[vector].fileActivations
  }

  /// HZ/10.
  private static var dozeTime: UInt64 { 100_000_000_000 }
  private static var writebackTimeout: UInt64 { 100_000_000_000 }
}
