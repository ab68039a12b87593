/// Free blocks by order, and how fragmented that makes memory.
public struct FreeBlocks: Equatable, Sendable, Codable {
  /// The number of free blocks of each order, 0 to 10.
  public var counts: [Int]

  public init(counts: [Int] = [Int](repeating: 0, count: 11)) { self.counts = counts }

  public var frames: Int { counts.indices.reduce(0) { $0 + counts[$1] << $1 } }

  /// How much of the free memory is in blocks too small for an order, in thousandths
  /// (`mm/vmstat.c:unusable_free_index`).
  public func unusable(_ order: Int) -> Int {
    let frames = frames
    if frames == 0 { return 1000 }
    let suitable = (order..<counts.count).reduce(0) { $0 + counts[$1] << $1 }
    return (frames - suitable) * 1000 / frames
  }

  /// The largest order with a free block.
  public var largest: Int? { counts.lastIndex { $0 > 0 } }
}

/// Runs of free frames, as a text with a first frame and a number of frames in each line.
public struct FreeFramesText: Sendable {
  public var runs: [(first: UInt64, count: UInt64)] = []

  public struct Problem: Error, CustomStringConvertible {
    public let line: Int
    public var description: String {
      "line \(line): expected a first frame and a number of frames, such as '0x120 3808'"
    }
  }

  public init(_ text: String) throws(Problem) {
    var number = 0
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      number += 1
      let words = line.prefix { $0 != "#" }.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r" })
      if words.isEmpty { continue }
      func value(_ word: Substring) -> UInt64? {
        word.hasPrefix("0x") ? UInt64(word.dropFirst(2), radix: 16) : UInt64(word)
      }
      guard words.count == 2, let first = value(words[0]), let count = value(words[1]), count > 0, first < 1 << 40,
        count < 1 << 40
      else { throw Problem(line: number) }
      runs.append((first, count))
    }
  }
}
