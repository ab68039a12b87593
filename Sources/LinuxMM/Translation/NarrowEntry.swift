/// The 4-byte entries of two-level tables, as they stand in memory.
///
/// Entries with a page are the lower half of the wide format; they have no no-execute bit, and a PROT_NONE page's frame
/// is not inverted. A swap entry has its type in bits 1 to 5 and its offset from bit 9 on, and no marks. Bit 7 of a
/// PROT_NONE page is taken to say that it is large.
///
/// Source: `arch/x86/include/asm/pgtable-2level.h`.
enum NarrowEntry {
  private static let addressMask: UInt64 = 0xffff_f000
  private static let typeMask: UInt64 = 0x1f
  private static let offsetMask: UInt64 = 0x7f_ffff
  private static let largeSpan: UInt64 = 1024

  @inline(__always)
  static func decode(_ stored: UInt32) -> PageTableEntry {
    let entry = PageTableEntry(rawValue: UInt64(stored))
    return entry.isPresent || stored == 0 ? entry : decodeNonPresent(entry.rawValue)
  }

  private static func decodeNonPresent(_ stored: UInt64) -> PageTableEntry {
    if stored & PageTableEntry.protectionNone != 0 {
      let frame = FrameNumber(containing: PhysicalAddress(stored & addressMask))
      let bits = stored & ~addressMask
      return bits & PageTableEntry.large != 0 ? .largePage(frame, bits, span: largeSpan) : .page(frame, bits)
    }
    let offset = ~stored & (1 << 59 - 1) & ~0x1ff
    return PageTableEntry(rawValue: (stored >> 1 & typeMask) << 59 | offset)
  }

  @inline(__always)
  static func encode(_ entry: PageTableEntry) -> UInt32 {
    UInt32(truncatingIfNeeded: entry.isPresent || entry.isEmpty ? entry.rawValue : encodeNonPresent(entry))
  }

  private static func encodeNonPresent(_ entry: PageTableEntry) -> UInt64 {
    if entry.holdsPage {
      let frame = entry.isLarge ? entry.frame(span: largeSpan) : entry.frame
      return frame.address.rawValue & addressMask | entry.rawValue & 0xfff
    }
    return (entry.rawValue >> 59) << 1 | (~entry.rawValue >> 9 & offsetMask) << 9
  }
}

extension PageTableMemory where Self: ~Copyable {
  /// Reads a 4-byte entry as it is stored: two of them share a word.
  func narrowWord(_ place: EntryPlace) -> UInt32 {
    let word = word(place.index >> 1, of: place.table)
    return UInt32(truncatingIfNeeded: word >> UInt64(32 * (place.index & 1)))
  }

  func narrowEntry(_ place: EntryPlace) -> PageTableEntry { NarrowEntry.decode(narrowWord(place)) }
}

extension Platform where Self: ~Copyable {
  func setNarrowEntry(_ place: EntryPlace, to entry: PageTableEntry) {
    let word = word(place.index >> 1, of: place.table)
    let shift = UInt64(32 * (place.index & 1))
    setWord(
      place.index >> 1, of: place.table,
      to: word & ~(0xffff_ffff << shift) | UInt64(NarrowEntry.encode(entry)) << shift)
  }
}
