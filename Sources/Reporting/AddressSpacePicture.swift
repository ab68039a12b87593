import LinuxMM

/// The address space of a process as a picture: its areas to scale, the highest at the top, with what is unmapped folded;
/// colour says what an area is for, the strip within it which of its pages are in memory, shared or swapped.
public struct AddressSpacePicture {
  private let areas: [(area: ProcessArea, kind: AreaKind)]
  private let tables: KeptPageTables
  private let rows: AddressSpaceRows
  private let title: String
  private let faults: (minor: UInt64, major: UInt64)?

  /// - Parameter title: whose address space it is, and when.
  public init(
    _ areas: [ProcessArea], _ tables: KeptPageTables, title: String, faults: (minor: UInt64, major: UInt64)?
  ) {
    let programs = Set(areas.filter { $0.hasFile && $0.rights.contains("x") }.map(\.name))
    self.areas = areas.map { ($0, AreaKind($0, programs: programs)) }
    self.tables = tables
    self.title = title
    self.faults = faults
    rows = AddressSpaceRows(areas, end: tables.geometry.userEnd.address.rawValue)
  }

  // The columns, in the units of the picture.
  private static let width = 1180
  private static let addressEnd = 118
  private static let box = 128.0
  private static let boxWidth = 330.0
  private static let sizeEnd = 540
  private static let rights = 556
  private static let residentEnd = 672
  private static let sharedEnd = 752
  private static let swappedEnd = 828
  private static let name = 846
  /// What fits behind ``name``.
  private static let nameLength = 48

  /// The picture as SVG.
  ///
  /// - Complexity: O(pages with a table).
  public var svg: String {
    var body = ""
    var y = 142.0
    // Where programs' addresses end.
    if case .gap = rows.rows.last {
      body += text(Self.addressEnd, y + 13, address(tables.geometry.userEnd.rawValue), "m e faint")
    }
    for (row, height) in zip(rows.rows, rows.heights).reversed() {
      switch row {
      case .gap(let bytes): body += gap(bytes, y, height)
      case .areas(let places): body += draw(places, y, height)
      }
      y += height
    }
    if case .gap = rows.rows.first { body += text(Self.addressEnd, y - 5, address(0), "m e faint") }
    let height = Int(y) + 24
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(Self.width)" height="\(height)" \
      viewBox="0 0 \(Self.width) \(height)" font-family="DejaVu Sans, Verdana, sans-serif">
      <style>text { font-size: 11px; fill: #333 } .title { font-size: 17px; fill: #111 } .sub { fill: #555 }
      .m { font-family: DejaVu Sans Mono, Menlo, Consolas, monospace } .e { text-anchor: end } .c { text-anchor: middle }
      .faint { fill: #8a8a8a } .head { font-size: 10px; fill: #777 } .s { shape-rendering: crispEdges }</style>
      <rect width="100%" height="100%" fill="#fff"/>
      \(heading)\(legend)\(columns)\(body)</svg>

      """
  }

  // MARK: Rows

  private func draw(_ places: Range<Int>, _ y: Double, _ height: Double) -> String {
    let members = areas[places]
    guard let first = members.first, let last = members.last else { return "" }
    let isGroup = members.count > 1
    let isMixed = members.contains { $0.kind != first.kind }
    let line = isMixed ? "#8a8a8a" : first.kind.colour.text
    let fill = isMixed ? "#f2f2f2" : first.kind.colour.lighter(0.86).text
    // A seam between neighbours.
    let (top, inner) = (y + 1, height - 2)
    var out = "<g class=\"area\"><title>\(escape(tip(members)))</title>\n"
    out += rectangle(Self.box, top, Self.boxWidth, inner, fill)
    out += strip(members, top, inner)
    if members.contains(where: { AddressSpaceRows.isFolded($0.area) }) { out += fold(top + inner / 2, line) }
    out += "<rect x=\"\(number(Self.box + 0.5))\" y=\"\(number(top + 0.5))\" width=\"\(number(Self.boxWidth - 1))\" "
    out += "height=\"\(number(inner - 1))\" fill=\"none\" stroke=\"\(line)\"/>\n"
    let middle = y + height / 2 + 4
    // A tall box has its ends' addresses at its ends.
    let isTall = height >= 44
    out += text(Self.addressEnd, isTall ? y + height - 4 : middle, address(first.area.pages.lowerBound), "m e")
    if isTall { out += text(Self.addressEnd, y + 12, address(last.area.pages.upperBound), "m e faint") }
    func sum(_ names: [Substring]) -> UInt64 {
      members.reduce(0) { result, member in
        names.reduce(result) { $0 + member.area.figures[$1, default: 0] }
      }
    }
    let size = members.reduce(0) { $0 + $1.area.size } >> 10
    out += text(Self.sizeEnd, middle, kibibytes(size), "m e")
    out += text(Self.rights, middle, rights(members), "m")
    for (end, figure) in [
      (Self.residentEnd, sum(["Rss"])), (Self.sharedEnd, sum(["Shared_Clean", "Shared_Dirty"])),
      (Self.swappedEnd, sum(["Swap"])),
    ] { out += text(end, middle, figure == 0 ? "–" : kibibytes(figure), figure == 0 ? "m e faint" : "m e") }
    let (label, note) = isGroup ? label(of: members) : (first.area.name.isEmpty ? "" : first.area.name, "")
    if label.isEmpty {
      out += text(Self.name, middle, "anonymous", "faint")
    } else {
      out += text(
        Self.name, note.isEmpty ? middle : middle - 6, isGroup ? cut(label) : shortened(label), isGroup ? "" : "m")
    }
    if !note.isEmpty { out += text(Self.name, middle + 8, cut(note), "faint") }
    return out + "</g>\n"
  }

  /// Where the pages are: every slice a line from the left, as long as its share; the lowest page at the bottom.
  private func strip(_ members: ArraySlice<(area: ProcessArea, kind: AreaKind)>, _ y: Double, _ height: Double)
    -> String
  {
    let slices = PageStrip(members, tables, most: Int(height)).slices
    var out = ""
    let unit = height / Double(slices.count)
    var start = 0
    while start < slices.count {
      var end = start + 1
      while end < slices.count, slices[end] == slices[start] { end += 1 }
      // On whole pixels, so that no seams show.
      let bottom = y + height - (unit * Double(start)).rounded()
      let top = y + height - (unit * Double(end)).rounded()
      var x = Self.box
      for place in PageStrip.Residence.allCases {
        for kind in AreaKind.allCases {
          let share = slices[start].share(kind, place)
          guard share > 0 else { continue }
          let width = max(share * Self.boxWidth, 1)
          out += rectangle(x, top, width, bottom - top, colour(kind.colour, place))
          x += width
        }
      }
      start = end
    }
    return out
  }

  private func colour(_ colour: Colour, _ place: PageStrip.Residence) -> String {
    switch place {
    case .own: colour.text
    case .shared: colour.lighter(0.5).text
    case .swapped: "#303030"
    }
  }

  private func gap(_ bytes: UInt64, _ y: Double, _ height: Double) -> String {
    let middle = y + height / 2
    let label = Units.bytes(bytes) + " unmapped"
    let room = Double(label.count) * 6.2 + 16
    let side = (Self.boxWidth - room) / 2
    return zigzag(Self.box, middle, side, "#b5b5b5") + zigzag(Self.box + Self.boxWidth - side, middle, side, "#b5b5b5")
      + "<text x=\"\(number(Self.box + Self.boxWidth / 2))\" y=\"\(number(middle + 4))\" class=\"c faint\">\(label)</text>\n"
  }

  /// The mark of an area that is not drawn in its height.
  private func fold(_ y: Double, _ colour: String) -> String {
    rectangle(Self.box, y - 5, Self.boxWidth, 10, "#fff") + zigzag(Self.box, y - 3, Self.boxWidth, colour)
      + zigzag(Self.box, y + 3, Self.boxWidth, colour)
  }

  private func zigzag(_ x: Double, _ y: Double, _ width: Double, _ colour: String) -> String {
    let count = max(2, Int(width / 6) / 2 * 2)
    let step = width / Double(count)
    var path = "M\(number(x)) \(number(y))"
    for tooth in 1...count {
      path += "L\(number(x + step * Double(tooth))) \(number(y + (tooth == count ? 0 : tooth % 2 == 0 ? 2 : -2)))"
    }
    return "<path d=\"\(path)\" fill=\"none\" stroke=\"\(colour)\"/>\n"
  }

  // MARK: Labels

  private func label(of members: ArraySlice<(area: ProcessArea, kind: AreaKind)>) -> (String, String) {
    var parts: [(name: String, count: Int)] = []
    for kind in AreaKind.allCases {
      let count = members.count { $0.kind == kind }
      if count > 0 { parts.append((kind.name, count)) }
    }
    parts.sort { $0.count > $1.count }
    let kinds =
      parts.count == 1
      ? "\(members.count) areas, \(parts[0].name)"
      : "\(members.count) areas: " + parts.prefix(3).map { "\($0.count) \($0.name)" }.joined(separator: ", ")
        + (parts.count > 3 ? " …" : "")
    var unmapped: UInt64 = 0
    for place in members.indices.dropFirst() {
      unmapped += members[place].area.pages.lowerBound - members[place - 1].area.pages.upperBound
    }
    let names = Set(members.map(\.area.name)).subtracting([""])
    let file = names.first.map { $0.split(separator: "/").last.map(String.init) ?? $0 } ?? ""
    let files = names.count > 1 ? "\(names.count) files" : file
    let gaps = unmapped == 0 ? "" : "\(Units.bytes(unmapped << 12)) unmapped between"
    return (kinds, [files, gaps].filter { !$0.isEmpty }.joined(separator: "; "))
  }

  private func rights(_ members: ArraySlice<(area: ProcessArea, kind: AreaKind)>) -> String {
    let all = Set(members.map(\.area.rights))
    return all.count == 1 ? all.first ?? "" : "…"
  }

  private func tip(_ members: ArraySlice<(area: ProcessArea, kind: AreaKind)>) -> String {
    members.prefix(20).map {
      "\($0.area.range) \($0.area.rights) \($0.area.title): \($0.kind.name), "
        + "\($0.area.figures["Rss", default: 0]) of \($0.area.size >> 10) KiB resident"
    }.joined(separator: "\n") + (members.count > 20 ? "\n…" : "")
  }

  private var heading: String {
    func sum(_ name: Substring) -> UInt64 { areas.reduce(0) { $0 + $1.area.figures[name, default: 0] } << 10 }
    let size = areas.reduce(0) { $0 + $1.area.size }
    let resident = sum("Rss")
    var figures =
      "\(areas.count) areas, \(Units.bytes(size)); resident \(Units.bytes(resident)), "
      + "of it \(Units.bytes(sum("Shared_Clean") + sum("Shared_Dirty"))) shared; in swap \(Units.bytes(sum("Swap")))"
    if let faults {
      figures += "; \(Units.count(faults.minor)) minor and \(Units.count(faults.major)) major page faults"
    }
    let least = UInt64(rows.scale * AddressSpaceRows.leastHeight)
    let scale =
      "The highest addresses are at the top. To scale: a height of 10 is \(Units.bytes(UInt64(rows.scale * 10))); "
      + "areas below \(Units.bytes(least)) are drawn higher than they are, and zigzags fold what would be too high."
    return text(20, 30, title, "title") + text(20, 50, figures, "sub") + text(20, 67, scale, "sub")
  }

  private var legend: String {
    var out = ""
    var x = 20
    func entry(_ fill: String, _ line: String, _ label: String) {
      out +=
        "<rect x=\"\(x)\" y=\"80\" width=\"11\" height=\"11\" fill=\"\(fill)\" stroke=\"\(line)\"/>"
        + text(x + 17, 90, label, "")
      x += 36 + label.count * 13 / 2
    }
    let used = Set(areas.map(\.kind))
    for kind in AreaKind.allCases where used.contains(kind) {
      entry(kind.colour.text, kind.colour.text, kind.name)
    }
    let first = out
    out = ""
    x = 20
    let grey = Colour(0x666666)
    entry(colour(grey, .own), "#666", "resident, this process alone")
    entry(colour(grey, .shared), "#666", "resident, mapped by others too")
    entry(colour(grey, .swapped), "#303030", "swapped")
    entry(grey.lighter(0.9).text, "#666", "not resident")
    return first + "<g transform=\"translate(0 18)\">" + out + "</g>"
  }

  private var columns: String {
    let y = 134.0
    return text(Self.addressEnd, y, "START", "head e")
      + text(Int(Self.box), y, "PAGES, THE LOWEST AT THE BOTTOM", "head")
      + text(Self.sizeEnd, y, "SIZE", "head e") + text(Self.rights, y, "RIGHTS", "head")
      + text(Self.residentEnd, y, "RESIDENT", "head e") + text(Self.sharedEnd, y, "SHARED", "head e")
      + text(Self.swappedEnd, y, "SWAPPED", "head e") + text(Self.name, y, "NAME", "head")
  }

  // MARK: Pieces

  /// Its end, which tells more than its beginning.
  private func shortened(_ name: String) -> String {
    name.count <= Self.nameLength ? name : "…" + name.suffix(Self.nameLength - 1)
  }

  private func cut(_ label: String) -> String {
    label.count <= Self.nameLength ? label : label.prefix(Self.nameLength - 1) + "…"
  }

  private func kibibytes(_ value: UInt64) -> String {
    value < 10_000_000 ? Units.count(value) + " K" : Units.bytes(value << 10)
  }

  private func address(_ page: UInt64) -> String {
    let digits = String(page << 12, radix: 16)
    return String(repeating: "0", count: max(0, 8 - digits.count)) + digits
  }

  private func rectangle(_ x: Double, _ y: Double, _ width: Double, _ height: Double, _ fill: String) -> String {
    "<rect class=\"s\" x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(width))\" height=\"\(number(height))\" "
      + "fill=\"\(fill)\"/>\n"
  }

  private func text(_ x: Int, _ y: Double, _ content: String, _ style: String) -> String {
    "<text x=\"\(x)\" y=\"\(number(y))\"\(style.isEmpty ? "" : " class=\"\(style)\"")>"
      + "\(escape(content))</text>\n"
  }

  private func escape(_ text: String) -> String {
    // XML has no way to write control characters.
    String(text.map { $0.isASCII && $0.asciiValue ?? 32 < 32 && $0 != "\n" ? "?" : $0 })
      .replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }

  private func number(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(Double(tenths) / 10)"
  }
}
