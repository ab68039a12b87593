/// Page tables and the processors that translate through them.
struct Translation<P: Platform & ~Copyable>: ~Copyable {
  let platform: P
  var memory: PhysicalMemory
  var processors: Processors
  let geometry: PageTableGeometry

  init(platform: consuming P, memory: consuming PhysicalMemory, processors: consuming Processors) {
    geometry = processors.geometry
    self.platform = platform
    self.memory = memory
    self.processors = processors
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

/// Where a page-table entry stands.
struct EntryPlace: BitwiseCopyable, Equatable {
  var table: FrameNumber
  var index: Int
}
