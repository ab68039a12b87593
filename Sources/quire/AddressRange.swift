/// A virtual address or a range of them, `A` or `A-B`, in hexadecimal as `/proc/PID/maps` writes them, with or without
/// 0x.
struct AddressRange {
  let start: UInt64
  /// One past the last, if it is a range.
  let end: UInt64?

  init?(_ argument: String) {
    let ends = argument.split(separator: "-", omittingEmptySubsequences: false).map { Self.address($0) }
    guard (1...2).contains(ends.count), let start = ends[0] else { return nil }
    self.start = start
    guard ends.count == 2 else {
      end = nil
      return
    }
    guard let end = ends[1], end > start else { return nil }
    self.end = end
  }

  private static func address(_ text: Substring) -> UInt64? {
    let digits = text.hasPrefix("0x") || text.hasPrefix("0X") ? text.dropFirst(2) : text
    guard digits.allSatisfy(\.isHexDigit) else { return nil }
    return UInt64(digits, radix: 16)
  }

  /// The pages it touches.
  var pages: Range<UInt64> { start >> 12..<(end.map { ($0 - 1) >> 12 } ?? start >> 12) + 1 }
}
