/// Pages that a userfaultfd has write-protected (`mm/userfaultfd.c`, `mm/mprotect.c`).
extension AddressSpaces where P: ~Copyable {
  /// UFFDIO_WRITEPROTECT (`mwriteprotect_range`).
  ///
  /// - Throws: `ENOENT` where no watch for writes is; `ESRCH` if the address space is gone.
  mutating func protectWrites(
    _ watcher: WatcherIndex, _ range: Range<VirtualPage>, isOn: Bool
  ) throws(Errno) {
    let space = watchers[watcher.place].space
    guard space != .none else { throw .ESRCH }
    guard settings.rules.contains(.protectsManyWatchedAreas) else {
      let place = area(space, containing: range.lowerBound)
      guard place != AreaTree.none, !(areas[place].end < range.upperBound),
        areas[place].flags.contains(.userFaultWrite)
      else { throw .ENOENT }
      protectWrites(space, place, range.lowerBound, range.upperBound, isOn: isOn)
      return
    }
    var place = firstArea(space, endingAbove: range.lowerBound)
    guard place != AreaTree.none, areas[place].start < range.upperBound else { throw .ENOENT }
    while place != AreaTree.none, areas[place].start < range.upperBound {
      guard areas[place].flags.contains(.userFaultWrite) else { throw .ENOENT }
      protectWrites(
        space, place, max(areas[place].start, range.lowerBound), min(areas[place].end, range.upperBound), isOn: isOn)
      place = areas[place].next
    }
  }

  /// Protects the pages of a part of an area, or ends that (`uffd_wp_range`, `change_pte_range`). Where an area of shared
  /// memory has no page, a marker stands for it.
  mutating func protectWrites(
    _ space: SpaceIndex, _ place: UInt32, _ start: VirtualPage, _ end: VirtualPage, isOn: Bool
  ) {
    let flags = areas[place].flags
    let marks = isOn && !areas[place].isAnonymous
    var bits = entryBits(place)
    var tries = false
    if isOn {
      bits &= ~PageTableEntry.writable
    } else if settings.rules.contains(.endedProtectionAsksEachPage) {
      tries = asksEachPage(place)
    } else if flags.isSuperset(of: [.shared, .write]) {
      bits |= PageTableEntry.writable
    }
    let root = descriptors[space.rawValue].context.root
    var changed = false
    var page = start
    while page < end {
      // Markers need tables.
      if marks, (try? makeEntryPlace(space, page)) == nil { break }
      switch translation.leafTable(root, page) {
      case .none(let next): page = next
      case .table(let table):
        let last = min(end, translation.geometry.tableEnd(page))
        while page < last {
          let entryPlace = EntryPlace(table: table, index: translation.geometry.index(page, 0))
          let entry = translation.entry(entryPlace)
          if entry.holdsPage {
            var new = entry.changing(to: bits & ~PageTableEntry.accessed)
            new =
              isOn
              ? new.clearing(PageTableEntry.writable).setting(PageTableEntry.userFaultWrite)
              : new.clearing(PageTableEntry.userFaultWrite)
            if tries && !new.isWritable && mayBecomeWritable(new, flags) { new = new.setting(PageTableEntry.writable) }
            translation.setEntry(entryPlace, to: new)
            changed = true
          } else if entry.isEmpty {
            if marks { translation.setEntry(entryPlace, to: .watchMarker) }
          } else if entry == .watchMarker && !isOn {
            translation.setEntry(entryPlace, to: .empty)
          }
          page = page + 1
        }
      }
    }
    if changed { flush(space, start, end) }
  }

  /// What stays in the place of an entry of a watched file area that is taken away
  /// (`include/linux/mm_inline.h:pte_install_uffd_wp_if_needed`).
  func remainder(of entry: PageTableEntry) -> PageTableEntry {
    entry.holdsPage && entry.isWriteWatched ? .watchMarker : .empty
  }

  /// Whether what is taken from an area leaves markers behind.
  func keepsMarkers(_ place: UInt32) -> Bool {
    areas[place].flags.contains(.userFaultWrite) && !areas[place].isAnonymous
  }
}

extension PageTableEntry {
  /// No page, but write-protected by a userfaultfd. Linux: `PTE_MARKER_UFFD_WP`.
  @inline(__always)
  static var watchMarker: PageTableEntry { PageTableEntry(.marker(NonPresentEntry.userfaultMarker)) }
}
