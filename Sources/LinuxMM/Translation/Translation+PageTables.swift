extension Translation where P: ~Copyable {
  /// Allocates a table full of empty entries. Linux: `pgd_alloc`, `pte_alloc_one`.
  mutating func makeTable(for owner: UInt32) throws(AllocationFailure) -> FrameNumber {
    let frame = try memory.allocatePages(.single, [.kernelAccount, .zero], processor: memory.processor)
    platform.clear(frame)
    memory.beginUse(frame, .pageTable)
    memory.frames[frame.index].owner = owner
    memory.statistics.pageTablePages += 1
    return frame
  }

  /// Frees a table.
  mutating func freeTable(_ table: FrameNumber) {
    memory.release(table)
    memory.statistics.pageTablePages -= 1
  }

  /// Finds the last-level table for `page`. O(levels).
  func leafTable(_ root: FrameNumber, _ page: VirtualPage) -> TableLookup {
    var table = root
    var level = PageTableLevel.count - 1
    while level > 0 {
      let entry = PageTableEntry(
        rawValue: platform.word(PageTableLevel.index(page, level), of: table))
      if !entry.isPresent {
        let span = PageTableLevel.span(level)
        return .none(next: VirtualPage((page.rawValue / span + 1) * span))
      }
      table = entry.frame
      level -= 1
    }
    return .table(table)
  }

  /// Where the entry of `page` stands, if its table exists.
  func place(_ root: FrameNumber, _ page: VirtualPage) -> EntryPlace? {
    guard case .table(let table) = leafTable(root, page) else { return nil }
    return EntryPlace(table: table, index: PageTableLevel.index(page, 0))
  }

  /// Where the entry of `page` stands, allocating missing tables from the top down.
  ///
  /// - Parameters:
  ///   - target: the level of the entry: 0 for the page's own, 1 for that of its last-level table, and so on.
  ///   - allocated: raised by the number of tables allocated, also when it throws.
  mutating func makePlace(
    _ root: FrameNumber, _ page: VirtualPage, level target: Int = 0, owner: UInt32, allocated: inout Int
  ) throws(AllocationFailure) -> EntryPlace {
    var table = root
    var level = PageTableLevel.count - 1
    while level > target {
      let place = EntryPlace(table: table, index: PageTableLevel.index(page, level))
      let entry = entry(place)
      if entry.isPresent {
        table = entry.frame
      } else {
        table = try makeTable(for: owner)
        allocated += 1
        setEntry(place, to: .table(table))
      }
      level -= 1
    }
    return EntryPlace(table: table, index: PageTableLevel.index(page, target))
  }

  /// Where the entry of `level` for a page stands, if it points to a table.
  func presentPlace(_ root: FrameNumber, _ page: VirtualPage, level target: Int) -> EntryPlace? {
    var table = root
    var level = PageTableLevel.count - 1
    while true {
      let place = EntryPlace(table: table, index: PageTableLevel.index(page, level))
      let entry = entry(place)
      guard entry.isPresent else { return nil }
      if level == target { return place }
      table = entry.frame
      level -= 1
    }
  }

  /// Frees every table whose whole span lies between `floor` and `ceiling` and that covers a page of
  /// `start ..< end`, after the entries there were cleared (`mm/memory.c:free_pgd_range`).
  ///
  /// - Returns: the number of tables freed. The root stays.
  mutating func freeTables(
    _ root: FrameNumber, _ start: VirtualPage, _ end: VirtualPage, floor: VirtualPage,
    ceiling: VirtualPage
  ) -> Int {
    freeTables(below: root, PageTableLevel.count - 1, start, end, floor, ceiling)
  }

  private mutating func freeTables(
    below table: FrameNumber, _ level: Int, _ start: VirtualPage, _ end: VirtualPage,
    _ floor: VirtualPage, _ ceiling: VirtualPage
  ) -> Int {
    guard level > 0 else { return 0 }
    var freed = 0
    let span = PageTableLevel.span(level)
    var page = VirtualPage(start.rawValue / span * span)
    while page < end {
      let place = EntryPlace(table: table, index: PageTableLevel.index(page, level))
      let entry = entry(place)
      let next = page + span
      if entry.isPresent {
        freed += freeTables(
          below: entry.frame, level - 1, max(page, start), min(next, end), floor, ceiling)
        if !(page < floor) && !(ceiling < next) {
          setEntry(place, to: .empty)
          freeTable(entry.frame)
          freed += 1
        }
      }
      page = next
    }
    return freed
  }
}
