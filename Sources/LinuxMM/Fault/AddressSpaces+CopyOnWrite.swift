extension AddressSpaces where P: ~Copyable {
  /// A write to a page that is mapped read-only in a writable area (`mm/memory.c:do_wp_page`).
  mutating func writeProtectedFault(
    _ space: SpaceIndex, _ area: UInt32, _ page: VirtualPage, _ place: EntryPlace,
    _ entry: PageTableEntry
  ) throws(AllocationFailure) -> FaultOutcome {
    if entry.isWriteWatched && areas[area].flags.contains(.userFaultWrite) {
      return watchedFault(area, .writeProtected)
    }
    if !entry.isSpecial {
      let flags = translation.memory.frames[entry.frame.index].flags
      if flags.contains(.anonymous) {
        if mayReuse(entry.frame) {
          claim(entry.frame, area, page)
          translation.memory.frames[entry.frame.index].flags.insert(.exclusive)
          reuse(space, area, page, place, entry)
          return .minor
        }
      } else if areas[area].flags.isSuperset(of: [.shared, .write]) {
        memory.retain(entry.frame)
        attachBuffer(entry.frame)
        memory.release(entry.frame)
        // Making room for the buffer may have taken the page from the table.
        guard translation.entry(place).isPage(entry.frame) else { return .minor }
        markDirty(entry.frame)
        reuse(space, area, page, place, entry)
        return .minor
      }
    }
    prepareAnonymous(area)
    let copy: FrameNumber
    if entry.isSpecial {
      copy = try makeAnonymousFrame(area, page)
      translation.clearContents(of: copy)
    } else {
      // Making room for the copy must not free the page itself; it may take it from the table.
      memory.retain(entry.frame)
      defer { memory.release(entry.frame) }
      copy = try makeAnonymousFrame(area, page)
      guard translation.entry(place).isPage(entry.frame) else {
        memory.release(copy)
        return .minor
      }
      translation.copyContents(of: entry.frame, to: copy)
    }
    translation.setEntry(place, to: .empty)
    // A file's page that a userfaultfd mapped has not been written to, whatever its entry says.
    unmap(entry.clearing(PageTableEntry.dirty), space)
    map(copy, place, writtenBits(area, entryBits(area) | PageTableEntry.accessed), space)
    memory.addNewToList(copy)
    if areas[area].flags.contains(.locked) { lockPage(copy) }
    flush(space, page, page + 1)
    return .minor
  }

  /// Makes an entry writable as it is (`mm/memory.c:wp_page_reuse`).
  private mutating func reuse(
    _ space: SpaceIndex, _ area: UInt32, _ page: VirtualPage, _ place: EntryPlace, _ entry: PageTableEntry
  ) {
    translation.setEntry(
      place, to: PageTableEntry(rawValue: writtenBits(area, entry.rawValue | PageTableEntry.accessed)))
    translation.memory.statistics.reuses += 1
    translation.memory.frames[entry.frame.index].lastHinted = .none
    flush(space, page, page + 1)
  }

  /// Whether a private page need not be copied: it is this process's own, or nobody else uses it any more.
  @inline(__always)
  private mutating func mayReuse(_ frame: FrameNumber) -> Bool {
    let state = translation.memory.frames[frame.index]
    if state.flags.contains(.exclusive) { return true }
    if state.flags.contains(.swapCache) && state.references == 2 { freeSwap(frame) }
    return translation.memory.frames[frame.index].references == 1
  }
}
