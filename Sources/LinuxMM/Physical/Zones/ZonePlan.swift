/// A zone to be, worked out from a map of memory.
struct ZonePlan {
  var node: Int
  var kind: ZoneKind
  /// Its RAM, ascending.
  var parts: [FrameRange]

  /// The part of the node's addresses that the zone covers, holes included: a node that reaches beyond the zone's bounds
  /// fills them (`zone_spanned_pages_in_node`).
  var span: FrameRange
  var present: Int { parts.reduce(0) { $0 + $1.count } }

  /// The zones with frames, by node and kind (`mm/page_alloc.c:free_area_init_node`).
  static func plans(for map: MemoryMap) -> [ZonePlan] {
    var plans: [ZonePlan] = []
    for node in 0..<map.nodeCount {
      let own = map.regions.filter { $0.node == node }
      guard let first = own.first, let last = own.last else { continue }
      let all = FrameRange(first.range.start, last.range.end)
      for kind in ZoneKind.allCases {
        let bounds = map.bounds(kind, node: node)
        var parts: [FrameRange] = []
        for region in own {
          let part = region.range.clipped(to: bounds)
          if part.count > 0 { parts.append(part) }
        }
        if !parts.isEmpty {
          plans.append(ZonePlan(node: node, kind: kind, parts: parts, span: all.clipped(to: bounds)))
        }
      }
    }
    return plans
  }
}

/// A zone in a node's order of zones. Linux: `struct zoneref`.
struct ZoneReference: BitwiseCopyable {
  var zone: UInt8
  var kind: UInt8
  var node: UInt8

  /// Ends the list.
  static let end = ZoneReference(zone: .max, kind: 0, node: 0)
}
