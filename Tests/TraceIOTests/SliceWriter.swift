@testable import TraceIO

/// Writes slices word by word, as the format's description says.
struct SliceWriter {
  let process: UInt32
  let thread: UInt32
  private var words: [UInt16] = []
  private var table = [UInt64](repeating: .max, count: 1024)
  private var accesses: UInt32 = 0
  private var fetches: UInt32 = 0

  init(process: UInt32 = 100, thread: UInt32 = 100) {
    self.process = process
    self.thread = thread
  }

  mutating func access(_ page: UInt64, _ kind: UInt16) {
    let index = Int(page & 1023)
    if table[index] == page {
      words.append(kind << 14 | UInt16(index))
    } else {
      table[index] = page
      words.append(kind << 14 | 1 << 10 | UInt16(index))
      for part in 0..<3 { words.append(UInt16(truncatingIfNeeded: page >> UInt64(16 * part))) }
    }
    if kind == 2 { fetches += 1 } else { accesses += 1 }
  }

  mutating func event(_ kind: EventKind, _ fields: [UInt64], text: [UInt8] = []) {
    words.append(3 << 14 | kind.rawValue)
    words.append(UInt16(fields.count))
    words.append(UInt16(text.count))
    for field in fields {
      for part in 0..<4 { words.append(UInt16(truncatingIfNeeded: field >> UInt64(16 * part))) }
    }
    var index = 0
    while index < text.count {
      words.append(UInt16(text[index]) | (index + 1 < text.count ? UInt16(text[index + 1]) << 8 : 0))
      index += 2
    }
  }

  /// A program of one segment of code, a stack, and nothing else.
  mutating func image() {
    event(
      .image,
      [
        0x7fff_0000_2000, 0x7fff_0000_4000, 0, 1, 0x40_0000, 0x41_0000, 5, 1, 2, 0x10000, 0, 0,
      ], text: Array("program\0argument\0".utf8))
  }

  mutating func call(_ number: UInt64, _ arguments: [UInt64], _ result: UInt64, file: [UInt64] = [0, 0, 0, 0]) {
    event(.systemCall, [number] + arguments + Array(repeating: 0, count: 6 - arguments.count) + [result] + file)
  }

  var bytes: [UInt8] {
    let header = SliceHeader(
      wordCount: words.count, process: process, thread: thread, instructions: 1000, accesses: accesses,
      fetches: fetches)
    var result: [UInt8] = []
    result.append(littleEndian: UInt32(header.sliceByteCount))
    result.append(littleEndian: UInt32(words.count))
    result.append(littleEndian: process)
    result.append(littleEndian: thread)
    result.append(littleEndian: header.instructions)
    result.append(littleEndian: accesses)
    result.append(littleEndian: fetches)
    for word in words { result.append(littleEndian: word) }
    while result.count < header.sliceByteCount { result.append(0) }
    return result
  }

  /// A small program's life: it maps memory, touches it, forks, reads a file, and both processes end.
  static func life() -> [[UInt8]] {
    let base: UInt64 = 0x7000_0000_0000
    var first = SliceWriter()
    first.image()
    for page in 0..<16 { first.access(0x400 + UInt64(page), 2) }
    first.call(9, [0, 0x8000, 3, 0x22, .max, 0], base)
    for page in 0..<8 { first.access(base >> 12 + UInt64(page), 1) }
    for _ in 0..<100 { for page in 0..<8 { first.access(base >> 12 + UInt64(page), 0) } }
    first.event(.touch, [base, 100, 1])
    first.event(.fileAccess, [1, 7, 100_000, 0, 100_000, 0])
    first.event(.fileName, [1, 7], text: Array("/tmp/data".utf8))
    first.event(.forkBegin, [1, 0])
    var child = SliceWriter(process: 101, thread: 101)
    child.event(.forked, [100, 1])
    for page in 0..<8 { child.access(base >> 12 + UInt64(page), 1) }
    child.event(.exit, [3])
    var last = SliceWriter()
    last.call(11, [base, 0x4000], 0)
    last.call(12, [0], 0x50_0000)
    last.call(12, [0x50_3000], 0x50_3000)
    last.access(0x502, 1)
    last.event(.exit, [0])
    return [first.bytes, child.bytes, last.bytes]
  }
}
