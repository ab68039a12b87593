/// Making and freeing tables.
extension Translation where P: ~Copyable {
  /// Allocates a table full of empty entries. Linux: `pgd_alloc`, `pte_alloc_one`.
  mutating func makeTable(for owner: UInt32) throws(AllocationFailure) -> FrameNumber {
    let frame = try memory.allocatePages(.single, [.kernelAccount, .zero], processor: memory.processor)
    platform.clear(frame)
    memory.beginUse(frame, .pageTable)
    memory.frames[frame.index].owner = owner
    // Room was made before, if there was any.
    if memory.tableGroup != 0 {
      memory.frames[frame.index].group = memory.tableGroup
      memory.forceCharge(memory.tableGroup)
    }
    memory.statistics.pageTablePages += 1
    return frame
  }

  /// Frees a table.
  mutating func freeTable(_ table: FrameNumber) {
    recentTable = RecentTable()
    memory.release(table)
    memory.statistics.pageTablePages -= 1
  }

  /// Whether no entry of a table says anything.
  func isEmpty(_ table: FrameNumber) -> Bool {
    for index in 0..<geometry.entryCount where !entry(EntryPlace(table: table, index: index)).isEmpty { return false }
    return true
  }

  /// Allocates the root of an address space, with PAE also the tables of its user half, so that the root never changes
  /// while it is loaded (`arch/x86/mm/pgtable.c:pgd_alloc`, `preallocate_pmds`).
  ///
  /// - Parameter allocated: raised by the tables that count as the process's.
  mutating func makeRoot(for owner: UInt32, allocated: inout Int) throws(AllocationFailure) -> FrameNumber {
    let root = try makeTable(for: owner)
    platform.shareKernelEntries(with: root)
    guard geometry.hasRootRegisters else { return root }
    var page = VirtualPage(0)
    while page < geometry.userEnd {
      do throws(AllocationFailure) {
        let table = try makeTable(for: owner)
        setEntry(EntryPlace(table: root, index: geometry.index(page, geometry.top)), to: rootEntry(table))
        allocated += 1
      } catch {
        allocated -= freeRoot(root)
        throw error
      }
      page = page + geometry.span(geometry.top)
    }
    return root
  }

  /// Frees a root and what was made with it (`pgd_free`, `pgd_mop_up_pmds`); no other table is left below it.
  ///
  /// - Returns: the tables freed that count as the process's.
  mutating func freeRoot(_ root: FrameNumber) -> Int {
    var freed = 0
    if geometry.hasRootRegisters {
      for index in 0..<4 {
        let entry = entry(EntryPlace(table: root, index: index))
        if entry.isPresent {
          freeTable(entry.frame)
          freed += 1
        }
      }
    }
    freeTable(root)
    return freed
  }

  /// An entry for a table below an entry of `level`. The four of a PAE root have no rights: those bits are reserved.
  func tableEntry(_ table: FrameNumber, _ level: Int) -> PageTableEntry {
    geometry.hasRootRegisters && level == geometry.top ? rootEntry(table) : .table(table)
  }

  private func rootEntry(_ table: FrameNumber) -> PageTableEntry { .page(table, PageTableEntry.present) }

  /// Where the entry of `page` stands, allocating missing tables from the top down.
  ///
  /// - Parameters:
  ///   - level: of the entry: 0 for that of a base page.
  ///   - allocated: raised by the number of tables allocated that count as the process's, also when it throws.
  /// - Precondition: no large page is in the way.
  mutating func makePlace(
    _ root: FrameNumber, _ page: VirtualPage, owner: UInt32, level: Int = 0, allocated: inout Int
  ) throws(AllocationFailure) -> EntryPlace {
    var table = root
    var current = geometry.top
    while current > level {
      let place = EntryPlace(table: table, index: geometry.index(page, current))
      let entry = entry(place)
      if entry.isPresent {
        precondition(!entry.isLarge, "a large page where a table is to be")
        table = entry.frame
      } else {
        table = try makeTable(for: owner)
        if geometry.isAccounted(current - 1) { allocated += 1 }
        setEntry(place, to: tableEntry(table, current))
      }
      current -= 1
    }
    return EntryPlace(table: table, index: geometry.index(page, level))
  }

  /// Where the entry of `level` for a page stands, if it points to a table.
  func presentPlace(_ root: FrameNumber, _ page: VirtualPage, level target: Int) -> EntryPlace? {
    var table = root
    var level = geometry.top
    while true {
      let place = EntryPlace(table: table, index: geometry.index(page, level))
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
  /// - Returns: the number of tables freed that count as the process's; the root stays. The flush that follows must say
  ///   that tables were freed if this is not 0. (The only tables that do not count, those of five levels' P4D, are
  ///   freed with one of their own below, unless there was no memory for that.)
  mutating func freeTables(
    _ root: FrameNumber, _ start: VirtualPage, _ end: VirtualPage, floor: VirtualPage,
    ceiling: VirtualPage
  ) -> Int {
    freeTables(below: root, geometry.top, start, end, floor, ceiling)
  }

  private mutating func freeTables(
    below table: FrameNumber, _ level: Int, _ start: VirtualPage, _ end: VirtualPage,
    _ floor: VirtualPage, _ ceiling: VirtualPage
  ) -> Int {
    guard level > 0 else { return 0 }
    var freed = 0
    let span = geometry.span(level)
    var page = VirtualPage(start.rawValue / span * span)
    while page < end {
      let place = EntryPlace(table: table, index: geometry.index(page, level))
      let entry = entry(place)
      let next = page + span
      if entry.isPresent && !entry.isLarge {
        freed += freeTables(
          below: entry.frame, level - 1, max(page, start), min(next, end), floor, ceiling)
        if !(page < floor) && !(ceiling < next) {
          setEntry(place, to: .empty)
          freeTable(entry.frame)
          if geometry.isAccounted(level - 1) { freed += 1 }
        }
      }
      page = next
    }
    return freed
  }
}
