/// Pages that go to swap and stay in memory, compressed: in front of all areas (`mm/zswap.c`), or as an area of their own
/// (`drivers/block/zram/zram_drv.c`).
extension AddressSpaces where P: ~Copyable {
  /// Keeps a page compressed instead of writing it.
  ///
  /// - Returns: `nil` if its slot is on a disk that it has to be written to, else what became of it.
  mutating func compress(_ frame: FrameNumber, _ slot: SwapSlot) -> WriteOut? {
    let place = swap.place(slot)
    let isZram = swap.areas[slot.area].isCompressed
    guard isZram || swap.compressedCache.isOn else { return nil }
    let isRepeated = isOneWord(frame)
    dropCompressed(place)
    if let result = store(place, isRepeated: isRepeated) {
      memory.statistics.compressedOuts += 1
      keepContents(of: frame, in: slot)
      return result
    }
    return isZram ? storeInZram(frame, slot, isRepeated: isRepeated) : nil
  }

  /// Linux: `zram_bvec_write`.
  private mutating func storeInZram(_ frame: FrameNumber, _ slot: SwapSlot, isRepeated: Bool) -> WriteOut {
    spend(swap.zram.model.compress)
    if !isRepeated && swap.zram.needsBlock {
      let flags: GFPFlags = [.kswapdReclaim, .noWarn, .highmem, .movable, .memoryAllocation]
      guard let frames = takeFrames(swap.zram.framesPerBlock, flags) else {
        memory.frames[frame.index].flags.insert(.dirty)
        return .impossible
      }
      swap.zram.addBlock(frames)
    }
    swap.zram.store(swap.place(slot), isRepeated: isRepeated)
    memory.statistics.swapOuts += 1
    keepContents(of: frame, in: slot)
    return .finished
  }

  /// Stores a page in the cache in front of all areas, if that takes it (`zswap_frontswap_store`).
  private mutating func store(_ place: Int, isRepeated: Bool) -> WriteOut? {
    guard swap.compressedCache.isOn else { return nil }
    let most = memory.managedFrames * reclaimSettings.compressedCache.mostPercent / 100
    if swap.compressedCache.frames > most {
      swap.compressedCache.wasFull = true
      memory.statistics.compressedCacheFull += 1
      shrinksCompressedCache = true
      return nil
    }
    if swap.compressedCache.wasFull {
      let accepted =
        memory.managedFrames * reclaimSettings.compressedCache.acceptPercent / 100
        * reclaimSettings.compressedCache.mostPercent / 100
      if accepted <= swap.compressedCache.frames { return nil }
      swap.compressedCache.wasFull = false
    }
    spend(swap.compressedCache.model.compress)
    if !isRepeated && swap.compressedCache.objectsPerBlock == 0 { return nil }
    if !isRepeated && swap.compressedCache.needsBlock {
      var flags: GFPFlags = [.noRetry, .noWarn, .kswapdReclaim, .memoryAllocation]
      if reclaimSettings.compressedCache.allocator != .zbud { flags.formUnion([.highmem, .movable]) }
      guard let frames = takeFrames(swap.compressedCache.framesPerBlock, flags) else { return nil }
      swap.compressedCache.addBlock(frames)
    }
    swap.compressedCache.store(place, isRepeated: isRepeated)
    return .finished
  }

  /// Whether a slot's page need not be read from a disk.
  func isCompressed(_ slot: SwapSlot) -> Bool {
    let place = swap.place(slot)
    return swap.zram.holds(place) || swap.compressedCache.holds(place)
  }

  /// Unpacks a slot's page, which stays stored until the slot is free.
  mutating func unpack(_ slot: SwapSlot, to frame: FrameNumber) {
    if swap.compressedCache.holds(swap.place(slot)) {
      memory.statistics.compressedIns += 1
    } else {
      memory.statistics.swapIns += 1
    }
    spend(swap.zram.model.decompress)
    restoreContents(of: frame, from: slot)
  }

  /// Forgets the compressed page of a slot.
  mutating func dropCompressed(_ place: Int) {
    if let frames = swap.compressedCache.remove(place) { giveBack(frames, swap.compressedCache.framesPerBlock) }
    if let frames = swap.zram.remove(place) { giveBack(frames, swap.zram.framesPerBlock) }
  }

  /// Writes the page to its disk that has been in the cache the longest: the work of a thread that runs when reclaim lets it,
  /// once for however many pages were refused (`shrink_worker`, `zswap_writeback_entry`).
  mutating func shrinkCompressedCache() {
    guard shrinksCompressedCache else { return }
    shrinksCompressedCache = false
    var attempts = Self.shrinkAttempts
    while attempts > 0, let place = swap.compressedCache.oldest, swap.cache[place].frame != nil {
      // A page that is in memory stays for now.
      swap.compressedCache.rotate()
      attempts -= 1
    }
    guard attempts > 0, let place = swap.compressedCache.oldest,
      let frame = try? allocatePages(.single, [.kernel, .noWarn, .memoryAllocation], processor: memory.processor)
    else { return }
    let slot = swap.slot(at: place)
    let shadow = swap.cache[place].shadow
    memory.beginUse(frame, .anonymous)
    let group = swap.groups[place]
    if group != 0 { memory.forceCharge(group) }
    memory.frames[frame.index].group = group
    memory.frames[frame.index].owner = ReverseMap.none
    enter(frame, slot)
    if let shadow { memory.refault(frame, shadow, hasSwap: canSwap) }
    memory.addToList(frame)
    spend(swap.compressedCache.model.decompress)
    restoreContents(of: frame, from: slot)
    dropCompressed(place)
    memory.statistics.compressedWrites += 1
    if swap.areas[slot.area].isCompressed {
      _ = storeInZram(frame, slot, isRepeated: isOneWord(frame))
      return
    }
    memory.frames[frame.index].flags.formUnion([.readahead, .writeback])
    memory.statistics.writebackPages += 1
    memory.statistics.swapOuts += 1
    memory.statistics.kilobytesWritten += PageSize.bytes / 1024
    plug(frame, slot, isWrite: true)
    unplug()
  }

  /// Linux: `zbud_reclaim_page`, called with 8.
  private static var shrinkAttempts: Int { 8 }

  /// Frames for a block; all or none.
  private mutating func takeFrames(_ count: Int, _ flags: GFPFlags) -> InlineArray<4, FrameNumber>? {
    var frames = InlineArray<4, FrameNumber>(repeating: .none)
    for place in 0..<count {
      guard let frame = try? allocatePages(.single, flags, processor: memory.processor) else {
        giveBack(frames, place)
        return nil
      }
      frames[place] = frame
      memory.statistics.compressedFrames += 1
    }
    return frames
  }

  private mutating func giveBack(_ frames: InlineArray<4, FrameNumber>, _ count: Int) {
    for place in 0..<count where frames[place] != .none {
      memory.free(frames[place], .single, processor: memory.processor)
    }
    memory.statistics.compressedFrames -= count
  }

  /// Whether a page is one word over and over, as far as that is known.
  private func isOneWord(_ frame: FrameNumber) -> Bool {
    guard translation.platform.holdsContents else { return false }
    let first = translation.platform.word(0, of: frame)
    for word in 1..<512 where translation.platform.word(word, of: frame) != first { return false }
    return true
  }
}
