/// Requests that free memory themselves (`mm/vmscan.c:try_to_free_pages`).
extension AddressSpaces where P: ~Copyable {
  /// Frees about 32 pages where a request may take them.
  ///
  /// - Returns: the number of pages freed; 1 if a block can be made by compaction instead.
  mutating func reclaimDirectly(for request: PageRequest) -> Int {
    guard !isReclaiming else { return 0 }
    waitForReserves(request)
    isReclaiming = true
    let stall = beginStall()
    defer {
      shrinkCompressedCache()
      endStall(stall)
      isReclaiming = false
    }
    var control = ReclaimControl()
    control.order = request.order
    control.highest = request.highest
    control.permitsTransfers = request.flags.contains(.io)
    control.permitsFiles = request.flags.contains(.fs)
    while true {
      memory.statistics.stalls[control.highest.rawValue] += 1
      let isReady = reclaim(request, &control)
      for node in 0..<memory.nodeCount { noteActivations(node: node, group: 0) }
      if control.reclaimed > 0 { return control.reclaimed }
      if isReady { return 1 }
      guard control.retries() else { return 0 }
    }
  }

  /// Looks at more and more of the lists until enough is freed (`do_try_to_free_pages`).
  ///
  /// - Returns: whether a block can be made by compaction.
  private mutating func reclaim(_ request: PageRequest, _ control: inout ReclaimControl) -> Bool {
    var isReady = false
    while control.priority >= 0 {
      control.scanned = 0
      var position = request.node * memory.zoneOrderLength
      var last = -1
      var first = -1
      while memory.zoneOrders[position].zone != .max {
        let reference = memory.zoneOrders[position]
        position += 1
        guard memory.permits(request, reference) else { continue }
        if control.order.index > 3 && canCompact(Int(reference.zone), control) {
          isReady = true
          continue
        }
        if first < 0 { first = Int(reference.node) }
        if Int(reference.node) == last { continue }
        last = Int(reference.node)
        shrink(node: last, &control)
      }
      if first >= 0 && control.reclaimed <= control.scanned >> 3 && control.priority == 1 && control.reclaimed == 0 {
        waitForProgress(node: first)
      }
      if control.reclaimed >= control.goal || isReady { return isReady }
      if control.priority < ReclaimControl.firstPriority - 2 { control.mayWrite = true }
      control.priority -= 1
    }
    return isReady
  }

  /// Whether a zone has enough free memory for compaction (`compaction_ready`).
  private func canCompact(_ zone: Int, _ control: ReclaimControl) -> Bool {
    let free = memory.zones[zone].free.value
    let suitability = memory.suitability(zone, control.order, control.highest, [], free: free)
    if suitability == .success { return true }
    if suitability == .skipped { return false }
    let mark =
      memory.zones[zone].watermarks.high + memory.zones[zone].boost.value + 2 << control.order.index
    return memory.keeps(zone, .single, mark: mark, control.highest, [], free: free)
  }

  /// Waits as long as half of the reserves is gone that reclaim itself needs (`throttle_direct_reclaim`).
  private mutating func waitForReserves(_ request: PageRequest) {
    let node = request.node
    guard !hasReserves(node) else { return }
    memory.statistics.throttledRequests += 1
    let end = clock &+ 1_000_000_000_000
    while !hasReserves(node) && clock < end {
      memory.nodes[node].wake(.single, .normal)
      stepReclaimers()
      if hasReserves(node) || reclaimers[node].phase == .asleep { return }
      rest(until: min(end, min(transfers.nextEnd, nextStep)))
    }
  }

  /// Linux: `allow_direct_reclaim`.
  private func hasReserves(_ node: Int) -> Bool {
    if reclaimers[node].gaveUp { return true }
    var reserve = 0
    var free = 0
    for zone in memory.zones.indices
    where memory.zones[zone].node == node && memory.zones[zone].kind <= .normal && reclaimableFrames(zone: zone) > 0 {
      reserve += memory.zones[zone].watermarks.minimum + memory.zones[zone].boost.value
      free += memory.zones[zone].free.value
    }
    return reserve == 0 || free > reserve / 2
  }

  /// Lets a request wait that makes no progress, or meets pages that wait for their disk, unless waiting would not help (`reclaim_throttle`).
  mutating func waitForProgress(node: Int) {
    if reclaimers[node].gaveUp { return }
    var reclaimable = 0
    for zone in memory.zones.indices where memory.zones[zone].node == node {
      reclaimable += reclaimableFrames(zone: zone)
    }
    guard 2 * (memory.statistics.dirtyPages + memory.statistics.writebackPages) > reclaimable else { return }
    // 1/HZ.
    rest(until: clock &+ 4_000_000_000)
  }
}
