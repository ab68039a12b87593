/// Freeing memory of one node before others give theirs (`mm/vmscan.c:node_reclaim`).
extension AddressSpaces where P: ~Copyable {
  var reclaimsNodes: Bool { reclaimSettings.zoneReclaimMode != 0 }

  private var writesForNode: Bool { reclaimSettings.zoneReclaimMode & 2 != 0 }
  private var unmapsForNode: Bool { reclaimSettings.zoneReclaimMode & 4 != 0 }

  mutating func reclaimNode(_ node: Int, for request: PageRequest) -> Bool {
    guard hasEnoughFilePages(node), request.flags.contains(.directReclaim), !isReclaiming else { return false }
    let own = memory.node(ofProcessor: request.processor)
    if memory.topology.hasProcessor(node) && node != own { return false }
    isReclaiming = true
    let stall = beginStall()
    defer {
      shrinkCompressedCache()
      endStall(stall)
      isReclaiming = false
    }
    let wanted = request.order.frameCount
    var control = ReclaimControl()
    control.goal = max(wanted, ReclaimControl.batch)
    control.order = request.order
    control.priority = Self.nodePriority
    control.highest = request.highest
    control.permitsTransfers = request.flags.contains(.io)
    control.permitsFiles = request.flags.contains(.fs)
    control.mayWrite = writesForNode
    control.mayUnmap = unmapsForNode
    while control.reclaimed < wanted && control.priority >= 0 {
      shrink(node: node, &control)
      control.priority -= 1
    }
    if control.reclaimed < wanted { memory.statistics.nodeReclaimFailures += 1 }
    return true
  }

  /// Whether a node has more pages of files than are to be left alone, or more slabs that could be freed.
  private func hasEnoughFilePages(_ node: Int) -> Bool {
    let figures = memory.nodeFigures[node]
    let listed = memory.listedPages(.inactiveFile, node: node) + memory.listedPages(.activeFile, node: node)
    var pages = unmapsForNode ? figures.cached : max(listed - figures.mapped, 0)
    if !writesForNode { pages -= min(figures.dirty, pages) }
    var managed = 0
    for zone in memory.zones.indices where memory.zones[zone].node == node { managed += memory.zones[zone].managed }
    return pages > managed * reclaimSettings.leastUnmappedPercent / 100
      || memory.statistics.reclaimableSlabPages > managed * reclaimSettings.leastSlabPercent / 100
  }

  /// Linux: `NODE_RECLAIM_PRIORITY`.
  private static var nodePriority: Int { 4 }
}
