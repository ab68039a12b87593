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
