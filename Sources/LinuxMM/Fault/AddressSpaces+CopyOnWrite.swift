extension AddressSpaces where P: ~Copyable {
  /// A write to a page that is mapped read-only in a writable area (`mm/memory.c:do_wp_page`).
  mutating func writeProtectedFault(
    _ space: SpaceIndex, _ area: UInt32, _ page: VirtualPage, _ place: EntryPlace,
    _ entry: PageTableEntry
  ) throws(AllocationFailure) -> FaultOutcome {
    let written = PageTableEntry.writable | PageTableEntry.dirty | PageTableEntry.accessed
    if areas[area].flags.contains(.shared) {
      markDirty(entry.frame)
      translation.setEntry(place, to: entry.setting(written))
      translation.memory.statistics.reuses += 1
      flush(space, page, page + 1)
      return .minor
    }
    if !entry.isSpecial && isExclusive(entry.frame) {
      claim(entry.frame, area, page)
      translation.setEntry(place, to: entry.setting(written))
      translation.memory.statistics.reuses += 1
      flush(space, page, page + 1)
      return .minor
    }
    prepareAnonymous(area)
    let copy = try makeAnonymousFrame(area, page)
    translation.setEntry(place, to: .empty)
    unmap(entry, space)
    map(copy, place, areas[area].entryBits | written, space)
    flush(space, page, page + 1)
    return .minor
  }
}
