/// A line of ftrace's or perf script's text: an event with its processor, time and fields.
///
///     sh-102     [001] .....     6.373718: kmem_cache_free: call_site=do_sys_openat2+0x9b ptr=ffff8ebe812e7000 name=names_cache
///     sh   102 [001]     6.373718:  kmem:kmem_cache_free: call_site=0xffffffff812e7000 ptr=0xffff8ebe812e7000 name=names_cache
struct TraceLine {
  /// Without the subsystem: `kmalloc`.
  let event: Substring
  let processor: Int
  /// Since the kernel's start.
  let microseconds: UInt64
  private let text: Substring

  /// - Returns: `nil` for comments and lines that are none.
  /// - Complexity: O(line)
  init?(_ line: Substring) {
    // The time is the first word `seconds.fraction:` behind the processor in brackets: a process's name may have anything.
    var processor: Int?
    var time: UInt64?
    var rest = line
    while let start = rest.firstIndex(where: { $0 != " " && $0 != "\t" }) {
      rest = rest[start...]
      let end = rest.firstIndex(where: { $0 == " " || $0 == "\t" }) ?? rest.endIndex
      let word = rest[..<end]
      rest = rest[end...]
      if let time {
        guard word.hasSuffix(":"), let processor else { return nil }
        self.processor = processor
        microseconds = time
        let name = word.dropLast()
        event = name.lastIndex(of: ":").map { name[name.index(after: $0)...] } ?? name
        text = rest
        return
      }
      if word.hasPrefix("["), word.hasSuffix("]") {
        if let number = Int(word.dropFirst().dropLast()), (0..<4096).contains(number) { processor = number }
      } else if processor != nil, word.hasSuffix(":") {
        time = Self.microseconds(word.dropLast())
      }
    }
    return nil
  }

  private static func microseconds(_ word: Substring) -> UInt64? {
    guard let point = word.firstIndex(of: "."), let seconds = UInt64(word[..<point]), seconds < 1 << 33 else {
      return nil
    }
    let digits = word[word.index(after: point)...].prefix(6)
    guard let fraction = UInt64(digits) else { return nil }
    var scale: UInt64 = 1
    for _ in digits.count..<6 { scale *= 10 }
    return seconds * 1_000_000 + fraction * scale
  }

  /// A field's value, up to the next blank.
  subscript(field: String) -> Substring? {
    var rest = text
    while let mark = rest.firstIndex(of: "=") {
      let start = rest[..<mark].lastIndex(where: { $0 == " " || $0 == "\t" }).map { rest.index(after: $0) }
      let name = rest[(start ?? rest.startIndex)..<mark]
      let value = rest[rest.index(after: mark)...]
      let end = value.firstIndex(where: { $0 == " " || $0 == "\t" || $0 == "\r" }) ?? value.endIndex
      if name == field { return value[..<end] }
      rest = value[end...]
    }
    return nil
  }

  /// A field that is a number, hexadecimal if it begins with 0x.
  func number(_ field: String) -> UInt64? {
    guard let value = self[field] else { return nil }
    return value.hasPrefix("0x") ? UInt64(value.dropFirst(2), radix: 16) : UInt64(value)
  }

  /// A field that is an address, hexadecimal in any case.
  func address(_ field: String) -> UInt64? {
    guard let value = self[field] else { return nil }
    return value == "(nil)" ? 0 : UInt64(value.hasPrefix("0x") ? value.dropFirst(2) : value, radix: 16)
  }
}
