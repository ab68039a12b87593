/// The 16-bit words of a slice.
///
/// Bits 14 and 15 tell what a word is: 0 a read, 1 a write, 2 an instruction fetch, 3 an event.
///
/// An access names its page by bits 0 to 9, an index into a table of 1024 pages that writer and reader keep
/// alike and that is empty when a slice begins; a page stands at its number modulo 1024. With bit 10 set, the
/// page is not in the table: its number follows in three words, lowest first, and takes the place.
///
/// An event has its ``EventKind`` in bits 0 to 13. The number of 64-bit fields follows in one word, the number
/// of bytes of text in another, then the fields at four words each, then the text at two bytes a word.
enum SliceWord {
  static let kindShift: UInt16 = 14
  static let event: UInt16 = 3
  static let literal: UInt16 = 1 << 10
  static let tableSize = 1024
  static let indexMask: UInt16 = 1023
  static let eventMask: UInt16 = 0x3fff
  /// The largest page number three words hold.
  static let pageLimit: UInt64 = 1 << 48
  /// The most fields and text bytes an event may have.
  static let mostFields = 2048
  static let mostText = 8192
}
