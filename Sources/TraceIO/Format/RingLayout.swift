/// The shared memory between traced processes and the reader: a head of one page, then `capacity` bytes of slices.
///
/// Positions count bytes from the beginning of time and are taken modulo the capacity. A writer reserves room by
/// raising `reserved`, copies its slice behind a first word of zero and then stores that word, the slice's length;
/// the reader waits for it, copies, clears what it read to zero and raises `consumed`. A slice that would cross the
/// end starts at the beginning; the rest is skipped with a word of `skip`.
enum RingLayout {
  static let magic: UInt64 = 0x3130_676e_6952_7551
  static let headBytes = 4096
  /// Offsets in the head, each on its own cache line.
  static let magicOffset = 0
  static let capacityOffset = 8
  /// The reader's process number, for writers who wait to see whether it still lives.
  static let readerOffset = 16
  static let reservedOffset = 64
  static let consumedOffset = 128
  /// Set by the reader when nobody reads any more.
  static let closedOffset = 192
  /// Traced processes that have attached and not yet ended.
  static let attachedOffset = 256
  /// First word of the unused room at the end.
  static let skip: UInt32 = 0xffff_ffff
}
