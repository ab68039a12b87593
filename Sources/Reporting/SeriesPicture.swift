import Foundation

/// A run over time as a picture: panels below each other for memory, faults, reclaim and stalls, on one axis of the machine's
/// time.
struct SeriesPicture {
  private let points: [Report.Point]
  private let title: String
  private let left = 70.0
  private let width = 820.0
  private let height = 130.0

  init(_ points: [Report.Point], title: String) {
    self.points = points
    self.title = title
  }

  /// The picture as SVG; without two moments, only its frame and a line that says so.
  ///
  /// - Complexity: O(points).
  var svg: String {
    var body = ""
    var y = 62.0
    if points.count < 2 { body += label(left, y, "The run is too short for a picture.", "") }
    for panel in points.count < 2 ? [] : panels {
      body += draw(panel, y)
      y += height + 62
    }
    let all = Int(left + width + 30)
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(all)" height="\(Int(y))" viewBox="0 0 \(all) \(Int(y))" \
      font-family="sans-serif">
      <style>text { font-size: 11px; fill: #333 } .title { font-size: 15px } .name { font-size: 12px; font-weight: bold }
      .right { text-anchor: end } .middle { text-anchor: middle } polyline { fill: none; stroke-width: 1.4 }
      .grid { stroke: #ddd } .frame { fill: none; stroke: #999 }</style>
      <rect width="100%" height="100%" fill="#fff"/>
      \(label(20, 26, Self.escape(title), "title"))
      \(body)</svg>

      """
  }

  private struct Line {
    var name: String
    var colour: String
    /// One for each moment, at its end.
    var values: [Double]
  }

  private struct Panel {
    var name: String
    var unit: String
    var lines: [Line]
    /// Where its axis ends at least.
    var least: Double
  }

  private var panels: [Panel] {
    func mebibytes(_ name: String, _ colour: String, _ value: (Report.Point) -> UInt64) -> Line {
      Line(name: name, colour: colour, values: points.map { Double(value($0)) / 1_048_576 })
    }
    func rate(
      _ name: String, _ colour: String, scale: Double = 1, _ value: (Report.Point) -> UInt64
    ) -> Line {
      var values = [0.0]
      for (before, after) in zip(points, points.dropFirst()) {
        let seconds = Double(after.tNs - before.tNs) / 1e9
        let change = Double(value(after)) - Double(value(before))
        values.append(seconds > 0 ? change / seconds * scale : 0)
      }
      values[0] = values.count > 1 ? values[1] : 0
      return Line(name: name, colour: colour, values: values)
    }
    return [
      Panel(
        name: "Memory", unit: "MiB",
        lines: [
          mebibytes("resident", "#1f77b4", \.rss), mebibytes("free", "#2ca02c", \.free),
          mebibytes("page cache", "#ff7f0e", \.cached), mebibytes("swap", "#d62728", \.swapUsed),
        ], least: 1),
      Panel(
        name: "Faults", unit: "a second",
        lines: [rate("all", "#1f77b4", \.pgfault), rate("major", "#d62728", \.pgmajfault)], least: 10),
      Panel(
        name: "Reclaim", unit: "pages a second",
        lines: [rate("looked at", "#ff7f0e", \.pgscan), rate("taken", "#2ca02c", \.pgsteal)], least: 10),
      Panel(
        name: "Stalled for want of memory", unit: "% of the time",
        lines: [
          rate("some", "#ff7f0e", scale: 1e-7, \.psiSomeNs), rate("full", "#d62728", scale: 1e-7, \.psiFullNs),
        ], least: 1),
    ]
  }

  private func draw(_ panel: Panel, _ top: Double) -> String {
    let most = max(panel.lines.flatMap(\.values).max() ?? 0, panel.least)
    let step = Self.step(most / 4)
    let end = (most / step).rounded(.up) * step
    let first = points[0].tNs
    let span = max(Double(points[points.count - 1].tNs - first), 1)
    var out = label(left, top - 8, "\(panel.name), \(panel.unit)", "name")
    var x = left + width
    for line in panel.lines.reversed() {
      out += label(x, top - 8, line.name, "right", colour: line.colour)
      x -= Double(line.name.count) * 6 + 22
    }
    var value = 0.0
    while value <= end + step / 2 {
      let y = top + height * (1 - value / end)
      out +=
        "<line class=\"grid\" x1=\"\(left)\" x2=\"\(left + width)\" y1=\"\(Self.text(y))\" y2=\"\(Self.text(y))\"/>\n"
      out += label(left - 6, y + 4, Self.number(value), "right")
      value += step
    }
    let stride = Self.step(span / 1e9 / 6)
    var time = 0.0
    while time <= span / 1e9 {
      out += label(left + width * time * 1e9 / span, top + height + 16, "\(Self.number(time)) s", "middle")
      time += stride
    }
    for line in panel.lines {
      let places = zip(points, line.values).map { point, value in
        let x = left + width * Double(point.tNs - first) / span
        return "\(Self.text(x)),\(Self.text(top + height * (1 - max(value, 0) / end)))"
      }
      out += "<polyline stroke=\"\(line.colour)\" points=\"\(places.joined(separator: " "))\"/>\n"
    }
    return out + "<rect class=\"frame\" x=\"\(left)\" y=\"\(top)\" width=\"\(width)\" height=\"\(height)\"/>\n"
  }

  /// The smallest of 1, 2 and 5 times a power of ten that is not below.
  private static func step(_ least: Double) -> Double {
    let power = pow(10, floor(log10(max(least, 1e-9))))
    for factor in [1.0, 2, 5] where factor * power >= least { return factor * power }
    return 10 * power
  }

  private static func text(_ value: Double) -> String { String(format: "%.1f", value) }

  private static func number(_ value: Double) -> String {
    if value >= 1e6 { return String(format: "%g M", value / 1e6) }
    if value >= 1e4 { return String(format: "%g k", value / 1e3) }
    return String(format: "%g", (value * 1e9).rounded() / 1e9)
  }

  private static func escape(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }

  private func label(_ x: Double, _ y: Double, _ text: String, _ style: String, colour: String? = nil) -> String {
    let fill = colour.map { " style=\"fill: \($0)\"" } ?? ""
    return "<text x=\"\(Self.text(x))\" y=\"\(Self.text(y))\" class=\"\(style)\"\(fill)>\(text)</text>\n"
  }
}

extension Report {
  /// The machine over time, as SVG.
  public var seriesPicture: String {
    SeriesPicture(series, title: program.argv.prefix(6).joined(separator: " ")).svg
  }

  /// The machine over time, as comma-separated values with a head line; counts are those so far.
  public var seriesCSV: String {
    let head = "t_ns,rss,free,cached,swap_used,pgfault,pgmajfault,pgscan,pgsteal,psi_some_ns,psi_full_ns\n"
    return head
      + series.map { point in
        let figures = [
          point.tNs, point.rss, point.free, point.cached, point.swapUsed, point.pgfault, point.pgmajfault, point.pgscan,
          point.pgsteal, point.psiSomeNs, point.psiFullNs,
        ]
        return figures.map { "\($0)" }.joined(separator: ",") + "\n"
      }.joined()
  }
}
