extension AddressSpaces where P: ~Copyable {
  /// Takes the pages of `start ..< end` away from the space; areas and tables stay
  /// (`mm/memory.c:zap_pte_range`).
  ///
  /// - Parameters:
  ///   - keepsCopies: whether pages that the process has for itself stay, as when a file gets a hole.
  ///   - marksWatched: whether markers remain of what a userfaultfd has write-protected.
  ///   - dropsMarkers: whether markers go too.
  /// - Returns: whether any entry was present, so that processors must forget the range.
  /// - Complexity: O(pages with tables).
  mutating func zap(
    _ space: SpaceIndex, _ start: VirtualPage, _ end: VirtualPage, keepsCopies: Bool = false,
    marksWatched: Bool = false, dropsMarkers: Bool = true
  ) -> Bool {
    let root = descriptors[space.rawValue].context.root
    var found = false
    var page = start
    while page < end {
      switch translation.leafTable(root, page) {
      case .none(let next):
        page = next
      case .table(let table):
        let last = min(end, translation.geometry.tableEnd(page))
        while page < last {
          let place = EntryPlace(table: table, index: translation.geometry.index(page, 0))
          let entry = translation.entry(place)
          if !entry.isEmpty, !(keepsCopies && isCopy(entry)), dropsMarkers || entry != .watchMarker {
            translation.setEntry(place, to: marksWatched ? remainder(of: entry) : .empty)
            if let slot = entry.swapSlot { dropEntry(slot, of: space) } else { unmap(entry, space) }
            found = true
          }
          page = page + 1
        }
      }
    }
    return found
  }

  /// Whether a page behind an entry is not the file's. Linux: `should_zap_page`.
  private func isCopy(_ entry: PageTableEntry) -> Bool {
    guard entry.holdsPage, !entry.isSpecial else { return !entry.holdsPage }
    return translation.memory.frames[entry.frame.index].flags.contains(.anonymous)
  }

  /// Ends one mapping of the frame behind an entry that has just been cleared.
  ///
  /// - Parameter keepsSlot: whether the page stays in the swap cache even if nobody else names its slot.
  mutating func unmap(_ entry: PageTableEntry, _ space: SpaceIndex, keepsSlot: Bool = false) {
    guard entry.holdsPage, !entry.isSpecial else { return }
    let frame = entry.frame
    let flags = translation.memory.frames[frame.index].flags
    if flags.contains(.anonymous) {
      descriptors[space.rawValue].anonymousResident -= 1
    } else if flags.contains(.sharedMemory) {
      descriptors[space.rawValue].sharedResident -= 1
    } else {
      descriptors[space.rawValue].fileResident -= 1
    }
    translation.memory.frames[frame.index].mappings -= 1
    if translation.memory.frames[frame.index].mappings == 0 {
      if flags.contains(.anonymous) {
        translation.memory.statistics.anonymousPages -= 1
        if flags.contains(.swapCache) { translation.memory.statistics.unmappedSwapPages += 1 }
      } else {
        translation.memory.countMapped(frame, -1)
      }
    }
    if flags.contains(.cached) && entry.isDirty { markDirty(frame) }
    if flags.contains(.mlocked) { unlockPage(frame) }
    translation.memory.release(frame)
    if !keepsSlot && flags.contains(.swapCache) && translation.memory.frames[frame.index].mappings == 0 {
      freeSwap(frame)
    }
  }

  /// Notes that a page is newer than its file's copy on disk. Linux: `set_page_dirty`.
  mutating func markDirty(_ frame: FrameNumber) {
    translation.memory.frames[frame.index].flags.remove(.readahead)
    let flags = translation.memory.frames[frame.index].flags
    guard !flags.contains(.dirty) else { return }
    translation.memory.frames[frame.index].flags.insert(.dirty)
    // Shared and private memory has no disk to be written to.
    if flags.intersection([.cached, .sharedMemory]) == .cached {
      translation.memory.countDirty(frame, 1)
      translation.memory.statistics.pagesDirtied += 1
      let state = translation.memory.frames[frame.index]
      cache.noteDirty(state.owner, state.fileOffset, at: clock)
    }
  }

  /// Puts a page behind an entry and counts it.
  mutating func map(_ frame: FrameNumber, _ place: EntryPlace, _ bits: UInt64, _ space: SpaceIndex) {
    translation.setEntry(place, to: .page(frame, bits))
    let flags = translation.memory.frames[frame.index].flags
    translation.memory.frames[frame.index].mappings += 1
    let first = translation.memory.frames[frame.index].mappings == 1
    if flags.contains(.anonymous) {
      descriptors[space.rawValue].anonymousResident += 1
      if first {
        translation.memory.statistics.anonymousPages += 1
        if flags.contains(.swapCache) { translation.memory.statistics.unmappedSwapPages -= 1 }
      }
    } else {
      if flags.contains(.sharedMemory) {
        descriptors[space.rawValue].sharedResident += 1
      } else {
        descriptors[space.rawValue].fileResident += 1
      }
      if first { translation.memory.countMapped(frame, 1) }
    }
    descriptors[space.rawValue].notePeakResident()
  }
}
