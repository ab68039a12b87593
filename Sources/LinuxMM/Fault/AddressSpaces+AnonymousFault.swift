extension AddressSpaces where P: ~Copyable {
  /// First touch of private memory (`mm/memory.c:do_anonymous_page`): a read maps the page of zeros, a
  /// write a frame of its own.
  mutating func anonymousFault(
    _ space: SpaceIndex, _ area: UInt32, _ page: VirtualPage, writes: Bool, _ place: EntryPlace
  ) throws(AllocationFailure) -> FaultOutcome {
    let bits = entryBits(area)
    if areas[area].flags.contains(.userFaultMissing) {
      if writes { prepareAnonymous(area) }
      return watchedFault(area, .missing)
    }
    guard writes else {
      translation.setEntry(place, to: .page(zeroPage, bits | PageTableEntry.special))
      return .minor
    }
    prepareAnonymous(area)
    let frame = try makeAnonymousFrame(area, page)
    translation.clearContents(of: frame)
    map(frame, place, writtenBits(area, bits), space)
    memory.addNewToList(frame)
    if areas[area].flags.contains(.locked) { lockPage(frame) }
    return .minor
  }

  /// Bits of a page that is being written to; only a writable area's pages become writable (`maybe_mkwrite`).
  @inline(__always)
  func writtenBits(_ area: UInt32, _ bits: UInt64) -> UInt64 {
    let written = bits | PageTableEntry.dirty | PageTableEntry.softDirty
    return areas[area].flags.contains(.write) ? written | PageTableEntry.writable : written
  }
}
