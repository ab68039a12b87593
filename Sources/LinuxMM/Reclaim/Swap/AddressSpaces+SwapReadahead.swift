/// Reading pages from swap, and along with them those that will probably be wanted next.
extension AddressSpaces where P: ~Copyable {
  /// The page of a slot if it is in memory; notes that a guess was good (`mm/swap_state.c:swap_cache_get_folio`).
  mutating func lookUpSlot(_ slot: SwapSlot, _ area: UInt32, _ page: VirtualPage) -> FrameNumber? {
    guard let (frame, wasGuess) = cachedPage(slot) else { return nil }
    if readsAheadByArea {
      var guess = areas[area].swapReadahead
      if wasGuess { guess.hits = min(guess.hits + 1, SwapReadahead.most) }
      guess.page = page
      areas[area].swapReadahead = guess
    } else if wasGuess {
      swap.hits += 1
    }
    return frame
  }

  /// The same for a page that belongs to no area, as those of shared memory.
  mutating func lookUpSlot(_ slot: SwapSlot) -> FrameNumber? {
    guard let (frame, wasGuess) = cachedPage(slot) else { return nil }
    if wasGuess { swap.hits += 1 }
    return frame
  }

  /// The page of a slot, and whether it was read by a guess, which is counted once.
  private mutating func cachedPage(_ slot: SwapSlot) -> (frame: FrameNumber, wasGuess: Bool)? {
    guard let frame = swap.cache[swap.place(slot)].frame else { return nil }
    // A page on its way to swap has the same flag.
    let wasGuess = memory.frames[frame.index].flags.contains(.readahead)
    if wasGuess {
      memory.frames[frame.index].flags.remove(.readahead)
      memory.statistics.swapReadaheadHits += 1
    }
    return (frame, wasGuess)
  }

  private var readsAheadByArea: Bool { reclaimSettings.readsAheadByArea && !swap.isRotational }

  /// Reads the page of a slot with others (`swapin_readahead`); a page alone is waited for at once.
  mutating func readAhead(
    _ slot: SwapSlot, _ area: UInt32, _ page: VirtualPage, _ place: EntryPlace
  ) throws(AllocationFailure) -> FrameNumber? {
    guard readsAheadByArea else { return try readAhead(slot) }
    return try readWanted(slot, isAlone: !readNeighbours(area, page, place))
  }

  /// The same by slots only (`swap_cluster_readahead`), as shared memory has it always.
  mutating func readAhead(_ slot: SwapSlot) throws(AllocationFailure) -> FrameNumber? {
    try readWanted(slot, isAlone: !readBlock(slot))
  }

  private mutating func readWanted(_ slot: SwapSlot, isAlone: Bool) throws(AllocationFailure) -> FrameNumber? {
    let wanted = try readSlot(slot)?.frame
    unplug()
    if isAlone, let wanted { waitForPage(wanted) }
    return wanted
  }

  /// Reads the swapped pages around an address, as many as earlier guesses were good (`swap_vma_readahead`).
  ///
  /// - Returns: whether others were to be read.
  private mutating func readNeighbours(
    _ area: UInt32, _ page: VirtualPage, _ place: EntryPlace
  ) -> Bool {
    let most = 1 << min(reclaimSettings.pageCluster, translation.geometry.hasNarrowEntries ? 3 : 5)
    guard most > 1 else { return false }
    let last = areas[area].swapReadahead
    let window = SwapReadahead.window(
      last: Int(bitPattern: UInt(last.page.rawValue)), now: Int(bitPattern: UInt(page.rawValue)), hits: last.hits, most,
      lastWindow: last.window)
    areas[area].swapReadahead = SwapReadahead(page: page, window: window, hits: 0)
    guard window > 1 else { return false }
    let count = UInt64(window)
    var first = page.rawValue
    if page.rawValue == last.page.rawValue &+ 1 {
      // Upwards.
    } else if last.page.rawValue == page.rawValue &+ 1 {
      first = page.rawValue >= count - 1 ? page.rawValue - (count - 1) : 0
    } else {
      let below = (count - 1) / 2
      first = page.rawValue >= below ? page.rawValue - below : 0
    }
    let end = first + count
    let tableStart = translation.geometry.tableEnd(page).rawValue - translation.geometry.span(1)
    let start = max(first, areas[area].start.rawValue, tableStart)
    let stop = min(end, areas[area].end.rawValue, translation.geometry.tableEnd(page).rawValue)
    var next = start
    while next < stop {
      let offset = Int(next) - Int(page.rawValue)
      let entry = translation.entry(EntryPlace(table: place.table, index: place.index + offset))
      if let slot = entry.swapSlot { guess(slot, isWanted: next == page.rawValue) }
      next += 1
    }
    return true
  }

  /// Reads the aligned block of slots around one (`swap_cluster_readahead`).
  ///
  /// - Returns: whether others were to be read.
  private mutating func readBlock(_ slot: SwapSlot) -> Bool {
    let most = 1 << reclaimSettings.pageCluster
    guard most > 1 else { return false }
    let hits = swap.hits
    swap.hits = 0
    let window = SwapReadahead.window(
      last: swap.lastOffset, now: slot.offset, hits: hits, most, lastWindow: swap.lastWindow)
    if hits == 0 { swap.lastOffset = slot.offset }
    swap.lastWindow = window
    guard window > 1 else { return false }
    let start = max(slot.offset & ~(window - 1), 1)
    let end = min(slot.offset | (window - 1), swap.areas[slot.area].pages - 1)
    for offset in start...end {
      guess(SwapSlot(area: slot.area, offset: offset), isWanted: offset == slot.offset)
    }
    return true
  }

  private mutating func guess(_ slot: SwapSlot, isWanted: Bool) {
    guard let (frame, isNew) = try? readSlot(slot), isNew, !isWanted else { return }
    memory.frames[frame.index].flags.insert(.readahead)
    memory.statistics.swapReadaheads += 1
  }
}
