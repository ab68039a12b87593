import LinuxMM

/// What a text of `/proc/slabinfo` says, with what may follow of `/sys/kernel/slab`: lines `NAME -> CACHE` for caches that
/// became one, and a table of values that begins with `slab` and the values' names.
public struct SlabInfoText: Sendable {
  /// A line of slabinfo.
  public struct Cache: Sendable {
    public var name: String
    /// From one object to the next, in bytes.
    public var size: Int
    public var objectsPerSlab: Int
    public var pagesPerSlab: Int
  }

  /// A line of the table: a cache and its values as far as they are numbers.
  public struct Values: Sendable {
    public var name: String
    public var numbers: [String: Int]
    public var isConstructed: Bool
  }

  /// Newest first, as the kernel prints them.
  public var caches: [Cache] = []
  public var values: [Values] = []
  /// Which cache a name stands for.
  public var links: [String: String] = [:]

  /// Why a text is none of slabinfo.
  public struct Problem: Error, CustomStringConvertible, Equatable {
    /// From 1; 0 for the text as a whole.
    public let line: Int
    public let what: String
    public var description: String { line > 0 ? "line \(line): \(what)" : what }
  }

  /// - Complexity: O(text).
  public init(_ text: String) throws(Problem) {
    var columns: [Substring] = []
    var number = 0
    for raw in text.split(separator: "\n", omittingEmptySubsequences: false) {
      number += 1
      let words = raw.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r" })
      guard let first = words.first, !first.hasPrefix("#") else { continue }
      if first == "slabinfo" {
        guard words.count == 4, words[3].hasPrefix("2.") else {
          throw Problem(line: number, what: "expected 'slabinfo - version: 2.1', found '\(raw)'")
        }
      } else if words.count == 3 && words[1] == "->" {
        links[String(first)] = String(words[2])
      } else if first == "slab" && words.count > 1 && words.contains("object_size") {
        columns = Array(words.dropFirst())
      } else if words.contains(":") {
        caches.append(try Self.cache(words, number))
      } else if !columns.isEmpty {
        values.append(try Self.values(words, columns, number))
      } else {
        throw Problem(line: number, what: "'\(first)' is no line of slabinfo")
      }
    }
    guard !caches.isEmpty || !values.isEmpty else { throw Problem(line: 0, what: "there is no cache in it") }
  }

  private static func cache(_ words: [Substring], _ number: Int) throws(Problem) -> Cache {
    guard words.count >= 6, words[6...].first == ":" || words.count == 6 else {
      throw Problem(line: number, what: "a line of slabinfo has a name and five numbers before ':'")
    }
    let size = try self.number(words[3], number, 1...(4 << 20))
    let objects = try self.number(words[4], number, 1...32767)
    let pages = try self.number(words[5], number, 1...1024)
    return Cache(name: String(words[0]), size: size, objectsPerSlab: objects, pagesPerSlab: pages)
  }

  private static func values(_ words: [Substring], _ columns: [Substring], _ number: Int) throws(Problem) -> Values {
    guard words.count == columns.count + 1 else {
      throw Problem(line: number, what: "\(words.count - 1) values, where the table has \(columns.count) columns")
    }
    var values = Values(name: String(words[0]), numbers: [:], isConstructed: false)
    for (column, word) in zip(columns, words.dropFirst()) {
      if column == "ctor" {
        values.isConstructed = word != "-"
      } else {
        values.numbers[String(column)] = try self.number(word, number, 0...Int(Int32.max))
      }
    }
    guard let size = values.numbers["object_size"], (1...(4 << 20)).contains(size) else {
      throw Problem(line: number, what: "object_size is not from 1 to 4194304")
    }
    if let alignment = values.numbers["align"], alignment > 0, alignment & (alignment - 1) != 0 || alignment > 1 << 20 {
      throw Problem(line: number, what: "align \(alignment) is no power of two up to 1 MiB")
    }
    return values
  }

  private static func number(_ word: Substring, _ line: Int, _ range: ClosedRange<Int>) throws(Problem) -> Int {
    guard let value = Int(word), range.contains(value) else {
      throw Problem(line: line, what: "'\(word)' is no number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }
}
