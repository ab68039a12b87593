import CQemuPlugin

/// Finds the page into which QEMU puts the code that returns from signal handlers: the program has it in its address
/// space, as it has the vdso under a kernel.
///
/// When the program starts, it is the one private, read-only page without a file at or above `lowest` (QEMU gives no
/// page of the program the host's right to execute). The host's list of mappings is read for it.
func findSignalPage(above lowest: UInt64) -> UInt64? {
  let file = quire_open("/proc/self/maps", O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { return nil }
  defer { close(file) }
  let capacity = 1 << 18
  guard let buffer = malloc(capacity) else { return nil }
  defer { free(buffer) }
  var length = 0
  while length < capacity {
    let got = read(file, buffer + length, capacity - length)
    if got <= 0 { break }
    length += got
  }
  let text = buffer.assumingMemoryBound(to: UInt8.self)
  var cursor = 0
  while cursor < length {
    var line = MapsLine(text: text, end: length, cursor: cursor)
    let start = line.hexadecimal()
    let end = line.hexadecimal()
    // "r--p 00000000 00:00 0" and no path.
    let isReadOnly = line.take(0x72) && line.take(0x2d) && line.take(0x2d) && line.take(0x70)
    line.skip(1)
    let offset = line.hexadecimal()
    line.skipWord()
    let hasNoFile = line.take(0x30)
    line.skipToEnd()
    if isReadOnly && hasNoFile && offset == 0 && end &- start == 4096 && start >= lowest {
      return start
    }
    cursor = line.cursor
  }
  return nil
}

/// Reads one line of `/proc/self/maps`.
private struct MapsLine {
  let text: UnsafePointer<UInt8>
  let end: Int
  var cursor: Int

  init(text: UnsafeMutablePointer<UInt8>, end: Int, cursor: Int) {
    self.text = UnsafePointer(text)
    self.end = end
    self.cursor = cursor
  }

  /// A number and the character behind it.
  mutating func hexadecimal() -> UInt64 {
    var value: UInt64 = 0
    while cursor < end {
      let byte = text[cursor]
      cursor += 1
      switch byte {
      case 0x30...0x39: value = value << 4 | UInt64(byte - 0x30)
      case 0x61...0x66: value = value << 4 | UInt64(byte - 0x57)
      default: return value
      }
    }
    return value
  }

  /// Whether the next character is `byte`, which is then passed.
  mutating func take(_ byte: UInt8) -> Bool {
    guard cursor < end, text[cursor] == byte else { return false }
    cursor += 1
    return true
  }

  mutating func skip(_ count: Int) { cursor += count }

  mutating func skipWord() {
    while cursor < end && text[cursor] != 0x20 { cursor += 1 }
    cursor += 1
  }

  mutating func skipToEnd() {
    while cursor < end && text[cursor] != 0x0a { cursor += 1 }
    cursor += 1
  }
}
