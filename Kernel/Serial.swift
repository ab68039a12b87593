import Hardware

/// The first serial port (a 16550), as a console.
enum Serial {
  private static let port: UInt16 = 0x3f8

  static func write(_ byte: UInt8) {
    // Bit 5 of the line status: the transmitter takes another byte.
    while port_read(port + 5) & 0x20 == 0 {}
    port_write(port, byte)
  }

  static func write(_ bytes: [UInt8]) { for byte in bytes { write(byte) } }

  static func write(_ text: StaticString) {
    text.withUTF8Buffer { bytes in
      for index in 0..<bytes.count { write(unsafe bytes[index]) }
    }
  }

  static func write(_ number: UInt64) {
    var digits: [UInt8] = []
    var rest = number
    repeat {
      digits.append(UInt8(0x30 + rest % 10))
      rest /= 10
    } while rest > 0
    write(digits.reversed())
  }

  static func write(hexadecimal number: UInt64) {
    write("0x")
    var shift: UInt64 = 60
    while shift > 0 && number >> shift == 0 { shift -= 4 }
    while true {
      let digit = UInt8(truncatingIfNeeded: number >> shift & 15)
      write(digit < 10 ? 0x30 + digit : 0x57 + digit)
      if shift == 0 { return }
      shift -= 4
    }
  }
}
