import LinuxMM

/// The settings of a memory control group, under their names.
struct GroupOptions {
  /// `nil` if nothing is set.
  private(set) var limits: GroupLimits?

  static let keys = [
    "memory.min", "memory.low", "memory.high", "memory.max", "memory.swap.max", "memory.oom.group",
  ]

  /// Sets one key.
  ///
  /// - Returns: `false` if it is none of these.
  mutating func set(_ key: String, _ value: String, _ wrong: (_ accepted: String) -> Failure) throws -> Bool {
    var new = limits ?? GroupLimits()
    switch key {
    case "memory.min": new.minimum = try Self.pages(value, wrong)
    case "memory.low": new.low = try Self.pages(value, wrong)
    case "memory.high": new.high = try Self.pages(value, wrong)
    case "memory.max": new.maximum = try Self.pages(value, wrong)
    case "memory.swap.max": new.swapMaximum = try Self.pages(value, wrong)
    case "memory.oom.group": new.killsTogether = try SettingValue.number(value, 0...1, wrong) == 1
    default: return false
    }
    limits = new
    return true
  }

  /// A limit, rounded down to pages.
  private static func pages(_ value: String, _ wrong: (_ accepted: String) -> Failure) throws -> Int {
    if value == "max" { return .max }
    guard let bytes = ByteSize(argument: value)?.bytes, bytes <= MachineConfiguration.largestRAM else {
      throw wrong("a size such as 64M, or 'max'")
    }
    return Int(bytes >> 12)
  }
}
