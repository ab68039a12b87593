/// Pages that have slots in swap.
extension AddressSpaces where P: ~Copyable {
  /// Gives a private page a slot (`mm/swap_state.c:add_to_swap`).
  ///
  /// - Returns: whether there was one.
  mutating func addToSwap(_ frame: FrameNumber) -> Bool {
    guard let slot = takeSlot(for: frame) else { return false }
    enter(frame, slot)
    memory.retain(frame)
    memory.frames[frame.index].flags.insert(.dirty)
    return true
  }

  /// A slot for a page, on the account of its group (`mm/swap_slots.c:folio_alloc_swap`).
  mutating func takeSlot(for frame: FrameNumber) -> SwapSlot? {
    makeRoomForNodes(canReclaim: false)
    let group = memory.frames[frame.index].group
    if group != 0 && !memory.chargeSwap(group) { return nil }
    guard let slot = swap.take(for: memory.processor) else {
      memory.unchargeSwap(group)
      return nil
    }
    swap.groups[swap.place(slot)] = group
    return slot
  }

  /// Enters a frame into the swap cache, whose use of it must be counted already.
  mutating func enter(_ frame: FrameNumber, _ slot: SwapSlot) {
    setSwapEntry(swap.place(slot), CacheEntry(frame))
    memory.frames[frame.index].slot = slot
    memory.frames[frame.index].flags.insert(.swapCache)
    memory.statistics.swapCachedPages += 1
    memory.countCached(frame, 1)
    if memory.frames[frame.index].mappings == 0 { memory.statistics.unmappedSwapPages += 1 }
  }

  /// Takes a page out of the swap cache, and ends the cache's use of it; with no entry that names the slot, that is free
  /// then (`delete_from_swap_cache`).
  mutating func deleteFromSwapCache(_ frame: FrameNumber, leaving shadow: Shadow? = nil) {
    let slot = memory.frames[frame.index].slot
    let place = swap.place(slot)
    setSwapEntry(place, shadow.map { CacheEntry($0) } ?? .empty)
    memory.frames[frame.index].slot = .none
    memory.frames[frame.index].flags.remove(.swapCache)
    memory.statistics.swapCachedPages -= 1
    memory.countCached(frame, -1)
    if memory.frames[frame.index].mappings == 0 { memory.statistics.unmappedSwapPages -= 1 }
    memory.release(frame)
    if swap.counts[place] == 0 { giveBack(slot) }
  }

  /// Frees a slot, on its group's account too.
  private mutating func giveBack(_ slot: SwapSlot) {
    let group = swap.groups[swap.place(slot)]
    if group != 0 {
      memory.unchargeSwap(group)
      swap.groups[swap.place(slot)] = 0
    }
    setSwapEntry(swap.place(slot), .empty)
    dropCompressed(swap.place(slot))
    swap.giveBack(slot)
  }

  /// Frees the slot of a page that no entry names any more (`mm/swapfile.c:folio_free_swap`); somebody else uses the page,
  /// or it is free then.
  ///
  /// - Returns: whether it has no slot now.
  @discardableResult
  mutating func freeSwap(_ frame: FrameNumber) -> Bool {
    let state = memory.frames[frame.index]
    guard state.flags.contains(.swapCache), state.flags.isDisjoint(with: [.writeback, .reading]),
      swap.counts[swap.place(state.slot)] == 0
    else { return false }
    memory.frames[frame.index].flags.insert(.dirty)
    deleteFromSwapCache(frame)
    return true
  }

  /// Ends an entry's use of a slot (`swap_free`).
  mutating func dropSlot(_ slot: SwapSlot) {
    let place = swap.place(slot)
    precondition(swap.counts[place] > 0, "swap slot dropped that nobody has")
    swap.counts[place] -= 1
    if swap.counts[place] == 0 && swap.cache[place].frame == nil { giveBack(slot) }
  }

  /// Ends the use of a slot by an entry that goes, and gives up the page that may be in memory still
  /// (`free_swap_and_cache`).
  mutating func dropEntry(_ slot: SwapSlot, of space: SpaceIndex) {
    descriptors[space.rawValue].swapped -= 1
    dropSlotAndPage(slot)
  }

  /// Ends a use of a slot, and gives up the page that may be in memory still.
  mutating func dropSlotAndPage(_ slot: SwapSlot) {
    dropSlot(slot)
    guard let frame = swap.cache[swap.place(slot)].frame, swap.counts[swap.place(slot)] == 0 else { return }
    if memory.frames[frame.index].mappings == 0 || swap.isHalfFull { freeSwap(frame) }
  }

  /// The entry that stands for a private page that goes to its slot.
  mutating func swapEntry(_ frame: FrameNumber, _ entry: PageTableEntry) -> PageTableEntry {
    let slot = memory.frames[frame.index].slot
    var marks: SwapMarks = []
    if memory.frames[frame.index].flags.contains(.exclusive) {
      marks.insert(.exclusive)
      memory.frames[frame.index].flags.remove(.exclusive)
    }
    if entry.rawValue & PageTableEntry.softDirty != 0 { marks.insert(.softDirty) }
    if entry.isWriteWatched { marks.insert(.userFaultWrite) }
    return PageTableEntry(.swap(device: slot.area, offset: UInt64(slot.offset)), marks: marks)
  }

  /// Begins to write a page to its slot (`mm/page_io.c:swap_writepage`).
  mutating func writeOut(_ frame: FrameNumber) -> WriteOut {
    if memory.frames[frame.index].flags.contains(.sharedMemory) {
      guard moveToSwap(sharedMemory: frame) else { return .impossible }
    }
    let state = memory.frames[frame.index]
    guard state.flags.contains(.swapCache) else {
      guard state.flags.contains(.cached) else { return .impossible }
      beginWrite(ofFilePage: frame)
      memory.statistics.reclaimWrites += 1
      memory.frames[frame.index].flags.insert(.readahead)
      return .begun
    }
    memory.frames[frame.index].flags.remove(.dirty)
    memory.statistics.reclaimWrites += 1
    // Nobody needs it any more.
    if freeSwap(frame) { return .begun }
    if let result = compress(frame, state.slot) { return result }
    memory.frames[frame.index].flags.formUnion([.readahead, .writeback])
    memory.statistics.writebackPages += 1
    memory.statistics.swapOuts += 1
    memory.statistics.kilobytesWritten += PageSize.bytes / 1024
    keepContents(of: frame, in: state.slot)
    plug(frame, state.slot, isWrite: true)
    return .begun
  }

  /// A frame that is to be filled from a slot, on a list and with its reading begun; or the one that the slot has already
  /// (`mm/swap_state.c:__read_swap_cache_async`).
  ///
  /// - Returns: the frame and whether it is new; `nil` if the slot is free.
  mutating func readSlot(_ slot: SwapSlot) throws(AllocationFailure) -> (frame: FrameNumber, isNew: Bool)? {
    let place = swap.place(slot)
    if let frame = swap.cache[place].frame { return (frame, false) }
    if swap.counts[place] == 0 { return nil }
    let frame = try allocatePages(.single, .highUserMovable, processor: memory.processor)
    // Making room may have brought it.
    if let other = swap.cache[place].frame {
      memory.free(frame, .single, processor: memory.processor)
      return (other, false)
    }
    let shadow = swap.cache[place].shadow
    let isHere = isCompressed(slot)
    memory.beginUse(frame, isHere ? .anonymous : [.anonymous, .reading])
    try charge(frame, to: swap.groups[place])
    if let other = swap.cache[place].frame {
      memory.release(frame)
      return (other, false)
    }
    memory.frames[frame.index].owner = ReverseMap.none
    enter(frame, slot)
    if let shadow { memory.refault(frame, shadow, hasSwap: canSwap) }
    memory.addNewToList(frame)
    if isHere {
      unpack(slot, to: frame)
      return (frame, true)
    }
    memory.statistics.swapIns += 1
    memory.statistics.kilobytesRead += PageSize.bytes / 1024
    restoreContents(of: frame, from: slot)
    plug(frame, slot, isWrite: false)
    return (frame, true)
  }

  /// Lets a request wait for others that it may be joined with, but for so many only (`blk_add_rq_to_plug`).
  mutating func plug(_ frame: FrameNumber, _ slot: SwapSlot, isWrite: Bool) {
    var joins = false
    if let last = transfers.plugged.last {
      joins =
        last.isWrite == isWrite && last.slot.area == slot.area && last.slot.offset + 1 == slot.offset
        && transfers.runLength < Self.largestRequest
      if !joins && (transfers.runLength >= Self.flushedRequest || transfers.runs >= Self.mostRequests) { unplug() }
    }
    transfers.runLength = joins ? transfers.runLength + 1 : 1
    if !joins { transfers.runs += 1 }
    transfers.plugged.append((frame, slot, isWrite))
  }

  /// Sends what waits to be sent; slots that follow each other are one request (`block/blk-core.c:blk_finish_plug`).
  mutating func unplug() {
    var first = 0
    let count = transfers.plugged.count
    while first < count {
      let (_, slot, isWrite) = transfers.plugged[first]
      var end = first + 1
      while end < count, end - first < Self.largestRequest, transfers.plugged[end].isWrite == isWrite,
        transfers.plugged[end].slot.area == slot.area,
        transfers.plugged[end].slot.offset == slot.offset + (end - first)
      {
        end += 1
      }
      let time = swap.areas[slot.area].device.submit(pages: end - first, at: clock)
      let fails = swap.areas[slot.area].countRequest()
      for place in first..<end {
        transfers.add(
          Transfers.Transfer(frame: transfers.plugged[place].frame, isWrite: isWrite, end: time, fails: fails))
      }
      first = end
    }
    transfers.plugged.removeAll(keepingCapacity: true)
    transfers.runs = 0
    transfers.runLength = 0
  }

  /// In pages. Linux: `BLK_MAX_SEGMENTS`.
  private static var largestRequest: Int { 128 }
  /// A request of so many pages does not wait for another one. Linux: `BLK_PLUG_FLUSH_SIZE`.
  private static var flushedRequest: Int { 32 }
  /// Linux: `BLK_MAX_REQUEST_COUNT`.
  private static var mostRequests: Int { 32 }

  func keepContents(of frame: FrameNumber, in slot: SwapSlot) {
    guard translation.platform.holdsContents else { return }
    let base = swap.place(slot) * 512
    for word in 0..<512 { swap.contents[base + word] = translation.platform.word(word, of: frame) }
  }

  func restoreContents(of frame: FrameNumber, from slot: SwapSlot) {
    guard translation.platform.holdsContents else { return }
    let base = swap.place(slot) * 512
    for word in 0..<512 { translation.platform.setWord(word, of: frame, to: swap.contents[base + word]) }
  }
}
