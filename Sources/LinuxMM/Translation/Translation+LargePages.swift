/// Pages of 2 MiB (4 MiB with two levels) and 1 GiB, held by entries of upper levels.
extension Translation where P: ~Copyable {
  /// Maps a large page, making the tables above it. Linux: `set_pmd_at`, `set_pud_at`.
  ///
  /// - Parameters:
  ///   - level: 1, or 2 on 64-bit machines.
  ///   - frame: the first of the page's frames, aligned to its size.
  ///   - bits: as of a base page.
  ///   - allocated: as in ``makePlace(_:_:owner:level:allocated:)``.
  /// - Returns: where the entry stands.
  /// - Precondition: nothing is mapped there.
  mutating func mapLarge(
    _ root: FrameNumber, _ page: VirtualPage, level: Int, _ frame: FrameNumber, _ bits: UInt64, owner: UInt32,
    allocated: inout Int
  ) throws(AllocationFailure) -> EntryPlace {
    precondition(level > 0 && geometry.holdsPages(level), "no large pages at this level")
    precondition(UInt64(frame.rawValue) & (geometry.span(level) - 1) == 0, "large page not aligned")
    let place = try makePlace(root, page, owner: owner, level: level, allocated: &allocated)
    precondition(entry(place).isEmpty, "a large page over something")
    setEntry(place, to: .largePage(frame, bits, span: geometry.span(level)))
    return place
  }

  /// Puts a table of smaller pages with the same frames and rights in the place of a large page
  /// (`mm/huge_memory.c:__split_huge_pmd_locked`, `arch/x86/mm/pat/set_memory.c:__split_large_page`).
  ///
  /// A page of 1 GiB becomes 512 of 2 MiB. Translations of the page stay right; they must be flushed only before an
  /// entry of the new table changes.
  ///
  /// - Parameter allocated: raised by 1 if the new table counts as the process's.
  /// - Returns: the table.
  /// - Precondition: the entry holds a large page.
  @discardableResult
  mutating func splitLarge(
    _ place: EntryPlace, level: Int, owner: UInt32, allocated: inout Int
  ) throws(AllocationFailure) -> FrameNumber {
    let old = entry(place)
    precondition(level > 0 && old.isLarge && old.holdsPage, "no large page to split")
    let table = try makeTable(for: owner)
    if geometry.isAccounted(level - 1) { allocated += 1 }
    let first = old.frame(span: geometry.span(level))
    let span = geometry.span(level - 1)
    // The bit that chooses the memory type stands elsewhere in entries of base pages.
    let attribute = old.rawValue & PageTableEntry.attributeLarge
    let bits = old.bits & ~PageTableEntry.large | (level > 1 ? attribute : attribute >> 5)
    for index in 0..<geometry.entryCount {
      let frame = first + index * Int(span)
      setEntry(
        EntryPlace(table: table, index: index),
        to: level > 1 ? .largePage(frame, bits, span: span) : .page(frame, bits))
    }
    setEntry(place, to: tableEntry(table, level))
    return table
  }
}
