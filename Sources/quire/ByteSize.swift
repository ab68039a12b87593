import ArgumentParser

/// A size on the command line: a number with K, M, G, T, Ki, Mi, Gi, Ti (all 1024-based) or none.
struct ByteSize: ExpressibleByArgument, Equatable {
  let bytes: UInt64

  init?(argument: String) {
    var digits = Substring(argument)
    if digits.last == "i" { digits.removeLast() }
    let hasUnit = digits.count < argument.count
    var shift: UInt64 = 0
    if let last = digits.last, !last.isNumber {
      switch last {
      case "K", "k": shift = 10
      case "M", "m": shift = 20
      case "G", "g": shift = 30
      case "T", "t": shift = 40
      default: return nil
      }
      digits.removeLast()
    } else if hasUnit {
      return nil
    }
    guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
      let number = UInt64(digits), number <= UInt64.max >> shift
    else { return nil }
    bytes = number << shift
  }
}
