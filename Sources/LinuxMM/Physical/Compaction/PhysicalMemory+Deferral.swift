/// Compaction that fails is tried less and less often.
extension PhysicalMemory {
  /// Linux: `COMPACT_MAX_DEFER_SHIFT`.
  private static var largestShift: Int { 6 }

  /// Whether this try is left out; counts it (`mm/compaction.c:compaction_deferred`).
  func isDeferred(zone: Int, _ order: PageOrder) -> Bool {
    let limit = 1 << zoneLists[zone].compaction.deferShift
    if order.index < zoneLists[zone].compaction.orderFailed { return false }
    zoneLists[zone].compaction.considered += 1
    if zoneLists[zone].compaction.considered >= limit {
      zoneLists[zone].compaction.considered = limit
      return false
    }
    return true
  }

  /// Notes a failure (`mm/compaction.c:defer_compaction`).
  func deferCompaction(zone: Int, _ order: PageOrder) {
    zoneLists[zone].compaction.considered = 0
    zoneLists[zone].compaction.deferShift = min(zoneLists[zone].compaction.deferShift + 1, Self.largestShift)
    zoneLists[zone].compaction.orderFailed = min(zoneLists[zone].compaction.orderFailed, order.index)
  }

  /// Notes a success (`mm/compaction.c:compaction_defer_reset`).
  ///
  /// - Parameter allocated: whether a block was even allocated.
  func resetDeferral(zone: Int, _ order: PageOrder, allocated: Bool) {
    if allocated {
      zoneLists[zone].compaction.considered = 0
      zoneLists[zone].compaction.deferShift = 0
    }
    if order.index >= zoneLists[zone].compaction.orderFailed {
      zoneLists[zone].compaction.orderFailed = order.index + 1
    }
  }

  /// Whether deferral has run its full course, so that everything is looked at again (`compaction_restarting`).
  func restartsCompaction(zone: Int, _ order: PageOrder) -> Bool {
    let state = zoneLists[zone].compaction
    return order.index >= state.orderFailed && state.deferShift == Self.largestShift
      && state.considered >= 1 << state.deferShift
  }

  /// Forgets which pageblocks were hopeless and begins at the ends again (`__reset_isolation_suitable`).
  func resetSkips(zone: Int) {
    for block in pageblocks.indices where Int(pageblocks[block].zone) == zone { pageblocks[block].setSkipped(false) }
    zoneLists[zone].compaction.reset(zones[zone].span)
    zoneLists[zone].compaction.forgetsSkips = false
  }
}
