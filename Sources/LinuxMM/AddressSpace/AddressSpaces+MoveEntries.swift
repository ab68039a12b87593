/// Page-table entries that go with a mapping to another place.
extension AddressSpaces where P: ~Copyable {
  /// Moves the entries of a range (`mm/mremap.c:move_page_tables`): whole tables where both places are aligned to what a
  /// table covers, else entry by entry.
  ///
  /// - Throws: `ENOMEM` when no frame is left for a table; some entries have moved then.
  mutating func moveEntries(
    _ space: SpaceIndex, _ source: UInt32, _ start: VirtualPage, _ pages: UInt64, to goal: VirtualPage
  ) throws(Errno) {
    let root = descriptors[space.rawValue].context.root
    // Entries that lose their watch are looked at one by one.
    let losesWatch = areas[source].watcher != 0 && !isWatched(areas[source], with: .remapEvents)
    let end = start + pages
    var old = start
    var new = goal
    var moved = false
    while old < end {
      var count = step(old, end, new, translation.geometry.span(2))
      defer {
        old = old + count
        new = new + count
      }
      guard let oldUpper = translation.presentPlace(root, old, level: 2) else { continue }
      let newUpper = try makeEntryPlace(space, new, level: 2)
      if count == translation.geometry.span(2), !losesWatch, moveTable(oldUpper, newUpper) {
        moved = true
        continue
      }
      count = step(old, end, new, translation.geometry.span(1))
      guard let oldMiddle = translation.presentPlace(root, old, level: 1) else { continue }
      let newMiddle = try makeEntryPlace(space, new, level: 1)
      if count == translation.geometry.span(1), !losesWatch, moveTable(oldMiddle, newMiddle) {
        moved = true
        continue
      }
      if try moveEntries(space, oldMiddle, old, count, new, losesWatch) { moved = true }
    }
    if moved { flush(space, start, end) }
  }

  /// How far the entries at `old` and `new` can move in one step of at most `span` pages.
  private func step(_ old: VirtualPage, _ end: VirtualPage, _ new: VirtualPage, _ span: UInt64) -> UInt64 {
    min(end - old, span - old.rawValue % span, span - new.rawValue % span)
  }

  /// Moves a table to an entry that has none.
  private mutating func moveTable(_ old: EntryPlace, _ new: EntryPlace) -> Bool {
    guard translation.entry(new).isEmpty else { return false }
    translation.setEntry(new, to: translation.entry(old))
    translation.setEntry(old, to: .empty)
    translation.recentTable = RecentTable()
    return true
  }

  private mutating func moveEntries(
    _ space: SpaceIndex, _ oldMiddle: EntryPlace, _ old: VirtualPage, _ count: UInt64, _ new: VirtualPage,
    _ losesWatch: Bool
  ) throws(Errno) -> Bool {
    let target = try makePlace(space, new)
    let table = translation.entry(oldMiddle).frame
    var moved = false
    for step in 0..<Int(count) {
      let from = EntryPlace(table: table, index: translation.geometry.index(old, 0) + step)
      var entry = translation.entry(from)
      if entry.isEmpty { continue }
      translation.setEntry(from, to: .empty)
      if entry.holdsPage {
        entry = entry.setting(PageTableEntry.softDirty)
        if losesWatch { entry = entry.clearing(PageTableEntry.userFaultWrite) }
      } else if entry.swapSlot != nil {
        entry = entry.setting(SwapMarks.softDirty.rawValue)
        if losesWatch { entry = entry.clearing(SwapMarks.userFaultWrite.rawValue) }
      } else if losesWatch {
        entry = .empty
      }
      translation.setEntry(EntryPlace(table: target.table, index: target.index + step), to: entry)
      moved = true
    }
    return moved
  }

  /// Where the entry of a page stands, its tables made if need be and counted.
  ///
  /// - Throws: `ENOMEM` when no frame is left for a table.
  mutating func makePlace(_ space: SpaceIndex, _ page: VirtualPage) throws(Errno) -> EntryPlace {
    do throws(AllocationFailure) {
      return try makeEntryPlace(space, page)
    } catch {
      throw .ENOMEM
    }
  }

  private mutating func makeEntryPlace(
    _ space: SpaceIndex, _ page: VirtualPage, level: Int
  ) throws(Errno) -> EntryPlace {
    do throws(AllocationFailure) {
      return try makeUpperPlace(space, page, level: level)
    } catch {
      throw .ENOMEM
    }
  }
}
