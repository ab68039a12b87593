import Foundation
import LinuxMM

/// An event of a real kernel's page allocator, from a line of ftrace's or perf script's text.
public struct PageEvent: Equatable, Sendable {
  public enum Kind: Equatable, Sendable {
    /// `mm_page_alloc`; without a frame it failed.
    case allocation(frame: UInt64?, order: Int, flags: GFPFlags)
    /// `mm_page_free`.
    case free(frame: UInt64, order: Int)
    /// `mm_page_alloc_extfrag`: memory of another migration type was taken.
    case fallback(isFragmenting: Bool, changesOwnership: Bool)
  }

  /// Since the kernel's start.
  public var microseconds: UInt64
  public var processor: Int
  public var kind: Kind

  /// The event of a line; `nil` for comments, other events and lines that are none.
  ///
  /// Of `mm_page_free_batched` nothing is made: a `mm_page_free` has told the same.
  ///
  /// - Complexity: O(line).
  public init?(line: some StringProtocol) {
    guard let names = Self.name(in: line) else { return nil }
    let (head, event, text) = names
    guard let processor = Self.processor(in: head), let time = Self.time(in: head) else { return nil }
    self.processor = processor
    microseconds = time
    let fields = Self.fields(text)
    func number(_ name: String) -> UInt64? {
      guard let value = fields[name] else { return nil }
      return value.hasPrefix("0x") ? UInt64(value.dropFirst(2), radix: 16) : UInt64(value)
    }
    switch event {
    case "mm_page_alloc":
      guard let frame = number("pfn"), let order = number("order"), order <= 10, frame < 1 << 40 else { return nil }
      let page = fields["page"] ?? ""
      let failed = page == "(nil)" || (page.allSatisfy { $0 == "0" || $0 == "x" } && !page.isEmpty) && frame == 0
      kind = .allocation(
        frame: failed ? nil : frame, order: Int(order), flags: GFPFlags(names: fields["gfp_flags"] ?? ""))
    case "mm_page_free":
      guard let frame = number("pfn"), let order = number("order"), order <= 10, frame < 1 << 40 else { return nil }
      kind = .free(frame: frame, order: Int(order))
    case "mm_page_alloc_extfrag":
      guard let fallback = number("fallback_order"), let block = number("pageblock_order") else { return nil }
      // perf prints its own idea of `fragmenting`.
      kind = .fallback(isFragmenting: fallback < block, changesOwnership: number("change_ownership") == 1)
    default: return nil
    }
  }

  /// Splits a line at its event's name.
  private static func name<Line: StringProtocol>(
    in line: Line
  ) -> (head: Line.SubSequence, event: String, text: Line.SubSequence)? {
    guard let start = line.range(of: "mm_page_")?.lowerBound,
      let end = line[start...].firstIndex(of: ":")
    else { return nil }
    return (line[..<start], String(line[start..<end]), line[line.index(after: end)...])
  }

  /// The number in brackets.
  private static func processor(in head: some StringProtocol) -> Int? {
    guard let open = head.lastIndex(of: "["), let close = head[open...].firstIndex(of: "]") else { return nil }
    guard let number = Int(head[head.index(after: open)..<close]), (0..<4096).contains(number) else { return nil }
    return number
  }

  /// The last `seconds.fraction:` before the event.
  private static func time(in head: some StringProtocol) -> UInt64? {
    for word in head.split(separator: " ").reversed() {
      guard word.hasSuffix(":") else { continue }
      let parts = word.dropLast().split(separator: ".")
      guard parts.count == 2, let seconds = UInt64(parts[0]), seconds < 1 << 40 else { continue }
      let digits = parts[1].prefix(6)
      guard let fraction = UInt64(digits) else { continue }
      var scale: UInt64 = 1
      for _ in digits.count..<6 { scale *= 10 }
      return seconds * 1_000_000 + fraction * scale
    }
    return nil
  }

  private static func fields(_ text: some StringProtocol) -> [String: String] {
    var fields: [String: String] = [:]
    for word in text.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r" }) {
      guard let mark = word.firstIndex(of: "=") else { continue }
      fields[String(word[..<mark])] = String(word[word.index(after: mark)...])
    }
    return fields
  }
}
