import LinuxMM

/// A page table in a saved state, with runs of like entries written once.
///
/// `entries` is a list with blanks between: `INDEX=RAW` is one entry, its value in hexadecimal as it stands in memory;
/// `INDEX+COUNT=RAW` stands for that many, each naming the frame after the last one's, `INDEX-COUNT` for the frame before
/// it, `INDEX*COUNT` for the same. Behind a colon, `x` says that no other entry maps the page, `f` that it is a file's.
public struct SavedPageTable: Codable, Sendable {
  public var frame: UInt32
  public var level: Int
  public var entries: String

  init(_ table: PageTableContents) {
    frame = table.frame.rawValue
    level = table.level
    var runs: [Run] = []
    for entry in table.entries {
      if runs.isEmpty || !runs[runs.count - 1].takes(entry) { runs.append(Run(entry)) }
    }
    entries = runs.map(\.text).joined(separator: " ")
  }

  /// Entries that follow each other.
  struct Run {
    enum Direction: Character, CaseIterable {
      case up = "+"
      case down = "-"
      case same = "*"

      var step: UInt64 {
        switch self {
        case .up: 0x1000
        case .down: 0 &- 0x1000
        case .same: 0
        }
      }
    }

    var index: Int
    var count = 1
    var rawValue: UInt64
    var direction = Direction.up
    var sharing: PageSharing

    init(_ entry: PageTableContents.Entry) {
      index = entry.index
      rawValue = entry.rawValue
      sharing = entry.sharing
    }

    /// Joins an entry to the run, if it goes on with it.
    mutating func takes(_ entry: PageTableContents.Entry) -> Bool {
      guard entry.index == index + count, entry.sharing == sharing else { return false }
      let step = entry.rawValue &- value(count - 1)
      guard let found = Direction.allCases.first(where: { $0.step == step }), count == 1 || found == direction else {
        return false
      }
      direction = found
      count += 1
      return true
    }

    func value(_ number: Int) -> UInt64 { rawValue &+ UInt64(number) &* direction.step }

    var text: String {
      "\(index)" + (count > 1 ? "\(direction.rawValue)\(count)" : "") + "=" + String(rawValue, radix: 16)
        + (sharing.isEmpty
          ? "" : ":" + (sharing.contains(.exclusive) ? "x" : "") + (sharing.contains(.file) ? "f" : ""))
    }

    init?(_ text: Substring) {
      guard let mark = text.firstIndex(of: "=") else { return nil }
      var place = text[..<mark]
      count = 1
      for direction in Direction.allCases {
        if let sign = place.firstIndex(of: direction.rawValue) {
          guard let count = Int(place[place.index(after: sign)...]), count > 1 else { return nil }
          self.count = count
          self.direction = direction
          place = place[..<sign]
        }
      }
      let parts = text[text.index(after: mark)...].split(separator: ":", omittingEmptySubsequences: false)
      guard let index = Int(place), index >= 0, count <= 1024, let first = parts.first, parts.count <= 2,
        let raw = UInt64(first, radix: 16)
      else { return nil }
      self.index = index
      rawValue = raw
      sharing = []
      for letter in parts.count > 1 ? parts[1] : "" {
        switch letter {
        case "x": sharing.insert(.exclusive)
        case "f": sharing.insert(.file)
        default: return nil
        }
      }
    }
  }

  /// The entries' runs; `nil` if the text is none.
  func runs() -> [Run]? {
    var result: [Run] = []
    for text in entries.split(separator: " ") {
      guard let run = Run(text) else { return nil }
      result.append(run)
    }
    return result
  }
}
