/// Values of settings as they are written.
enum SettingValue {
  /// A whole number in a range.
  static func number(
    _ value: String, _ range: ClosedRange<Int>, _ wrong: (_ accepted: String) -> Failure
  ) throws -> Int {
    guard let number = Int(value), range.contains(number) else {
      throw wrong("a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }
}
