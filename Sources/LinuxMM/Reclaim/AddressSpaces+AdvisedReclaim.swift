/// What programs advise about taking their pages back or bringing them (`mm/madvise.c`).
extension AddressSpaces where P: ~Copyable {
  /// Makes pages clean and unreferenced, so that they may be taken back unless written again
  /// (`mm/madvise.c:madvise_free_pte_range`).
  mutating func markUnneeded(_ space: SpaceIndex, _ start: VirtualPage, _ end: VirtualPage) {
    let changed = forEachEntry(space, start, end) { spaces, place, entry in
      guard !entry.isSpecial else { return false }
      let frame = entry.frame
      // Written to by the kernel for a process that shares it, it stays dirty.
      if spaces.translation.memory.frames[frame.index].flags.contains(.dirty) {
        guard spaces.translation.memory.frames[frame.index].mappings == 1 else { return false }
        spaces.translation.memory.frames[frame.index].flags.remove(.dirty)
      }
      spaces.makeLazilyFree(frame)
      spaces.translation.setEntry(place, to: entry.clearing(PageTableEntry.accessed | PageTableEntry.dirty))
      return true
    }
    if changed { flush(space, start, end) }
  }

  /// Puts a private page among those that can be dropped, at the inactive pages of files (`mm/swap.c:lru_lazyfree_fn`).
  private mutating func makeLazilyFree(_ frame: FrameNumber) {
    let flags = memory.frames[frame.index].flags
    guard !flags.contains(.lazilyFree) else { return }
    if flags.contains(.swapCache) && !freeSwap(frame) { return }
    memory.frames[frame.index].flags.remove(.dirty)
    memory.relist(frame) {
      $0.subtract([.active, .referenced])
      $0.insert(.lazilyFree)
    }
    memory.statistics.pagesLazilyFreed += 1
    memory.vectors[memory.vector(of: frame)].events.lazilyFreed += 1
  }

  /// Makes the pages inactive that no other process maps (`mm/madvise.c:madvise_cold_or_pageout_pte_range`,
  /// `mm/swap.c:lru_deactivate_fn`).
  mutating func makeCold(_ space: SpaceIndex, _ start: VirtualPage, _ end: VirtualPage) {
    forgetUses(space, start, end) { spaces, frame in
      let flags = spaces.memory.frames[frame.index].flags
      guard flags.contains(.active) || flags.contains(.generated), !flags.contains(.unevictable) else { return }
      spaces.memory.relist(frame) { $0.subtract([.active, .referenced]) }
      spaces.memory.statistics.pagesDeactivated += 1
      spaces.memory.vectors[spaces.memory.vector(of: frame)].events.deactivated += 1
    }
  }

  /// Takes the pages back that no other process maps, used or not (`mm/vmscan.c:reclaim_pages`).
  mutating func pageOut(_ space: SpaceIndex, _ start: VirtualPage, _ end: VirtualPage) {
    var pages: [FrameNumber] = []
    forgetUses(space, start, end) { spaces, frame in
      let flags = spaces.memory.frames[frame.index].flags
      guard flags.contains(.listed), !flags.contains(.unevictable) else { return }
      spaces.memory.removeFromList(frame)
      pages.append(frame)
    }
    guard !pages.isEmpty else { return }
    isReclaiming = true
    defer { isReclaiming = false }
    var control = ReclaimControl()
    control.ignoresUses = true
    var tally = ReclaimTally()
    var recent = RecentMapping()
    for frame in pages {
      if dispose(frame, node: memory.node(of: frame), control, &tally, &recent) == .kept { memory.addToList(frame) }
    }
    unplug()
  }

  /// Takes the marks of use from the pages that no other process maps, and calls `body` with each.
  private mutating func forgetUses(
    _ space: SpaceIndex, _ start: VirtualPage, _ end: VirtualPage,
    _ body: (_ spaces: inout Self, _ frame: FrameNumber) -> Void
  ) {
    let changed = forEachEntry(space, start, end) { spaces, place, entry in
      guard !entry.isSpecial, spaces.memory.frames[entry.frame.index].mappings == 1 else { return false }
      let wasUsed = entry.rawValue & PageTableEntry.accessed != 0
      if wasUsed { spaces.translation.setEntry(place, to: entry.clearing(PageTableEntry.accessed)) }
      spaces.memory.frames[entry.frame.index].flags.remove(.referenced)
      body(&spaces, entry.frame)
      return wasUsed
    }
    if changed { flush(space, start, end) }
  }

  /// Begins to read what of a part of an area is not in memory (`mm/madvise.c:madvise_willneed`).
  mutating func bringIn(_ place: UInt32, _ start: VirtualPage, _ end: VirtualPage) {
    let area = areas[place]
    let positions = area.offset(of: start)..<(area.offset(of: start) + (end - start))
    if area.file == .none {
      // Linux: `swapin_walk_pmd_entry`.
      _ = forEachEntry(area.space, start, end, inSwap: true) { spaces, _, entry in
        if let slot = entry.swapSlot { _ = try? spaces.readSlot(slot) }
        return false
      }
    } else if cache.files[area.file.rawValue].isSharedMemory {
      for (_, slot) in cache.slots(of: area.file, positions) { _ = try? readSlot(slot) }
    } else {
      // Linux: `force_page_cache_ra`.
      readPages(
        area.file, positions.lowerBound, min(end - start, FileReadahead.largestRequest), markAt: .max)
    }
    unplug()
  }
}
