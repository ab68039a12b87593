import LinuxMM

/// Physical memory as a picture: every pageblock a square, by zone; colour says the migration type and how much of it is
/// used for what, the mark in its corner how large a free block it holds.
public struct MemoryMapPicture {
  private let picture: MemoryPicture
  private let title: String
  private let side: Int
  private let columns: Int

  public init(_ picture: MemoryPicture, title: String) {
    self.picture = picture
    self.title = title
    // Small machines are drawn larger.
    let isSmall = picture.zones.allSatisfy { $0.blocks.count <= 480 }
    side = isSmall ? 23 : 11
    columns = isSmall ? 48 : 96
  }

  /// The picture as SVG. Large zones are drawn with several pageblocks a square, so that it stays readable.
  ///
  /// - Complexity: O(pageblocks).
  public var svg: String {
    var body = ""
    var y = 90
    let width = columns * (side + 1) + 40
    for zone in picture.zones {
      // At most 60 rows a zone.
      let most = columns * 60
      let merge = max(1, (zone.blocks.count + most - 1) / most)
      let squares = stride(from: 0, to: zone.blocks.count, by: merge).map { start in
        Square(zone.blocks[start..<min(start + merge, zone.blocks.count)], frames: picture.pageblockFrames)
      }
      let free = zone.blocks.reduce(0) { $0 + $1.free }
      let whole = zone.blocks.count { ($0.largestFree ?? 0) >= 9 && $0.free == picture.pageblockFrames }
      body += text(
        20, y,
        "Node \(zone.node), zone \(zone.kind.name): \(megabytes(free)) MiB free, \(whole) of \(zone.blocks.count) "
          + "pageblocks wholly free" + (merge > 1 ? " (a square is \(merge) pageblocks)" : ""), "zone")
      y += 8
      for (index, square) in squares.enumerated() {
        body += draw(square, 20 + index % columns * (side + 1), y + index / columns * (side + 1))
      }
      y += (squares.count + columns - 1) / columns * (side + 1) + 26
    }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(y)" viewBox="0 0 \(width) \(y)" \
      font-family="sans-serif">
      <style>text { font-size: 11px; fill: #333 } .zone { font-size: 12px; font-weight: bold } .title { font-size: 15px }
      rect.b { stroke-width: 1.2 }</style>
      <rect width="100%" height="100%" fill="#fff"/>
      \(text(20, 26, escape(title), "title"))\(legend)
      \(body)</svg>

      """
  }

  /// One or several pageblocks in one square.
  private struct Square {
    var type: MigrationType
    var used: [(share: Double, colour: String)]
    var largestFree: Int?

    init(_ blocks: ArraySlice<MemoryPicture.Block>, frames: Int) {
      let total = Double(blocks.count * frames)
      func share(_ path: (MemoryPicture.Block) -> Int) -> Double { Double(blocks.reduce(0) { $0 + path($1) }) / total }
      var counts: [MigrationType: Int] = [:]
      for block in blocks { counts[block.type, default: 0] += 1 }
      type = counts.max { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }?.key ?? .movable
      used = [
        (share(\.reserved), "#4a4a4a"), (share(\.other), "#c2573a"), (share(\.pageTables), "#e0a030"),
        (share(\.movable), "#4c8bbf"), (share(\.listed), "#b9d3a6"),
      ]
      largestFree = blocks.compactMap(\.largestFree).max()
    }
  }

  private static let typeColours: [(MigrationType, String)] = [
    (.movable, "#4c8bbf"), (.unmovable, "#c2573a"), (.reclaimable, "#5a9e55"), (.highAtomic, "#8a5ab0"),
    (.contiguous, "#00a0a0"), (.isolated, "#000000"),
  ]

  private func draw(_ square: Square, _ x: Int, _ y: Int) -> String {
    let border = Self.typeColours.first { $0.0 == square.type }?.1 ?? "#000"
    var result =
      "<rect class=\"b\" x=\"\(x)\" y=\"\(y)\" width=\"\(side)\" height=\"\(side)\" fill=\"#f3f6f1\" stroke=\"\(border)\"/>"
    // Inside the frame.
    var bottom = Double(side - 2)
    for (share, colour) in square.used where share > 0 {
      // What is there is seen, however little.
      let height = min(max(share * Double(side - 2), 1.5), bottom)
      bottom -= height
      result +=
        "<rect x=\"\(x + 1)\" y=\"\(number(Double(y + 1) + bottom))\" width=\"\(side - 2)\" "
        + "height=\"\(number(height))\" fill=\"\(colour)\"/>"
    }
    if let order = square.largestFree, square.used.contains(where: { $0.share > 0 }) {
      // The width of the mark is the largest free order.
      let length = Double(order + 1) / 11 * Double(side)
      result += "<rect x=\"\(x)\" y=\"\(y)\" width=\"\(number(length))\" height=\"2\" fill=\"#1c7a2c\"/>"
    }
    return result + "\n"
  }

  private var legend: String {
    var result = ""
    var x = 20
    func entry(_ shape: String, _ label: String) {
      result += shape + text(x + 16, 47, label, "")
      x += 26 + label.count * 6
    }
    for (colour, label) in [
      ("#4a4a4a", "kernel's own"), ("#c2573a", "kernel allocations"), ("#e0a030", "page tables"),
      ("#4c8bbf", "private memory, page cache"), ("#b9d3a6", "free, kept by a processor"), ("#f3f6f1", "free"),
    ] {
      entry("<rect x=\"\(x)\" y=\"38\" width=\"11\" height=\"11\" fill=\"\(colour)\" stroke=\"#999\"/>", label)
    }
    entry(
      "<rect x=\"\(x)\" y=\"42\" width=\"11\" height=\"2\" fill=\"#1c7a2c\"/>", "largest free block (full width: 4 MiB)"
    )
    x = 20
    var types = ""
    for (type, colour) in Self.typeColours {
      types +=
        "<rect class=\"b\" x=\"\(x)\" y=\"54\" width=\"10\" height=\"10\" fill=\"none\" stroke=\"\(colour)\"/>"
        + text(x + 16, 63, "\(type.name)", "")
      x += 32 + type.name.description.count * 7
    }
    return result + text(x + 4, 63, "(frame of a pageblock: what it is kept for)", "") + types
  }

  private func text(_ x: Int, _ y: Int, _ content: String, _ style: String) -> String {
    "<text x=\"\(x)\" y=\"\(y)\" class=\"\(style)\">\(content)</text>\n"
  }

  private func escape(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }

  private func number(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    return hundredths % 100 == 0 ? "\(hundredths / 100)" : "\(Double(hundredths) / 100)"
  }

  private func megabytes(_ frames: Int) -> String { "\(frames / 256)" }
}
