/// The head of a slice: what one thread did in one stretch, of at most a few hundred thousand instructions.
///
/// A slice is decoded without any other. It is 32 bytes of head, in little-endian byte order, then 16-bit
/// words (see ``SliceWord``), then zeros up to a multiple of 8 bytes:
///
/// | bytes | content |
/// |---|---|
/// | 0 ..< 4 | length of the whole slice in bytes, a multiple of 8 |
/// | 4 ..< 8 | number of words |
/// | 8 ..< 12 | process |
/// | 12 ..< 16 | thread |
/// | 16 ..< 24 | instructions retired |
/// | 24 ..< 28 | memory accesses made, listed ones included |
/// | 28 ..< 32 | times execution entered a page, listed ones included |
struct SliceHeader: Equatable {
  static let byteCount = 32
  /// The most words a slice has.
  static let mostWords = 32768
  /// The most instructions a slice tells of.
  static let mostInstructions: UInt64 = 1 << 32
  /// The most bytes a slice has.
  static let mostBytes = byteCount + 2 * mostWords

  var wordCount: Int
  var process: UInt32
  var thread: UInt32
  var instructions: UInt64
  var accesses: UInt32
  var fetches: UInt32

  /// The length of the whole slice.
  var sliceByteCount: Int { Self.byteCount + ((wordCount * 2 + 7) & ~7) }
}
