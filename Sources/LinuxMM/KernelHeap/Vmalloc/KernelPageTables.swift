/// The page tables of the kernel's own addresses, as the processor walks them. Linux: `init_mm`.
///
/// Tables are made as addresses are mapped, and stay (Linux: `vunmap_range` frees none). Several threads may map and unmap
/// different areas at once; a lock guards the ways through upper tables.
struct KernelPageTables: ~Copyable, Sendable {
  let geometry: PageTableGeometry
  private let lock = SpinLock()
  /// The frame of the highest table, 0 before the first page is mapped.
  private let rootFrame = SharedNumber(0)
  /// Frames that are tables.
  let count = SharedNumber(0)

  init(_ geometry: PageTableGeometry) { self.geometry = geometry }

  var root: FrameNumber? { rootFrame.value == 0 ? nil : FrameNumber(UInt32(rootFrame.value)) }

  /// Pages that a large entry has.
  var largeSpan: UInt64 { geometry.span(1) }

  /// Maps frames at pages that follow each other.
  ///
  /// - Parameters:
  ///   - isLarge: each entry maps a large page; `start` and the frames are aligned to it.
  ///   - frame: the frame of the entry at a distance from `start`, in pages.
  /// - Throws: what the page allocator says when there is no memory for a table; what was mapped stays.
  func map<P: Platform & ~Copyable>(
    _ start: VirtualPage, _ end: VirtualPage, _ bits: UInt64, isLarge: Bool = false, processor: Int,
    _ memory: borrowing PhysicalMemory, _ platform: borrowing P, _ frame: (_ distance: UInt64) -> FrameNumber
  ) throws(AllocationFailure) {
    let level = isLarge ? 1 : 0
    let span = geometry.span(level)
    var page = start
    while page < end {
      var place = try makePlace(page, level, processor, memory, platform)
      // Where a large page is to be, a table may be in the way: each is looked at.
      let stop = isLarge ? page + span : min(end, geometry.tableEnd(page))
      while page < stop {
        let frame = frame(page - start)
        let entry = isLarge ? PageTableEntry.largePage(frame, bits, span: span) : .page(frame, bits)
        platform.setWord(place.index, of: place.table, to: entry.rawValue)
        place.index += 1
        page = page + span
      }
    }
  }

  /// Empties the entries of a range.
  ///
  /// - Parameter unmapped: is told the first frame of each page that was mapped, and its order.
  func unmap<P: Platform & ~Copyable>(
    _ start: VirtualPage, _ end: VirtualPage, _ platform: borrowing P,
    _ unmapped: (_ frame: FrameNumber, _ order: PageOrder) -> Void = { _, _ in }
  ) {
    var page = start
    while page < end {
      guard let (place, level) = self.place(page, platform) else {
        page = geometry.tableEnd(page)
        continue
      }
      let span = geometry.span(level)
      let stop = min(end, geometry.tableEnd(page))
      var index = place.index
      // A table of single pages to its end; of large ones just this.
      repeat {
        let entry = PageTableEntry(rawValue: platform.word(index, of: place.table))
        if entry.isPresent {
          platform.setWord(index, of: place.table, to: 0)
          unmapped(
            level > 0 ? entry.frame(span: span) : entry.frame, PageOrder(Int(truncatingIfNeeded: geometry.shift(level)))
          )
        }
        index += 1
        page = page + span
      } while level == 0 && page < stop
    }
  }

  /// What the processor finds for an address.
  func walk<P: Platform & ~Copyable>(_ address: VirtualAddress, _ platform: borrowing P) -> PageTableWalk? {
    guard let root else { return nil }
    lock.lock()
    defer { lock.unlock() }
    return PageTableWalk(address, from: root, geometry, reading: platform)
  }

  /// Where the entry is that maps a page, or would: in the lowest table there is, `nil` if that has none for it.
  private func place<P: Platform & ~Copyable>(
    _ page: VirtualPage, _ platform: borrowing P
  ) -> (place: EntryPlace, level: Int)? {
    guard var table = root else { return nil }
    lock.lock()
    defer { lock.unlock() }
    var level = geometry.top
    while level > 0 {
      let place = EntryPlace(table: table, index: geometry.index(page, level))
      let entry = PageTableEntry(rawValue: platform.word(place.index, of: place.table))
      guard entry.isPresent else { return nil }
      if entry.isLarge { return (place, level) }
      table = entry.frame
      level -= 1
    }
    return (EntryPlace(table: table, index: geometry.index(page, 0)), 0)
  }

  /// Where the entry of a page is, with tables made where they are missing (`mm/memory.c:__pte_alloc_kernel`).
  ///
  /// - Parameter target: the entry's level.
  private func makePlace<P: Platform & ~Copyable>(
    _ page: VirtualPage, _ target: Int, _ processor: Int, _ memory: borrowing PhysicalMemory, _ platform: borrowing P
  ) throws(AllocationFailure) -> EntryPlace {
    var spare: FrameNumber?
    var replaced: FrameNumber?
    defer {
      if let spare { memory.free(spare, .single, processor: processor) }
      if let replaced { memory.free(replaced, .single, processor: processor) }
    }
    while true {
      if let place = findPlace(page, target, &spare, &replaced, platform) { return place }
      // Made without the lock; another thread may be first.
      let table = try memory.allocatePages(.single, [.kernel, .zero], processor: processor)
      platform.clear(table)
      spare = table
    }
  }

  /// - Parameters:
  ///   - spare: an empty table, taken if one is missing.
  ///   - replaced: a table that stands where a large page is to be: that of single pages that are gone.
  /// - Returns: `nil` if one is missing and there is no spare.
  private func findPlace<P: Platform & ~Copyable>(
    _ page: VirtualPage, _ target: Int, _ spare: inout FrameNumber?, _ replaced: inout FrameNumber?,
    _ platform: borrowing P
  ) -> EntryPlace? {
    lock.lock()
    defer { lock.unlock() }
    if rootFrame.value == 0 {
      guard let table = take(&spare) else { return nil }
      platform.shareKernelEntries(with: table)
      rootFrame.set(Int(table.rawValue))
    }
    var table = FrameNumber(UInt32(rootFrame.value))
    var level = geometry.top
    while true {
      let place = EntryPlace(table: table, index: geometry.index(page, level))
      let entry = PageTableEntry(rawValue: platform.word(place.index, of: place.table))
      if level == target {
        if level > 0 && entry.isPresent {
          replaced = entry.frame
          count.add(-1)
          platform.setWord(place.index, of: place.table, to: 0)
        }
        return place
      }
      if entry.isPresent {
        table = entry.frame
      } else {
        guard let new = take(&spare) else { return nil }
        platform.setWord(place.index, of: place.table, to: PageTableEntry.table(new).rawValue)
        table = new
      }
      level -= 1
    }
  }

  private func take(_ spare: inout FrameNumber?) -> FrameNumber? {
    guard let table = spare else { return nil }
    spare = nil
    count.add(1)
    return table
  }
}
