/// The derived figures of a zone, populated or not, as `/proc/zoneinfo` shows them; all in frames.
public struct ZoneFigures: Equatable, Sendable {
  public let node: Int
  public let kind: ZoneKind
  public var free = 0
  public var boost = 0
  public var minimum = 0
  public var low = 0
  public var high = 0
  /// Linux: `WMARK_PROMO`, shown by newer kernels.
  public var promotion = 0
  public var spanned = 0
  public var present = 0
  public var managed = 0
  public var contiguous = 0
  /// Frames kept from requests that could use a higher zone, in the order of the architecture's zones.
  public var protection: [Int] = []
  /// What a processor's lists hold at most, and move at a time; 0 without frames.
  public var listHigh = 0
  public var listBatch = 0
}

extension PhysicalMemory {
  /// The figures of all zones of all nodes, those without frames included.
  public var zoneFigures: [ZoneFigures] {
    (0..<nodeCount).flatMap { node in map.architecture.zoneKinds.map { figures(node, $0) } }
  }

  /// The zone of a node, if it has frames.
  func zone(_ node: Int, _ kind: ZoneKind) -> Int? {
    zones.indices.first { zones[$0].node == node && zones[$0].kind == kind }
  }

  func figures(_ node: Int, _ kind: ZoneKind) -> ZoneFigures {
    var figures = ZoneFigures(node: node, kind: kind)
    let kinds = map.architecture.zoneKinds
    guard let zone = zone(node, kind) else {
      // The marks of memory that the kernel does not map all the time are never below 32.
      let mark = isHighMemory(kind) ? 32 : 0
      figures.minimum = mark
      figures.low = mark
      figures.high = mark
      figures.promotion = mark
      figures.protection = kinds.map { _ in 0 }
      return figures
    }
    let marks = zones[zone].watermarks
    figures.free = zones[zone].free.value
    figures.boost = zones[zone].boost.value
    figures.minimum = marks.minimum + figures.boost
    figures.low = marks.low + figures.boost
    figures.high = marks.high + figures.boost
    figures.promotion = marks.promotion + figures.boost
    figures.spanned = zones[zone].span.count
    figures.present = zones[zone].present
    figures.managed = zones[zone].managed
    figures.contiguous = zones[zone].contiguous
    figures.protection = kinds.map { marks.reserve[$0.rawValue] }
    figures.listHigh = zones[zone].listHigh
    figures.listBatch = zones[zone].listBatch
    return figures
  }
}
