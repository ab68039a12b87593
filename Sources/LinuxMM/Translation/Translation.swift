/// Page tables and the processors that translate through them.
struct Translation<P: Platform & ~Copyable>: ~Copyable {
  let platform: P
  var memory: PhysicalMemory
  var processors: Processors
  let geometry: PageTableGeometry
  /// The last-level table that was found last; none since a table went or moved.
  var recentTable = RecentTable()

  init(platform: consuming P, memory: consuming PhysicalMemory, processors: consuming Processors) {
    geometry = processors.geometry
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

  /// Copies a page's length of bytes that begin inside of one frame and may end in another, if they have bytes.
  func copyContents(of first: FrameNumber, _ second: FrameNumber, from offset: UInt64, to target: FrameNumber) {
    guard platform.holdsContents else { return }
    if offset == 0 { return platform.copy(first, to: target) }
    for index in 0..<(PageSize.bytes >> 3) {
      var word: UInt64 = 0
      for byte in 0..<UInt64(8) {
        let place = offset + index << 3 + byte
        let frame = place < PageSize.bytes ? first : second
        let source = platform.word(Int((place & PageSize.mask) >> 3), of: frame)
        word |= (source >> ((place & 7) * 8) & 0xff) << (byte * 8)
      }
      platform.setWord(Int(index), of: target, to: word)
    }
  }

  @inline(__always)
  func entry(_ place: EntryPlace) -> PageTableEntry {
    if geometry.hasNarrowEntries { return platform.narrowEntry(place) }
    return PageTableEntry(rawValue: platform.word(place.index, of: place.table))
  }

  @inline(__always)
  func setEntry(_ place: EntryPlace, to entry: PageTableEntry) {
    if geometry.hasNarrowEntries { return platform.setNarrowEntry(place, to: entry) }
    platform.setWord(place.index, of: place.table, to: entry.rawValue)
  }
}

/// A last-level table, and which pages of which address space it has.
struct RecentTable: BitwiseCopyable {
  var root = FrameNumber.none
  /// Pages divided by those that a table covers.
  var span: UInt64 = 0
  var table = FrameNumber.none
}

/// Where a page-table entry stands.
struct EntryPlace: BitwiseCopyable, Equatable {
  var table: FrameNumber
  var index: Int
}
