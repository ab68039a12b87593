import Foundation

/// Numbers as people read them.
enum Units {
  /// 1 234 567
  static func count(_ value: UInt64) -> String {
    var digits = String(value)
    var index = digits.count
    while index > 3 {
      index -= 3
      digits.insert(" ", at: digits.index(digits.startIndex, offsetBy: index))
    }
    return digits
  }

  /// Bytes in the largest unit that keeps the number at 1 or more.
  static func bytes(_ value: UInt64) -> String {
    for (shift, unit) in [(40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB")]
    where value >= 1 << UInt64(shift) {
      return decimal(Double(value) / Double(UInt64(1) << UInt64(shift)), 1) + " " + unit
    }
    return "\(value) B"
  }

  /// MiB and pages together.
  static func memory(_ value: UInt64) -> String {
    "\(decimal(Double(value) / 1_048_576, 1)) MiB (\(count(value / 4096)) pages)"
  }

  static func decimal(_ value: Double, _ places: Int) -> String {
    String(format: "%.\(places)f", value)
  }

  static func percent(_ part: UInt64, of whole: UInt64) -> String {
    whole == 0 ? "–" : decimal(Double(part) * 100 / Double(whole), 2) + " %"
  }

  static func time(_ nanoseconds: UInt64) -> String {
    let value = Double(nanoseconds)
    if nanoseconds >= 1_000_000_000 { return decimal(value / 1e9, 3) + " s" }
    if nanoseconds >= 1_000_000 { return decimal(value / 1e6, 2) + " ms" }
    return decimal(value / 1e3, 1) + " µs"
  }
}
