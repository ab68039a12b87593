extension AddressSpaces where P: ~Copyable {
  /// First touch of private memory (`mm/memory.c:do_anonymous_page`): a read maps the page of zeros, a
  /// write a frame of its own.
  mutating func anonymousFault(
    _ space: SpaceIndex, _ area: UInt32, _ page: VirtualPage, _ kind: AccessKind, _ place: EntryPlace
  ) throws(AllocationFailure) -> FaultOutcome {
    let bits = areas[area].entryBits
    guard kind == .write else {
      translation.setEntry(place, to: .page(zeroPage, bits | PageTableEntry.special))
      return .minor
    }
    prepareAnonymous(area)
    let frame = try makeAnonymousFrame(area, page)
    map(frame, place, bits | PageTableEntry.writable | PageTableEntry.dirty, space)
    return .minor
  }
}
