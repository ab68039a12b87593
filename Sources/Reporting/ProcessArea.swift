import LinuxMM

/// An area of a process, as its smaps tell of it.
public struct ProcessArea: Sendable {
  /// The pages it covers.
  public let pages: Range<UInt64>
  /// As in `/proc/PID/maps`: `r-xp`.
  public let rights: String
  /// A path, or a name in brackets; empty for nameless memory.
  public let name: String
  /// Whether it has a file, be it one without a known path.
  let hasFile: Bool
  /// Kilobytes by the names of smaps.
  var figures: [Substring: UInt64] = [:]
  /// The two letters of each of its flags.
  var flags: [Substring] = []

  var size: UInt64 { UInt64(pages.count) << 12 }
  /// Whether it is new or was moved since the soft-dirty marks were cleared.
  var isNew: Bool { flags.contains("sd") }
  var isShared: Bool { rights.hasSuffix("s") }
  var range: String { hex(pages.lowerBound << 12) + "-" + hex(pages.upperBound << 12) }

  /// How it is called where it has no name of its own.
  var title: String { name.isEmpty ? "anonymous" : name }

  private func hex(_ address: UInt64) -> String {
    let digits = String(address, radix: 16)
    return String(repeating: "0", count: max(0, 8 - digits.count)) + digits
  }

  /// The areas of a text of `/proc/PID/smaps`, ascending.
  static func areas(smaps text: String) -> [ProcessArea] {
    var areas: [ProcessArea] = []
    for line in text.split(separator: "\n") {
      if let area = ProcessArea(line) {
        areas.append(area)
      } else if !areas.isEmpty, let colon = line.firstIndex(of: ":") {
        let rest = line[line.index(after: colon)...].split(separator: " ")
        if line.hasPrefix("VmFlags:") {
          areas[areas.count - 1].flags = rest
        } else if rest.count == 2, rest[1] == "kB", let value = UInt64(rest[0]) {
          areas[areas.count - 1].figures[line[..<colon]] = value
        }
      }
    }
    return areas
  }

  /// A line of maps; `nil` if it is another.
  private init?(_ line: Substring) {
    let cells = line.split(separator: " ", maxSplits: 5)
    guard cells.count >= 5, cells[1].count == 4 else { return nil }
    let ends = cells[0].split(separator: "-").map { UInt64($0, radix: 16) }
    guard ends.count == 2, let start = ends[0], let end = ends[1], start < end else { return nil }
    pages = start >> 12..<end >> 12
    rights = String(cells[1])
    name = cells.count > 5 ? String(cells[5].drop { $0 == " " }) : ""
    hasFile = cells[3] != "00:00" || cells[4] != "0"
  }
}

extension MachineState.ProcessState {
  /// The process's areas, ascending.
  public var areas: [ProcessArea] { ProcessArea.areas(smaps: texts["smaps"] ?? "") }

  /// The name of the program's file, or of its process where it is not known.
  public var title: String {
    guard let path = arguments?.first else { return "process \(pid)" }
    return "\(path.split(separator: "/").last ?? Substring(path)), process \(pid)"
  }
}
