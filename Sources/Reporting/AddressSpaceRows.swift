import LinuxMM

/// The rows of a picture of an address space, from the lowest address on: areas, several of them in one row where there
/// are many, and the gaps between them.
struct AddressSpaceRows {
  enum Row {
    /// The areas at these places.
    case areas(Range<Int>)
    /// So many bytes where nothing is mapped.
    case gap(UInt64)
  }

  private(set) var rows: [Row] = []
  private(set) var heights: [Double] = []
  /// Bytes a unit of height stands for.
  private(set) var scale: Double = 1
  /// The least height of an area.
  static let leastHeight = 18.0
  /// The same of several areas in one row, which have two lines of text.
  static let leastGroupHeight = 31.0
  static let gapHeight = 19.0
  /// The height of an area that is drawn folded.
  static let foldedHeight = 52.0
  /// More areas than this are not drawn one by one.
  static let mostAreas = 72

  init(_ areas: [ProcessArea], end: UInt64) {
    var last: UInt64 = 0
    for group in Self.groups(areas) {
      let start = areas[group.lowerBound].pages.lowerBound << 12
      if start > last { rows.append(.gap(start - last)) }
      rows.append(.areas(group))
      last = areas[group.upperBound - 1].pages.upperBound << 12
    }
    if end > last { rows.append(.gap(end - last)) }
    scaleHeights(areas)
  }

  /// Areas that stand in one row: each alone as long as there are few, otherwise only the largest and those with a name
  /// of the kernel's, with what lies between them together.
  private static func groups(_ areas: [ProcessArea]) -> [Range<Int>] {
    guard areas.count > mostAreas else { return areas.indices.map { $0..<$0 + 1 } }
    let limit = areas.map(\.size).sorted(by: >)[mostAreas / 2]
    var groups: [Range<Int>] = []
    var open = 0
    for (place, area) in areas.enumerated() where area.size > limit || area.name.hasPrefix("[") {
      if open < place { groups.append(open..<place) }
      groups.append(place..<place + 1)
      open = place + 1
    }
    if open < areas.count { groups.append(open..<areas.count) }
    return groups
  }

  /// Whether an area is so large and so empty that its size would hide everything else's.
  static func isFolded(_ area: ProcessArea) -> Bool {
    area.size >= 1 << 30 && area.figures["Rss", default: 0] << 10 < area.size / 64
  }

  /// Chooses the largest scale with which the picture does not become too high.
  private mutating func scaleHeights(_ areas: [ProcessArea]) {
    var sizes: [(bytes: Double, least: Double)] = []
    for case .areas(let group) in rows {
      let least = group.count == 1 ? Self.leastHeight : min(Self.leastGroupHeight + Double(group.count) / 8, 72)
      let isFolded = group.count == 1 && Self.isFolded(areas[group.lowerBound])
      let bytes = areas[group].reduce(0.0) { $0 + (Self.isFolded($1) ? 0 : Double($1.size)) }
      sizes.append((bytes, isFolded ? Self.foldedHeight : least))
    }
    let least = sizes.reduce(0) { $0 + $1.least }
    let wanted = least + max(300, 620 - least)
    func total(_ scale: Double) -> Double { sizes.reduce(0) { $0 + max($1.least, $1.bytes / scale) } }
    var low = 1.0
    var high = Double(1 << 50)
    for _ in 0..<80 {
      let middle = (low * high).squareRoot()
      if total(middle) > wanted { low = middle } else { high = middle }
    }
    scale = high
    var number = 0
    for row in rows {
      if case .areas = row {
        heights.append(max(sizes[number].least, sizes[number].bytes / scale).rounded())
        number += 1
      } else {
        heights.append(Self.gapHeight)
      }
    }
  }
}
