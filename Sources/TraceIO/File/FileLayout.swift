/// The layout of a recording. Numbers are little-endian.
///
/// | part | content |
/// |---|---|
/// | 8 bytes | `QUIRE\r\n` and 0x1a |
/// | 4 bytes | format version |
/// | 4 bytes | length of the head that follows |
/// | 4 bytes | CRC-32 of the head |
/// | head | sets and ways of the filter (4 bytes each, see ``FilterGeometry``), number of arguments, then each argument's length and bytes |
/// | blocks | see below |
///
/// A block is 40 bytes of head, then slices (``SliceHeader``) compressed with zstd:
///
/// | bytes | content |
/// |---|---|
/// | 0 ..< 4 | `QBLK`, or `QEND` for the last, which has no slices |
/// | 4 ..< 8 | compressed length |
/// | 8 ..< 12 | length of the slices |
/// | 12 ..< 16 | number of slices; in `QEND` the program's exit status |
/// | 16 ..< 24 | accesses in the block; in `QEND` in all |
/// | 24 ..< 32 | instructions likewise |
/// | 32 ..< 36 | CRC-32 of bytes 0 ..< 32 and the compressed bytes |
/// | 36 ..< 40 | 0 |
///
/// Each block is read without any other, and its length tells where the next one begins, so that a reader can skip
/// through a file without decompressing it.
enum FileLayout {
  static let magic: [UInt8] = [0x51, 0x55, 0x49, 0x52, 0x45, 0x0d, 0x0a, 0x1a]
  static let version: UInt32 = 1
  static let block: UInt32 = 0x4b4c_4251
  static let end: UInt32 = 0x444e_4551
  static let blockHeadBytes = 40
  /// A block is closed when its slices have this many bytes.
  static let blockBytes = 1 << 20
  static let mostBlockBytes = blockBytes + SliceHeader.mostBytes + 8
  static let mostHeadBytes = 1 << 22
}

/// The head of a block.
struct BlockHead: Equatable {
  var magic: UInt32
  var compressedCount: UInt32
  var rawCount: UInt32
  var slices: UInt32
  var accesses: UInt64
  var instructions: UInt64

  /// Bytes 0 ..< 32.
  var bytes: [UInt8] {
    var result: [UInt8] = []
    result.append(littleEndian: magic)
    result.append(littleEndian: compressedCount)
    result.append(littleEndian: rawCount)
    result.append(littleEndian: slices)
    result.append(littleEndian: accesses)
    result.append(littleEndian: instructions)
    return result
  }

  init(
    magic: UInt32, compressedCount: UInt32 = 0, rawCount: UInt32 = 0, slices: UInt32 = 0,
    accesses: UInt64 = 0, instructions: UInt64 = 0
  ) {
    self.magic = magic
    self.compressedCount = compressedCount
    self.rawCount = rawCount
    self.slices = slices
    self.accesses = accesses
    self.instructions = instructions
  }

  /// - Parameter bytes: at least 32.
  init(_ bytes: [UInt8]) {
    magic = bytes.littleEndian(at: 0)
    compressedCount = bytes.littleEndian(at: 4)
    rawCount = bytes.littleEndian(at: 8)
    slices = bytes.littleEndian(at: 12)
    accesses = bytes.littleEndian(at: 16)
    instructions = bytes.littleEndian(at: 24)
  }
}

extension [UInt8] {
  mutating func append<Number: FixedWidthInteger>(littleEndian number: Number) {
    for shift in stride(from: 0, to: Number.bitWidth, by: 8) {
      append(UInt8(truncatingIfNeeded: number >> Number(shift)))
    }
  }

  /// - Precondition: the number's bytes lie within the array.
  func littleEndian<Number: FixedWidthInteger>(at offset: Int) -> Number {
    var number: Number = 0
    for index in 0..<Number.bitWidth / 8 {
      number |= Number(truncatingIfNeeded: self[offset + index]) << Number(8 * index)
    }
    return number
  }
}
