/// The page tables of processes, to be walked or kept.
extension Machine where P: ~Copyable {
  /// The shape of the machine's page tables.
  public var pageTableGeometry: PageTableGeometry { spaces.translation.geometry }

  /// The frame of a process's highest table. Linux: `mm->pgd`.
  public func pageTableRoot(_ process: ProcessIndex) -> FrameNumber? {
    let space = processes[process.rawValue].space
    return space == .none ? nil : spaces.descriptors[space.rawValue].context.root
  }

  /// The walk of an address through a process's tables; `nil` if the process is dead.
  public func walk(_ process: ProcessIndex, _ address: VirtualAddress) -> PageTableWalk? {
    pageTableRoot(process).map {
      PageTableWalk(address, from: $0, spaces.translation.geometry, reading: spaces.translation.platform)
    }
  }

  /// A process's tables with all entries that are not empty, each after the one that names it.
  ///
  /// - Complexity: O(tables).
  public func pageTables(_ process: ProcessIndex) -> [PageTableContents] {
    var tables: [PageTableContents] = []
    if let root = pageTableRoot(process) {
      spaces.translation.appendTables(root, spaces.translation.geometry.top, &tables)
    }
    return tables
  }
}

/// One page table with what it holds.
public struct PageTableContents: Sendable {
  public let frame: FrameNumber
  public let level: Int
  public internal(set) var entries: [Entry] = []

  /// An entry that is not empty.
  public struct Entry: Sendable, BitwiseCopyable {
    public let index: Int
    /// As it stands in memory.
    public let rawValue: UInt64
    public let sharing: PageSharing
  }
}

extension Translation where P: ~Copyable {
  fileprivate func appendTables(_ frame: FrameNumber, _ level: Int, _ tables: inout [PageTableContents]) {
    let number = tables.count
    tables.append(PageTableContents(frame: frame, level: level))
    // The kernel's half of the root is not the process's.
    let lastOfRoot = geometry.index(VirtualPage(geometry.userCeiling.rawValue - 1), geometry.top)
    for index in 0...(level == geometry.top ? lastOfRoot : geometry.entryCount - 1) {
      let place = EntryPlace(table: frame, index: index)
      let entry = entry(place)
      if entry.isEmpty { continue }
      let isPage = level == 0 || entry.isLarge
      let stored = geometry.hasNarrowEntries ? UInt64(platform.narrowWord(place)) : entry.rawValue
      tables[number].entries.append(
        PageTableContents.Entry(index: index, rawValue: stored, sharing: isPage ? sharing(entry) : []))
      if !isPage && entry.isPresent { appendTables(entry.frame, level - 1, &tables) }
    }
  }

  /// What the frame behind an entry tells of who else has it.
  func sharing(_ entry: PageTableEntry) -> PageSharing {
    guard entry.holdsPage, !entry.isSpecial else { return [] }
    let frame = memory.frames[entry.frame.index]
    var result: PageSharing = []
    if !frame.flags.contains(.anonymous) { result.insert(.file) }
    if frame.mappings == 1 { result.insert(.exclusive) }
    return result
  }
}
