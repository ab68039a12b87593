/// A text under `/proc` being put together, with the paddings of the kernel's own `printf` formats.
struct ProcText {
  private(set) var bytes: [UInt8] = []
  private var lineStart = 0

  mutating func text(_ text: StaticString) { bytes.append(text: text) }

  mutating func character(_ character: UInt8) { bytes.append(character) }

  mutating func bytes(_ text: [UInt8]) { bytes.append(contentsOf: text) }

  /// A number as `%#x` prints it.
  mutating func hexadecimal(_ value: UInt64) {
    text("0x")
    hexadecimal(value, digits: 1)
  }

  /// A number as `%08x` prints it, with at least so many digits.
  mutating func hexadecimal(_ value: UInt64, digits: Int) {
    var shift: UInt64 = 60
    while shift >= UInt64(digits) * 4 && value >> shift == 0 { shift -= 4 }
    while true {
      let digit = UInt8(value >> shift & 15)
      bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
      if shift == 0 { break }
      shift -= 4
    }
  }

  /// A line such as `Rss:       8 kB`: the kernel's `SEQ_PUT_DEC`.
  mutating func kilobytes(_ name: StaticString, _ value: UInt64, width: Int = 8) {
    text(name)
    number(Int(value >> 10), width)
    text(" kB\n")
  }

  /// Notes where a line begins that ``pad(to:)`` will fill.
  mutating func beginLine() { lineStart = bytes.count }

  /// Fills the line with blanks up to a column, counted from 0, and adds another: the kernel's `seq_pad`.
  mutating func pad(to column: Int) {
    spaces(column - (bytes.count - lineStart))
    character(UInt8(ascii: " "))
  }

  mutating func newline() { bytes.append(UInt8(ascii: "\n")) }

  /// A text at the right of `width` columns: `%8s`.
  mutating func right(_ text: StaticString, _ width: Int) {
    spaces(width - text.utf8CodeUnitCount)
    bytes.append(text: text)
  }

  /// A text at the left of `width` columns: `%-12s`.
  mutating func left(_ text: StaticString, _ width: Int) {
    bytes.append(text: text)
    spaces(width - text.utf8CodeUnitCount)
  }

  /// A number at the right of `width` columns: `%6lu`.
  mutating func number(_ value: Int, _ width: Int = 0) {
    var digits: [UInt8] = []
    var rest = value.magnitude
    repeat {
      digits.append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    } while rest > 0
    if value < 0 { digits.append(UInt8(ascii: "-")) }
    spaces(width - digits.count)
    bytes.append(contentsOf: digits.reversed())
  }

  private mutating func spaces(_ count: Int) {
    var left = count
    while left > 0 {
      bytes.append(UInt8(ascii: " "))
      left -= 1
    }
  }
}
