/// Taking pages back from the lists of a node (`mm/vmscan.c`).
extension AddressSpaces where P: ~Copyable {
  /// Takes pages of a node back (`shrink_node`).
  mutating func shrink(node: Int, _ control: inout ReclaimControl) {
    var scan = NodeScan()
    while !proceed(&scan, node: node, &control) {}
  }

  /// The next portion of that: what the kernel does before it may be interrupted.
  ///
  /// - Returns: whether it was the last one.
  mutating func proceed(_ scan: inout NodeScan, node: Int, _ control: inout ReclaimControl) -> Bool {
    switch scan.stage {
    case .node:
      control.taken = ReclaimTally()
      scan.reclaimed = control.reclaimed
      scan.scanned = control.scanned
      prepare(&control, node: node)
      scan.group = control.group
      scan.stage = .group
      return false
    case .group:
      if shrinksGroup(scan.group, &control) {
        let vector = UInt32(scan.group) * UInt32(memory.nodeCount) + UInt32(node)
        if !memory.hasGenerations {
          scan.left = scanCounts(vector, scan.group, &control)
          scan.targets = scan.left
          scan.freed = 0
          scan.stage = .lists
          return false
        }
        shrinkGenerations(vector: vector, scan.group, &control)
      }
    case .lists:
      let vector = UInt32(scan.group) * UInt32(memory.nodeCount) + UInt32(node)
      if !memory.hasGenerations && shrinkLists(vector, &scan, &control) { return false }
      endLists(vector, scan, &control)
    }
    scan.group = memory.groupAfter(scan.group, below: control.group)
    scan.stage = .group
    return scan.group == 0 && end(&scan, node: node, &control)
  }

  /// - Returns: whether the node is done; else it begins anew.
  private mutating func end(_ scan: inout NodeScan, node: Int, _ control: inout ReclaimControl) -> Bool {
    // Slabs that went with their pages.
    control.reclaimed += trimBuffers(keeping: bufferSlabs.keptSlabs)
    if control.group == 0 { control.reclaimed += shrinkShadows(priority: control.priority) }
    let progress = control.reclaimed - scan.reclaimed
    if progress > 0 { scan.isReclaimable = true }
    if control.isBackground {
      let taken = control.taken
      if taken.writeback > 0 && taken.writeback == taken.taken { reclaimers[node].isFullOfWriteback = true }
      if taken.unqueuedDirty == taken.fileTaken { reclaimers[node].isFullOfDirty = true }
      if taken.immediate > 0 { scan.waits = true }
    }
    let target = UInt32(control.group) * UInt32(memory.nodeCount) + UInt32(node)
    if control.isBackground || control.group != 0, control.taken.dirty > 0,
      control.taken.dirty == control.taken.congested
    {
      memory.vectors[target].isCongested = true
    }
    if !control.isBackground && memory.vectors[target].isCongested { waitForProgress(node: node) }
    scan.stage = .node
    if shouldContinue(progress, scanned: control.scanned - scan.scanned, node: node, control) { return false }
    if scan.isReclaimable { reclaimers[node].failures = 0 }
    return true
  }

  /// Whether more is to be freed until a block of the order could be made (`should_continue_reclaim`).
  private func shouldContinue(_ progress: Int, scanned: Int, node: Int, _ control: ReclaimControl) -> Bool {
    let isForBlocks =
      control.order > .single && (control.order.index > 3 || control.priority < ReclaimControl.firstPriority - 2)
    guard isForBlocks, progress > 0 else { return false }
    for zone in memory.zones.indices
    where memory.zones[zone].node == node && memory.zones[zone].kind <= control.highest
      && memory.zones[zone].managed > 0
    {
      switch memory.suitability(
        zone, control.order, control.highest, [], free: memory.zones[zone].free.value)
      {
      case .success, .proceed: return false
      default: break
      }
    }
    var inactive = memory.listedPages(.inactiveFile, node: node)
    if canSwap { inactive += memory.listedPages(.inactiveAnonymous, node: node) }
    return inactive > 2 << control.order.index
  }

  /// Whether memory may be taken from a group (`mem_cgroup_below_min`, `mem_cgroup_below_low`).
  private mutating func shrinksGroup(_ group: UInt16, _ control: inout ReclaimControl) -> Bool {
    guard group != 0, group != control.group else { return true }
    memory.calculateProtection(group, in: control.group)
    let state = memory.groups[UInt32(group)]
    if state.effectiveMinimum >= state.usage && state.effectiveMinimum > 0 { return false }
    guard state.effectiveLow >= state.usage, state.effectiveLow > 0 else { return true }
    if !control.ignoresLow {
      control.skippedLow = true
      return false
    }
    memory.groups[UInt32(group)].events.low += 1
    return true
  }

  /// Takes a portion of the pages of one vector's lists, so that files and private memory keep the proportion they are to be
  /// looked at in (`shrink_lruvec`).
  ///
  /// - Returns: whether some are left to be looked at.
  private mutating func shrinkLists(_ vector: UInt32, _ scan: inout NodeScan, _ control: inout ReclaimControl) -> Bool {
    guard scan.left[0] > 0 || scan.left[2] > 0 || scan.left[3] > 0 else { return false }
    for place in 0..<4 where scan.left[place] > 0 {
      let count = min(scan.left[place], ReclaimControl.batch)
      scan.left[place] -= count
      scan.freed += shrink(vector: vector, LRUKind.evictable[place], count, &control)
    }
    let finishes =
      control.group == 0 && !control.isBackground && control.priority == ReclaimControl.firstPriority
    if scan.freed < control.goal || finishes { return true }
    let anonymous = scan.left[0] + scan.left[1]
    let file = scan.left[2] + scan.left[3]
    if anonymous == 0 || file == 0 { return false }
    // The kind with less left to look at ends; the other one goes on to the same percentage.
    let ended = file > anonymous ? 0 : 2
    let target = scan.targets[ended] + scan.targets[ended + 1] + 1
    let percentage = (file > anonymous ? anonymous : file) * 100 / target
    scan.left[ended] = 0
    scan.left[ended + 1] = 0
    for place in (2 - ended)..<(4 - ended) {
      let scanned = scan.targets[place] - scan.left[place]
      scan.left[place] = scan.targets[place] * (100 - percentage) / 100
      scan.left[place] -= min(scan.left[place], scanned)
    }
    return true
  }

  /// The end of `shrink_lruvec`.
  private mutating func endLists(_ vector: UInt32, _ scan: NodeScan, _ control: inout ReclaimControl) {
    unplug()
    control.reclaimed += scan.freed
    if !swap.isEmpty && memory.lists.hasFewInactive(vector, file: false) {
      deactivate(vector: vector, .activeAnonymous, ReclaimControl.batch, control)
    }
  }

  /// Linux: `shrink_list`.
  private mutating func shrink(
    vector: UInt32, _ kind: LRUKind, _ count: Int, _ control: inout ReclaimControl
  ) -> Int {
    guard kind.isActive else { return shrinkInactive(vector: vector, kind, count, &control) }
    if control.deactivates(file: kind.isFile) {
      deactivate(vector: vector, kind, count, control)
    } else {
      control.skippedActive = true
    }
    return 0
  }

  /// Makes pages inactive that were active, but for code that is used (`shrink_active_list`).
  mutating func deactivate(vector: UInt32, _ kind: LRUKind, _ count: Int, _ control: ReclaimControl) {
    let scanned = memory.takeOldest(count, vector, kind, upTo: control.highest, mayUnmap: control.mayUnmap)
    if control.group == 0 { memory.statistics.pagesRefilled += UInt64(scanned) }
    memory.vectors[vector].events.refilled += UInt64(scanned)
    spend(scanned: scanned)
    var recent = RecentMapping()
    for index in 0..<memory.taken.count {
      let frame = memory.taken[index]
      guard isEvictable(frame) else {
        memory.statistics.pagesFoundUnevictable += 1
        memory.addToList(frame)
        continue
      }
      let references = references(to: frame, memory.frames[frame.index], &recent)
      if references.count > 0 && references.isCode && memory.frames[frame.index].flags.hasDisk {
        memory.kept.append(frame)
        continue
      }
      memory.frames[frame.index].flags.remove(.active)
      memory.frames[frame.index].flags.insert(.workingSet)
      memory.statistics.pagesDeactivated += 1
      memory.vectors[vector].events.deactivated += 1
      memory.kept.append(frame)
    }
    memory.putBackKept(vector)
  }

  /// Takes pages of an inactive list back (`shrink_inactive_list`).
  private mutating func shrinkInactive(
    vector: UInt32, _ kind: LRUKind, _ count: Int, _ control: inout ReclaimControl
  ) -> Int {
    finishTransfers()
    let scanned = memory.takeOldest(count, vector, kind, upTo: control.highest, mayUnmap: control.mayUnmap)
    spend(scanned: scanned)
    noteScan(vector, isFile: kind.isFile, scanned, control)
    let taken = memory.taken.count
    guard taken > 0 else { return 0 }
    var tally = ReclaimTally()
    var reclaimed = 0
    let node = Int(vector) % memory.nodeCount
    control.scanned += taken
    let orders = control
    var recent = RecentMapping()
    for index in 0..<taken {
      let frame = memory.taken[index]
      if keepUsed(frame, vector, &recent) {
        memory.kept.append(frame)
        continue
      }
      switch dispose(frame, node: node, orders, &tally, &recent) {
      case .freed: reclaimed += 1
      case .kept: memory.kept.append(frame)
      }
    }
    memory.putBackKept(vector)
    noteSteal(vector, isFile: kind.isFile, reclaimed, control)
    memory.noteCost(tally.written, file: kind.isFile, vector)
    if tally.unqueuedDirty == taken { wakeFlusher() }
    control.taken.dirty += tally.dirty
    control.taken.congested += tally.congested
    control.taken.unqueuedDirty += tally.unqueuedDirty
    control.taken.writeback += tally.writeback
    control.taken.immediate += tally.immediate
    control.taken.taken += taken
    if kind.isFile { control.taken.fileTaken += taken }
    return reclaimed
  }

  /// Counts pages taken off a list to be looked at.
  mutating func noteScan(_ vector: UInt32, isFile: Bool, _ pages: Int, _ control: ReclaimControl) {
    let pages = UInt64(pages)
    if control.isBackground {
      if control.group == 0 { memory.statistics.backgroundScans += pages }
      memory.vectors[vector].events.backgroundScans += pages
    } else {
      if control.group == 0 { memory.statistics.directScans += pages }
      memory.vectors[vector].events.directScans += pages
    }
    if isFile { memory.statistics.fileScans += pages } else { memory.statistics.anonymousScans += pages }
  }

  /// Counts pages taken back, and the time for them.
  mutating func noteSteal(_ vector: UInt32, isFile: Bool, _ pages: Int, _ control: ReclaimControl) {
    spend(reclaimed: pages)
    let pages = UInt64(pages)
    if control.isBackground {
      if control.group == 0 { memory.statistics.backgroundSteals += pages }
      memory.vectors[vector].events.backgroundSteals += pages
    } else {
      if control.group == 0 { memory.statistics.directSteals += pages }
      memory.vectors[vector].events.directSteals += pages
    }
    if isFile { memory.statistics.fileSteals += pages } else { memory.statistics.anonymousSteals += pages }
  }
}
