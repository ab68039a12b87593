extension MemoryOwner where Self: ~Copyable {
  /// One attempt to find a block in the zones that a request permits, which frees memory of near nodes on the way if that is
  /// wanted (`mm/page_alloc.c:get_page_from_freelist`).
  ///
  /// - Returns: the block's first frame, or `.none`.
  @inline(__always)
  mutating func attempt(_ request: PageRequest, _ how: AttemptFlags) -> FrameNumber {
    reclaimsNodes ? attemptReclaiming(request, how) : memory.attempt(request, how)
  }

  @inline(never)
  private mutating func attemptReclaiming(_ request: PageRequest, _ how: AttemptFlags) -> FrameNumber {
    var walk = ZoneWalk(how)
    while true {
      let frame = memory.attempt(request, &walk, stopsShort: true)
      if frame != .none || walk.short < 0 { return frame }
      let node = memory.zones[walk.short].node
      if memory.isNear(node, memory.zones[walk.preferred].node), reclaimNode(node, for: request),
        memory.keepsWatermark(walk.short, request, walk.how)
      {
        walk.position -= 1
      }
      walk.short = -1
    }
  }
}

extension PhysicalMemory {
  /// Whether a node is so near to another that its memory is freed rather than that of nodes farther away. Linux:
  /// `zone_allows_reclaim`, `node_reclaim_distance`.
  func isNear(_ node: Int, _ other: Int) -> Bool {
    topology.distances[other * topology.nodeCount + node] <= 30
  }
}
