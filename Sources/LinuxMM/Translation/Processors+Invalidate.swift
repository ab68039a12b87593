/// What makes a processor forget translations: the instructions, and page faults (Intel SDM volume 3, 4.10.4.1).
extension Processors {
  /// Drops `start ..< end`, page by page of 2^`stride` base pages, from the buffers of a processor, and all entries of
  /// upper levels of its address space. Linux: `invlpg`, in a loop.
  mutating func invalidatePages(_ start: VirtualPage, _ end: VirtualPage, stride: UInt64, on processor: Int) {
    let view = view(processor)
    var page = start
    while page < end {
      statistics.pageFlushes &+= 1
      dropPage(page, view)
      page = page + (1 << stride)
    }
    guard layout.hasWalkCaches else { return }
    let slot = view.slotBits & BufferedEntry.slotMask
    dropEntries(view) { tag, _ in tag & BufferedEntry.slotMask == slot && BufferedEntry.kind(tag) > 2 }
  }

  /// What a page fault drops: the page, and the entries of upper levels on the way to it.
  ///
  /// - Parameter isPresent: whether there is a page; else no buffer has it.
  mutating func forget(_ page: VirtualPage, _ view: BufferView, isPresent: Bool) {
    if isPresent { dropPage(page, view) }
    guard layout.hasWalkCaches else { return }
    for level in 1..<geometry.levelCount {
      let shift = geometry.shift(level)
      let set = set(page.rawValue >> shift, layout.walkCache(level), view)
      let index = entries.find(BufferedEntry.walkKey(page, view.slotBits, level: level, shift: shift), set)
      if index >= 0 { entries.drop(index, set) }
    }
  }

  /// Drops a page of whatever size, with all parts of one that was too large for a buffer.
  @inline(__always)
  private mutating func dropPage(_ page: VirtualPage, _ view: BufferView) {
    if holdsOthers { return dropPageOfAnySize(page, view) }
    let key = BufferedEntry.key(page, view.slotBits)
    for role in 0..<BufferRole.count where layout.isSeparate(role) {
      let set = set(page.rawValue, layout.place(role, 0), view)
      let index = entries.locate(key, set)
      if index >= 0 { entries.drop(index, set) }
    }
  }

  @inline(never)
  private mutating func dropPageOfAnySize(_ page: VirtualPage, _ view: BufferView) {
    for role in 0..<BufferRole.count {
      forEachEntry(of: page, role, view) { entries, index, set in entries.drop(index, set) }
    }
    guard holdsParts else { return }
    let own = view.slotBits & BufferedEntry.slotMask
    let global = BufferedEntry.globalBits & BufferedEntry.slotMask
    let geometry = geometry
    dropEntries(view) { tag, translation in
      let slot = tag & BufferedEntry.slotMask
      let shift = geometry.shift(translation.size)
      return BufferedEntry.kind(tag) < translation.size && (slot == own || slot == global)
        && BufferedEntry.page(tag).rawValue >> shift == page.rawValue >> shift
    }
  }

  /// Drops everything of a slot but what holds for all address spaces. Linux: a write to CR3.
  mutating func flushSlot(_ slot: Int, on processor: Int) {
    statistics.fullFlushes &+= 1
    let wanted = BufferedEntry.slotBits(slot) & BufferedEntry.slotMask
    dropEntries(view(processor)) { tag, _ in tag & BufferedEntry.slotMask == wanted }
  }

  /// Drops everything. Linux: `__flush_tlb_all`.
  mutating func flushEverything(on processor: Int) {
    statistics.fullFlushes &+= 1
    dropEntries(view(processor)) { _, _ in true }
  }

  /// Drops all entries of a processor for which `isUnwanted` holds.
  ///
  /// - Complexity: O(entries).
  @inline(__always)
  private mutating func dropEntries(
    _ view: BufferView, where isUnwanted: (_ tag: UInt64, PageTranslation) -> Bool
  ) {
    for buffer in 0..<layout.bufferCount {
      let place = layout.buffer(buffer)
      var number: UInt64 = 0
      while number <= place.setMask {
        let set = set(number, place, view)
        for index in set.base..<(set.base + Int(set.ways)) {
          let tag = entries.tag(index)
          if tag != 0 && isUnwanted(tag, entries.translation(index)) { entries.drop(index, set) }
        }
        number += 1
      }
    }
  }
}
