/// What becomes of a page that was taken off an inactive list.
enum Disposition {
  case freed
  /// It goes back to a list: the active one if it was marked so.
  case kept
}

extension AddressSpaces where P: ~Copyable {
  /// Takes a page back if nothing speaks against it; a dirty one is written first and comes around again
  /// (`mm/vmscan.c:shrink_folio_list`).
  ///
  /// - Parameter recent: of the batch.
  mutating func dispose(
    _ frame: FrameNumber, node: Int, _ control: ReclaimControl, _ tally: inout ReclaimTally,
    _ recent: inout RecentMapping
  ) -> Disposition {
    let state = memory.frames[frame.index]
    if !state.flags.isDisjoint(with: [.reading, .failed]) { return .kept }
    guard state.flags.isDisjoint(with: [.mlocked, .unevictable]) else { return activate(frame) }
    if !control.mayUnmap && state.mappings > 0 { return .kept }
    // Found used after it was taken off its list.
    if memory.hasGenerations && !control.ignoresUses && state.mappings > 0 && state.flags.contains(.referenced) {
      return .kept
    }
    let isWritten = state.flags.contains(.writeback)
    // What only page tables know to be dirty is not counted yet.
    if state.flags.contains(.dirty) && state.flags.hasDisk && !isWritten { tally.unqueuedDirty += 1 }
    if isWritten || (state.flags.contains(.dirty) && state.flags.hasDisk) { tally.dirty += 1 }
    if isWritten {
      let comesAgain = state.flags.contains(.readahead)
      if comesAgain { tally.congested += 1 }
      if control.isBackground && comesAgain && reclaimers[node].isFullOfWriteback {
        tally.immediate += 1
      } else {
        memory.frames[frame.index].flags.insert(.readahead)
        tally.writeback += 1
      }
      return activate(frame)
    }
    let use = control.ignoresUses ? .take : use(of: frame, state, &recent)
    switch use {
    case .activate: return activate(frame)
    case .keep: return .kept
    case .take, .takeIfClean: break
    }
    let isSwapBacked = !state.flags.hasDisk
    if state.flags.contains(.anonymous) && isSwapBacked && !state.flags.contains(.swapCache) {
      guard control.permitsTransfers else { return .kept }
      guard addToSwap(frame) else { return activate(frame) }
    }
    if state.mappings > 0 && !unmapAll(frame, state, &recent) { return activate(frame) }
    if memory.frames[frame.index].flags.contains(.dirty) {
      if !isSwapBacked && !(control.isBackground && state.flags.contains(.readahead) && reclaimers[node].isFullOfDirty)
      {
        memory.statistics.immediateReclaims += 1
        memory.frames[frame.index].flags.insert(.readahead)
        return activate(frame)
      }
      let isInSwap = memory.frames[frame.index].flags.contains(.swapCache)
      let mayEnter = isInSwap ? control.permitsTransfers : control.permitsFiles
      guard use != .takeIfClean, mayEnter, control.mayWrite else { return .kept }
      switch writeOut(frame) {
      case .begun:
        tally.written += 1
        return .kept
      case .finished: tally.written += 1
      case .impossible: return activate(frame)
      }
    }
    return free(frame, control)
  }

  /// Does for the most frequent page what ``dispose(_:node:_:_:_:)`` would do, without its other questions: one of private
  /// memory that one process maps, and has used since it was looked at last, stays.
  ///
  /// - Returns: whether it is one.
  @inline(__always)
  mutating func keepUsed(_ frame: FrameNumber, _ vector: UInt32, _ recent: inout RecentMapping) -> Bool {
    let state = memory.frames[frame.index]
    guard state.flags.isPlainPrivate, state.mappings == 1, recent.covers(state),
      recent.flags.isDisjoint(with: [.locked, .sequential])
    else { return false }
    let place = EntryPlace(
      table: recent.table, index: translation.geometry.index(recent.page(at: state.fileOffset), 0))
    let entry = translation.entry(place)
    guard entry.isPresent, !entry.isSpecial, entry.presentFrame == frame,
      entry.rawValue & PageTableEntry.accessed != 0
    else { return false }
    translation.setEntry(place, to: entry.clearing(PageTableEntry.accessed))
    if state.flags.contains(.referenced) {
      memory.frames[frame.index].flags = state.flags.union(.active)
      memory.statistics.pagesActivated += 1
      memory.vectors[vector].events.activated += 1
    } else {
      memory.frames[frame.index].flags = state.flags.union(.referenced)
    }
    return true
  }

  /// What the uses of a page say about it (`folio_check_references`).
  @inline(__always)
  private mutating func use(of frame: FrameNumber, _ state: Frame, _ recent: inout RecentMapping) -> PageUse {
    let references = references(to: frame, state, &recent)
    let wasReferenced = memory.frames[frame.index].flags.contains(.referenced)
    if wasReferenced { memory.frames[frame.index].flags.remove(.referenced) }
    if references.isLocked { return .activate }
    let hasDisk = state.flags.hasDisk
    if references.count > 0 {
      memory.frames[frame.index].flags.insert(.referenced)
      if wasReferenced || references.count > 1 || (references.isCode && hasDisk) { return .activate }
      return .keep
    }
    return wasReferenced && hasDisk ? .takeIfClean : .take
  }

  /// Lets a page go to the active list, without its slot if swap is scarce.
  private mutating func activate(_ frame: FrameNumber) -> Disposition {
    let flags = memory.frames[frame.index].flags
    if flags.contains(.swapCache) && (swap.isHalfFull || flags.contains(.mlocked)) { freeSwap(frame) }
    if !flags.contains(.mlocked) {
      memory.frames[frame.index].flags.insert(.active)
      memory.statistics.pagesActivated += 1
      memory.vectors[memory.vector(of: frame)].events.activated += 1
    }
    return .kept
  }

  /// Frees a page that is clean and that no process maps, and leaves a shadow of it (`__remove_mapping`).
  private mutating func free(_ frame: FrameNumber, _ control: ReclaimControl) -> Disposition {
    let state = memory.frames[frame.index]
    guard state.references == (state.flags.isDisjoint(with: [.cached, .swapCache]) ? 0 : 1) else { return .kept }
    if state.flags.contains(.swapCache) {
      let shadow = memory.evictionShadow(of: frame, target: control.group)
      deleteFromSwapCache(frame, leaving: shadow)
    } else if state.flags.contains(.cached) {
      let shadow = state.flags.hasDisk ? memory.evictionShadow(of: frame, target: control.group) : nil
      cache.remove(frame, &translation.memory, leaving: shadow)
    }
    return .freed
  }

  /// Takes a page out of all page tables; what was private there stands in swap from now on
  /// (`mm/rmap.c:try_to_unmap_one`).
  ///
  /// - Returns: whether nothing maps it any more.
  private mutating func unmapAll(_ frame: FrameNumber, _ state: Frame, _ recent: inout RecentMapping) -> Bool {
    if let mapping = onlyMapping(of: frame, state, &recent) {
      if !unmapOne(frame, mapping) { return false }
    } else {
      findMappings(of: frame)
      for index in mappings.indices {
        if !unmapOne(frame, mappings[index]) { return false }
        // It is gone with its last mapping, if nothing else used it.
        if memory.frames[frame.index].flags.rawValue == 0 { return true }
      }
    }
    return memory.frames[frame.index].mappings == 0
  }

  /// - Returns: whether nothing speaks against it.
  @inline(__always)
  private mutating func unmapOne(_ frame: FrameNumber, _ mapping: FrameMapping) -> Bool {
    let entry = translation.entry(mapping.place)
    let flags = memory.frames[frame.index].flags
    if areas[mapping.area].flags.contains(.locked) {
      lockPage(frame)
      return false
    }
    if entry.isDirty {
      if flags.contains(.anonymous) {
        memory.frames[frame.index].flags.insert(.dirty)
      } else {
        markDirty(frame)
      }
    }
    if flags.contains(.anonymous) && flags.contains(.lazilyFree) { return dropLazily(frame, mapping, entry) }
    var replacement = PageTableEntry.empty
    if flags.contains(.anonymous) {
      replacement = swapEntry(frame, entry)
      swap.counts[swap.place(memory.frames[frame.index].slot)] += 1
      descriptors[mapping.space.rawValue].swapped += 1
    } else if keepsMarkers(mapping.area) {
      replacement = remainder(of: entry)
    }
    translation.setEntry(mapping.place, to: replacement)
    flush(mapping.space, mapping.page, mapping.page + 1)
    unmap(entry.clearing(PageTableEntry.dirty), mapping.space, keepsSlot: true)
    return true
  }

  /// Drops a page that its process does not need (MADV_FREE), unless it was written to since.
  private mutating func dropLazily(_ frame: FrameNumber, _ mapping: FrameMapping, _ entry: PageTableEntry) -> Bool {
    let state = memory.frames[frame.index]
    let isDirty = state.flags.contains(.dirty) && !areas[mapping.area].flags.contains(.droppable)
    guard !isDirty, state.references == state.mappings else {
      if isDirty { memory.frames[frame.index].flags.remove(.lazilyFree) }
      return false
    }
    translation.setEntry(mapping.place, to: .empty)
    flush(mapping.space, mapping.page, mapping.page + 1)
    if state.mappings == 1 {
      memory.statistics.lazyPagesTaken += 1
      memory.vectors[memory.vector(of: frame)].events.lazilyTaken += 1
    }
    unmap(entry.clearing(PageTableEntry.dirty), mapping.space, keepsSlot: true)
    return true
  }
}

/// What the uses of a page say about taking it back. Linux: `enum folio_references`.
private enum PageUse {
  case take, takeIfClean, keep, activate
}

/// What became of the wish to write a page.
enum WriteOut {
  case begun
  /// It is clean already.
  case finished
  /// There is nothing it could be written to.
  case impossible
}
