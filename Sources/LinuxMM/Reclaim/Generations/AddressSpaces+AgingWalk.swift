/// Going through page tables for pages that were used (`mm/vmscan.c:walk_mm`, `lru_gen_look_around`).
extension AddressSpaces where P: ~Copyable {
  /// Makes all pages of a vector the newest generation's that the page tables of the group's processes say were used.
  ///
  /// - Complexity: O(entries of the tables gone through).
  mutating func walkTables(of vector: UInt32, canSwap: Bool) {
    let group = UInt16(vector / UInt32(memory.nodeCount))
    let node = UInt64(1) << UInt64(Int(vector) % memory.nodeCount % 64)
    var isFirst = true
    for index in 0..<descriptors.limit {
      let place = UInt32(index)
      guard descriptors[place].group == group else { continue }
      let isNew = descriptors[place].isUnwalked & node != 0
      guard isNew || descriptors[place].hasRun & node != 0 else { continue }
      descriptors[place].isUnwalked &= ~node
      descriptors[place].hasRun &= ~node
      var pages = descriptors[place].fileResident
      if canSwap { pages += descriptors[place].anonymousResident + descriptors[place].sharedResident }
      guard pages >= Generations.batch else { continue }
      if isFirst { renewFilter(vector) }
      isFirst = false
      walkTables(of: SpaceIndex(place), for: vector, isForced: isNew, canSwap: canSwap)
    }
  }

  /// Notes that a process runs, whose pages may be used (`lru_gen_use_mm`).
  mutating func noteRun(_ space: SpaceIndex) {
    if space != .none { descriptors[space.rawValue].hasRun = .max }
  }

  /// Empties the filter for the next walk.
  private mutating func renewFilter(_ vector: UInt32) {
    let next = Int((memory.generations[vector].newest + 1) & 1)
    if memory.generations[vector].filters[next] == .max {
      memory.generations[vector].filters[next] = aging.filters.make()
    } else {
      aging.filters.clear(memory.generations[vector].filters[next])
    }
  }

  /// - Parameter isForced: whether tables are gone through that were not worth it last time.
  private mutating func walkTables(of space: SpaceIndex, for vector: UInt32, isForced: Bool, canSwap: Bool) {
    let root = descriptors[space.rawValue].context.root
    let newest = memory.generations[vector].newest
    let filter = memory.generations[vector].filters[Int(newest & 1)]
    let nextFilter = memory.generations[vector].filters[Int((newest + 1) & 1)]
    var area = descriptors[space.rawValue].areas.first
    var page = VirtualPage(0)
    while area != AreaTree.none {
      guard isWalked(area, canSwap: canSwap), page < areas[area].end else {
        area = areas[area].next
        continue
      }
      page = max(page, areas[area].start)
      let upper: EntryPlace
      switch translation.upperPlace(root, page) {
      case .none(let next):
        page = next
        continue
      case .place(let place): upper = place
      }
      let end = translation.geometry.tableEnd(page)
      defer { page = end }
      let entry = translation.entry(upper)
      guard entry.isPresent else { continue }
      if reclaimSettings.generations.usesUpperMarks {
        guard entry.rawValue & PageTableEntry.accessed != 0 else { continue }
        translation.setEntry(upper, to: entry.clearing(PageTableEntry.accessed))
      }
      guard isForced || filter == .max || aging.filters.contains(entry.frame, filter) else { continue }
      if walkTable(entry.frame, from: page, to: end, firstArea: area, for: vector, canSwap: canSwap) {
        aging.filters.insert(entry.frame, nextFilter)
      }
    }
  }

  /// Goes through one last-level table (`walk_pte_range`).
  ///
  /// - Returns: whether so many of its pages were used that it is worth going through the next time.
  private mutating func walkTable(
    _ table: FrameNumber, from start: VirtualPage, to end: VirtualPage, firstArea: UInt32, for vector: UInt32,
    canSwap: Bool
  ) -> Bool {
    var total = 0
    var young = 0
    var area = firstArea
    while area != AreaTree.none, areas[area].start < end {
      defer { area = areas[area].next }
      guard isWalked(area, canSwap: canSwap) else { continue }
      var page = max(start, areas[area].start)
      let last = min(end, areas[area].end)
      while page < last {
        let place = EntryPlace(table: table, index: translation.geometry.index(page, 0))
        total += 1
        page = page + 1
        guard let frame = takeUse(place, vector, canSwap: canSwap) else { continue }
        young += 1
        memory.promote(frame)
      }
    }
    spend(scanned: young)
    return isWorthWalking(total, young)
  }

  /// Whether a used page is found per cache line of entries (`suitable_to_scan`).
  private func isWorthWalking(_ total: Int, _ young: Int) -> Bool { young * 8 >= total }

  /// Takes the mark of use from an entry that maps a page of the vector (`get_pte_pfn`, `get_pfn_folio`).
  ///
  /// - Returns: the page, if it was used and may be taken back.
  private mutating func takeUse(_ place: EntryPlace, _ vector: UInt32, canSwap: Bool) -> FrameNumber? {
    let entry = translation.entry(place)
    guard entry.rawValue & PageTableEntry.accessed != 0, entry.holdsPage, !entry.isSpecial else { return nil }
    let frame = entry.frame
    let flags = memory.frames[frame.index].flags
    guard memory.vector(of: frame) == vector, canSwap || flags.hasDisk else { return nil }
    translation.setEntry(place, to: entry.clearing(PageTableEntry.accessed))
    let comesToSwap = flags.contains(.anonymous) && !flags.contains(.lazilyFree) && !flags.contains(.swapCache)
    if entry.isDirty && !flags.contains(.dirty) && !comesToSwap {
      if flags.contains(.anonymous) { memory.frames[frame.index].flags.insert(.dirty) } else { markDirty(frame) }
    }
    return frame
  }

  /// Whether the pages of an area are looked at (`should_skip_vma`).
  private func isWalked(_ place: UInt32, canSwap: Bool) -> Bool {
    let area = areas[place]
    guard area.isAccessible,
      area.flags.isDisjoint(with: AreaFlags.special.union([.hugeTLB, .locked, .sequential, .random]))
    else { return false }
    return canSwap || (area.file != .none && !cache.files[area.file.rawValue].isSharedMemory)
  }

  /// Looks at the entries around one through which a page was used that is about to be evicted, and makes their pages the
  /// newest generation's (`lru_gen_look_around`).
  mutating func lookAround(_ mapping: FrameMapping, _ frame: FrameNumber) {
    let vector = memory.vector(of: frame)
    let area = areas[mapping.area]
    let page = mapping.page
    let end = translation.geometry.tableEnd(page)
    let span = translation.geometry.span(1)
    var first = max(VirtualPage(page.rawValue / span * span), area.start)
    var last = min(end, area.end)
    let batch = UInt64(Generations.batch)
    if last - first > batch {
      if page - first < batch / 2 {
        last = first + batch
      } else if last - page < batch / 2 {
        first = VirtualPage(last.rawValue - batch)
      } else {
        first = VirtualPage(page.rawValue - batch / 2)
        last = page + batch / 2
      }
    }
    let canSwap = !aging.hasWalker || aging.walkerSwaps
    let newest = Generations.place(memory.generations[vector].newest)
    let total = Int(last - first)
    var young = 0
    aging.found.removeAll(keepingCapacity: true)
    while first < last {
      let place = EntryPlace(table: mapping.place.table, index: translation.geometry.index(first, 0))
      first = first + 1
      guard let used = takeUse(place, vector, canSwap: canSwap) else { continue }
      young += 1
      let flags = memory.frames[used.index].flags
      if !flags.contains(.generated) {
        memory.frames[used.index].flags.insert(.referenced)
      } else if flags.generation != newest {
        aging.found.append(used)
      }
    }
    spend(scanned: young)
    let filter = memory.generations[vector].filters[Int(memory.generations[vector].newest & 1)]
    if filter != .max && isWorthWalking(total, young) { aging.filters.insert(mapping.place.table, filter) }
    // A few go to the front at once.
    let movesNow = !aging.hasWalker && aging.found.count < 15
    for index in aging.found.indices {
      let used = aging.found[index]
      guard movesNow else {
        memory.promote(used)
        continue
      }
      memory.relist(used) { $0.insert(.active) }
      memory.statistics.pagesActivated += 1
      memory.vectors[vector].events.activated += 1
    }
  }
}
