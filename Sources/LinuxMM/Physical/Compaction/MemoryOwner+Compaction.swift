/// Compaction: pages are moved to the upper end of their zone, so that the free memory between them becomes large
/// blocks.
extension MemoryOwner where Self: ~Copyable {
  /// Compacts for a request that waits (`mm/page_alloc.c:__alloc_pages_direct_compact`).
  mutating func compactDirectly(
    _ request: PageRequest, _ how: AttemptFlags, _ priority: CompactionPriority
  ) -> (frame: FrameNumber, result: CompactionResult) {
    guard request.order > .single else { return (.none, .skipped) }
    let result = compactZones(request, how, priority)
    if result <= .proceed && result != .notSuitableZone && result != .proceed { return (.none, result) }
    memory.statistics.compactionStalls += 1
    let frame = attempt(request, how)
    if frame == .none {
      memory.statistics.compactionFailures += 1
    } else {
      memory.resetDeferral(zone: memory.zone(of: frame), request.order, allocated: true)
      memory.statistics.compactionSuccesses += 1
    }
    return (frame, result)
  }

  /// `mm/compaction.c:try_to_compact_pages`.
  private mutating func compactZones(
    _ request: PageRequest, _ how: AttemptFlags, _ priority: CompactionPriority
  ) -> CompactionResult {
    var result = CompactionResult.skipped
    var position = request.node * memory.zoneOrderLength
    while memory.zoneOrders[position].zone != .max {
      let reference = memory.zoneOrders[position]
      position += 1
      guard memory.permits(request, reference) else { continue }
      let zone = Int(reference.zone)
      if priority > .full && memory.isDeferred(zone: zone, request.order) {
        result = max(result, .deferred)
        continue
      }
      var control = CompactionControl(
        zone: zone, order: request.order, type: request.type, highest: request.highest, how: how,
        priority: priority, isDirect: true)
      control.isWholeZone = priority == .full
      let status = compact(&control)
      result = max(result, status)
      if status == .success {
        memory.resetDeferral(zone: zone, request.order, allocated: false)
        break
      }
      if priority != .asynchronous && (status == .complete || status == .partialSkipped) {
        memory.deferCompaction(zone: zone, request.order)
      }
    }
    return result
  }

  /// Compacts all memory. Linux: a write to `/proc/sys/vm/compact_memory`.
  mutating func compactMemory() {
    memory.drainProcessorPages()
    for zone in memory.zones.indices {
      var control = CompactionControl(
        zone: zone, order: nil, type: .movable, highest: memory.zones[zone].kind, how: [], priority: .light,
        isDirect: false)
      control.isWholeZone = true
      _ = compact(&control)
    }
  }

  /// One step of a node's background compactor: for the blocks that requests woke it for, then against
  /// fragmentation as such (`mm/compaction.c:kcompactd_do_work`, `proactive_compact_node`).
  mutating func stepCompactor(node: Int) {
    let wanted = memory.nodes[node].wantedOrder.value - 1
    if wanted > 0 {
      let order = PageOrder(wanted)
      let highest = ZoneKind(rawValue: memory.nodes[node].wantedZone.value) ?? .normal
      memory.nodes[node].wantedOrder.set(0)
      memory.nodes[node].wantedZone.set(0)
      memory.statistics.compactorWakes += 1
      for zone in memory.zones.indices where memory.zones[zone].node == node && memory.zones[zone].kind <= highest {
        if memory.isDeferred(zone: zone, order) { continue }
        guard memory.suitability(zone, order, highest, [], free: memory.zones[zone].free.value) == .proceed else {
          continue
        }
        var control = CompactionControl(
          zone: zone, order: order, type: .unmovable, highest: highest, how: [], priority: .light, isDirect: false)
        switch compact(&control) {
        case .success: memory.resetDeferral(zone: zone, order, allocated: false)
        case .partialSkipped, .complete:
          memory.drain(zone: zone)
          memory.deferCompaction(zone: zone, order)
        default: break
        }
      }
    }
    let proactiveness = memory.settings.compactionProactiveness
    let low = max(100 - proactiveness, 5)
    guard proactiveness > 0, memory.fragmentationScore(node: node) > min(low + 10, 100) else { return }
    for zone in memory.zones.indices where memory.zones[zone].node == node {
      var control = CompactionControl(
        zone: zone, order: nil, type: .movable, highest: memory.zones[zone].kind, how: [], priority: .light,
        isDirect: false, proactiveGoal: low)
      control.isWholeZone = true
      _ = compact(&control)
    }
  }

  /// Moves pages of one zone until its goal is reached or the scanners meet (`mm/compaction.c:compact_zone`).
  mutating func compact(_ control: inout CompactionControl) -> CompactionResult {
    let zone = control.zone
    if let order = control.order {
      let suitable = memory.suitability(zone, order, control.highest, control.how, free: memory.zones[zone].free.value)
      if suitable != .proceed { return suitable }
      if memory.restartsCompaction(zone: zone, order) { memory.resetSkips(zone: zone) }
    }
    memory.startScanners(&control)
    var result = memory.compactionState(control)
    while result == .proceed {
      let pages = memory.pagesToMove(&control)
      if !pages.isEmpty { move(pages, &control) }
      result = memory.compactionState(control)
    }
    memory.stopScanners(&control)
    return result
  }

  /// Moves pages of a cluster as long as there are targets.
  private mutating func move(_ pages: [FrameNumber], _ control: inout CompactionControl) {
    for (position, page) in pages.enumerated() {
      if control.targets.isEmpty { memory.findTargets(&control, wanted: pages.count - position) }
      guard let target = control.targets.popLast() else {
        memory.statistics.migrationFailures += UInt64(pages.count - position)
        return
      }
      if move(page, to: target) {
        memory.statistics.pagesMigrated += 1
        memory.freeToZone(page, .single, zone: control.zone)
      } else {
        control.targets.append(target)
        memory.statistics.migrationFailures += 1
      }
    }
  }
}
