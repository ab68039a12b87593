/// Measures of fragmentation. None looks at more than the counts of free blocks: O(orders).
extension PhysicalMemory {
  /// Free memory of a zone as compaction sees it. Linux: `struct contig_page_info`.
  struct Contiguity {
    /// Free blocks of all orders.
    var blocks = 0
    /// Free frames.
    var frames = 0
    /// Blocks of the wanted order that the free blocks hold.
    var suitable = 0
  }

  /// - Complexity: O(orders).
  func contiguity(zone: Int, _ order: PageOrder) -> Contiguity {
    var result = Contiguity()
    for size in 0..<PageOrder.count {
      let count = zoneLists[zone].blockCount(PageOrder(size))
      result.blocks += count
      result.frames += count << size
      if size >= order.index { result.suitable += count << (size - order.index) }
    }
    return result
  }

  /// How much of the free memory is in blocks too small for `order`: 0 none to 1000 all
  /// (`mm/vmstat.c:unusable_free_index`, as `/sys/kernel/debug/extfrag/unusable_index` has it in thousandths).
  public func unusableIndex(zone: Int, _ order: PageOrder) -> Int {
    let info = contiguity(zone: zone, order)
    if info.frames == 0 { return 1000 }
    return (info.frames - info.suitable << order.index) * 1000 / info.frames
  }

  /// Why a block of `order` cannot be had: towards 0 for want of memory, towards 1000 for fragmentation, −1000 if it
  /// can be had (`mm/vmstat.c:__fragmentation_index`).
  public func fragmentationIndex(zone: Int, _ order: PageOrder) -> Int {
    let info = contiguity(zone: zone, order)
    if info.blocks == 0 { return 0 }
    if info.suitable > 0 { return -1000 }
    return 1000 - (1000 + info.frames * 1000 / order.frameCount) / info.blocks
  }

  /// External fragmentation in percent of the free memory (`mm/vmstat.c:extfrag_for_order`).
  public func externalFragmentation(zone: Int, _ order: PageOrder) -> Int {
    let info = contiguity(zone: zone, order)
    if info.frames == 0 { return 0 }
    return (info.frames - info.suitable << order.index) * 100 / info.frames
  }

  /// A node's score for proactive compaction (`mm/compaction.c:fragmentation_score_node`), about 0 to 100.
  func fragmentationScore(node: Int) -> Int {
    var present = 0
    for zone in zones.indices where zones[zone].node == node { present += zones[zone].present }
    var score = 0
    for zone in zones.indices where zones[zone].node == node {
      score += zones[zone].present * externalFragmentation(zone: zone, PageOrder(9)) / (present + 1)
    }
    return score
  }

  /// Whether compaction for a block of `order` makes sense (`mm/compaction.c:compaction_suitable`).
  ///
  /// - Returns: `.success` if a block can be had already, `.skipped` or `.proceed`.
  func suitability(
    _ zone: Int, _ order: PageOrder, _ highest: ZoneKind, _ how: AttemptFlags, free: Int
  ) -> CompactionResult {
    let mark = zones[zone].watermarks.mark(how.level) + zones[zone].boost.value
    if keeps(zone, order, mark: mark, highest, how, free: free) { return .success }
    // Both copies of what moves must find room for a while.
    let costly = order.index > 3
    let base = costly ? zones[zone].watermarks.low : zones[zone].watermarks.minimum
    let room = base + zones[zone].boost.value + 2 << order.index
    if !keeps(zone, .single, mark: room, highest, .contiguous, free: free) { return .skipped }
    if costly {
      let index = fragmentationIndex(zone: zone, order)
      if index >= 0 && index <= settings.fragmentationThreshold { return .skipped }
    }
    return .proceed
  }

  /// Whether a request may be served from a zone.
  func serves(_ request: PageRequest, zone: Int) -> Bool {
    zones[zone].kind <= request.highest && request.nodes >> UInt64(zones[zone].node) & 1 != 0
      && (!request.flags.contains(.thisNode) || zones[zone].node == request.node)
  }
}

extension PhysicalMemory {
  /// How many blocks of `order` the free memory of a zone holds.
  public func freeBlocks(of order: PageOrder, _ figures: ZoneFigures) -> Int {
    guard let zone = zone(figures.node, figures.kind) else { return 0 }
    return contiguity(zone: zone, order).suitable
  }
}
