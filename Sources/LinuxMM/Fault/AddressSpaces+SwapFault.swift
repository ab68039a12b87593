extension AddressSpaces where P: ~Copyable {
  /// A fault on a page that is in swap (`mm/memory.c:do_swap_page`).
  @inline(never)
  mutating func swapFault(
    _ space: SpaceIndex, _ area: UInt32, _ page: VirtualPage, _ place: EntryPlace, _ slot: SwapSlot, writes: Bool
  ) throws(AllocationFailure) -> FaultOutcome {
    var outcome = FaultOutcome.minor
    let slotPlace = swap.place(slot)
    if swap.areas[slot.area].isCompressed && swap.counts[slotPlace] == 1 && swap.cache[slotPlace].frame == nil {
      return try synchronousFault(space, area, page, place, slot, writes: writes)
    }
    var isRepeated = false
    var frame: FrameNumber
    while true {
      if let cached = lookUpSlot(slot, area, page) {
        frame = cached
      } else {
        guard let read = try readAhead(slot, area, page, place) else { return .minor }
        frame = read
        outcome = .major
        countMajorFault()
      }
      guard memory.frames[frame.index].flags.contains(.reading) else { break }
      if let end = leave(frame) { return .reading(until: end, isMajor: outcome == .major) }
      memory.retain(frame)
      waitForPage(frame)
      // The kernel has let go of the address space meanwhile and begins anew.
      if !isRepeated { countFault() }
      isRepeated = true
      let isCached = memory.frames[frame.index].flags.contains(.swapCache)
      memory.release(frame)
      if isCached { break }
    }
    if memory.frames[frame.index].flags.contains(.failed) { return .unreadable }
    let isWritten = mapSwapped(frame, space, area, page, place, slot, writes: writes)
    guard writes && !isWritten else { return outcome }
    let copied = try writeProtectedFault(space, area, page, place, translation.entry(place))
    return copied == .minor ? outcome : copied
  }

  /// The same for a page that is there at once and that nobody else waits for: it does without the swap cache.
  private mutating func synchronousFault(
    _ space: SpaceIndex, _ area: UInt32, _ page: VirtualPage, _ place: EntryPlace, _ slot: SwapSlot, writes: Bool
  ) throws(AllocationFailure) -> FaultOutcome {
    let frame = try allocatePages(.single, .highUserMovable, processor: memory.processor)
    memory.beginUse(frame, .anonymous)
    try charge(frame, to: swap.groups[swap.place(slot)])
    countMajorFault()
    memory.frames[frame.index].owner = ReverseMap.none
    if let shadow = swap.cache[swap.place(slot)].shadow { memory.refault(frame, shadow, hasSwap: canSwap) }
    memory.addNewToList(frame)
    unpack(slot, to: frame)
    memory.frames[frame.index].flags.insert(.dirty)
    let isWritten = mapSwapped(frame, space, area, page, place, slot, writes: writes)
    memory.release(frame)
    guard writes && !isWritten else { return .major }
    let copied = try writeProtectedFault(space, area, page, place, translation.entry(place))
    return copied == .minor ? .major : copied
  }

  /// Puts a page that has come back behind the entry that names its slot.
  ///
  /// - Returns: whether it may be written to at once, for a fault that writes.
  @discardableResult
  mutating func mapSwapped(
    _ frame: FrameNumber, _ space: SpaceIndex, _ area: UInt32, _ page: VirtualPage, _ place: EntryPlace,
    _ slot: SwapSlot, writes: Bool
  ) -> Bool {
    let marks = translation.entry(place).swapMarks
    // The mapping's use, lest the page goes with its slot.
    memory.retain(frame)
    dropSlot(slot)
    descriptors[space.rawValue].swapped -= 1
    let isLocked = areas[area].flags.contains(.locked)
    let state = memory.frames[frame.index]
    let isUncached = !state.flags.contains(.swapCache)
    if swap.isHalfFull || isLocked || state.flags.contains(.mlocked) || (writes && state.references == 2) {
      freeSwap(frame)
    }
    prepareAnonymous(area)
    let isExclusive = marks.contains(.exclusive) || isUncached || memory.frames[frame.index].references == 1
    if memory.frames[frame.index].owner == ReverseMap.none {
      memory.frames[frame.index].owner = isExclusive ? areas[area].family : reverse.root(of: areas[area].family)
      memory.frames[frame.index].fileOffset = areas[area].offset(of: page)
    }
    var bits = entryBits(area) & ~PageTableEntry.writable
    var isWritten = false
    if isExclusive {
      memory.frames[frame.index].flags.insert(.exclusive)
      if writes {
        bits = writtenBits(area, bits)
        isWritten = true
      }
    }
    if marks.contains(.softDirty) { bits |= PageTableEntry.softDirty }
    if marks.contains(.userFaultWrite) { bits = watchedBits(bits) }
    map(frame, place, bits, space)
    if isLocked { lockPage(frame) }
    return isWritten
  }
}
