/// Page tables and the processors that translate through them.
struct Translation<P: Platform & ~Copyable>: ~Copyable {
  let platform: P
  var memory: PhysicalMemory
  var processors: Processors

  init(platform: consuming P, memory: consuming PhysicalMemory, processors: consuming Processors) {
    self.platform = platform
    self.memory = memory
    self.processors = processors
  }

  /// Fills a frame of data with zeros, if it has bytes.
  @inline(__always)
  func clearContents(of frame: FrameNumber) {
    if platform.holdsContents { platform.clear(frame) }
  }

  /// Fills bytes of a frame of data with zeros, if it has bytes.
  func clearContents(of frame: FrameNumber, _ offset: UInt64, count: UInt64) {
    guard platform.holdsContents else { return }
    for byte in offset..<(offset + count) {
      let word = platform.word(Int(byte >> 3), of: frame)
      platform.setWord(Int(byte >> 3), of: frame, to: word & ~(0xff << ((byte & 7) * 8)))
    }
  }

  /// Copies a frame of data, if it has bytes.
  @inline(__always)
  func copyContents(of frame: FrameNumber, to target: FrameNumber) {
    if platform.holdsContents { platform.copy(frame, to: target) }
  }

  func entry(_ place: EntryPlace) -> PageTableEntry {
    PageTableEntry(rawValue: platform.word(place.index, of: place.table))
  }

  func setEntry(_ place: EntryPlace, to entry: PageTableEntry) {
    platform.setWord(place.index, of: place.table, to: entry.rawValue)
  }
}

/// Where a page-table entry stands.
struct EntryPlace: BitwiseCopyable {
  var table: FrameNumber
  var index: Int
}

/// The last-level table of a page, or the first page beyond the hole in the tables.
enum TableLookup {
  case table(FrameNumber)
  case none(next: VirtualPage)
}
