extension AddressSpaces where P: ~Copyable {
  /// Forgets which pages were accessed: those of areas for which `isMeant` holds (`fs/proc/task_mmu.c:clear_refs_pte_range`).
  ///
  /// Processors are not told: a page that they have buffered is noted as accessed again only after they have lost it.
  ///
  /// - Complexity: O(pages with tables).
  mutating func clearAccessed(_ space: SpaceIndex, where isMeant: (borrowing Area) -> Bool) {
    var place = descriptors[space.rawValue].areas.first
    while place != AreaTree.none {
      let area = areas[place]
      if !area.flags.contains(.frameMap), isMeant(area) {
        _ = forEachEntry(space, area.start, area.end) { spaces, place, entry in
          guard !entry.isSpecial else { return false }
          spaces.translation.setEntry(place, to: entry.clearing(PageTableEntry.accessed))
          return false
        }
      }
      place = area.next
    }
  }

  /// Begins anew to record which pages are written to: every page becomes read-only, so that its first write faults
  /// (`fs/proc/task_mmu.c:clear_soft_dirty`). Areas count as new no more, and shared memory as wanting to be told of writes.
  ///
  /// - Complexity: O(pages with tables).
  mutating func clearSoftDirty(_ space: SpaceIndex) {
    var place = descriptors[space.rawValue].areas.first
    while place != AreaTree.none {
      areas[place].flags.remove(.softDirty)
      let area = areas[place]
      if !area.flags.contains(.frameMap) {
        _ = forEachEntry(space, area.start, area.end) { spaces, place, entry in
          spaces.translation.setEntry(
            place, to: entry.clearing(PageTableEntry.writable | PageTableEntry.softDirty))
          return true
        }
      }
      place = area.next
    }
    flushAll(space)
  }
}
