extension AddressSpaces where P: ~Copyable {
  /// Recounts areas, entries, tables and resident pages of one space from scratch.
  func checkInvariants(_ space: SpaceIndex) throws(BrokenInvariant) {
    let descriptor = descriptors[space.rawValue]
    try descriptor.areas.checkInvariants(in: areaNodes, areas)
    var pages: UInt64 = 0
    var resident = 0
    var swapped = 0
    var area = descriptor.areas.first
    while area != AreaTree.none {
      pages += areas[area].pageCount
      var page = areas[area].start
      while page < areas[area].end {
        switch translation.leafTable(descriptor.context.root, page) {
        case .none(let next):
          page = next
        case .table(let table):
          let entry = translation.entry(
            EntryPlace(table: table, index: translation.geometry.index(page, 0)))
          if let slot = entry.swapSlot {
            swapped += 1
            if swap.counts[swap.place(slot)] == 0 { throw BrokenInvariant("swap slot named but free", page.rawValue) }
          }
          if entry.holdsPage && !entry.isSpecial {
            resident += 1
            let state = translation.memory.frames[entry.frame.index]
            if state.mappings < 1 || state.references < state.mappings {
              throw BrokenInvariant("mapped frame without a reference", entry.frame.rawValue)
            }
            var isFound = false
            forEachMapping(of: entry.frame) { if $2 == space && $1 == page { isFound = true } }
            if !isFound { throw BrokenInvariant("mapping not in the reverse map", page.rawValue) }
            if state.flags.contains(.anonymous) && entry.isWritable && state.mappings != 1 {
              throw BrokenInvariant("shared private page that is writable", page.rawValue)
            }
            if state.flags.contains(.cached) && entry.isWritable
              && !areas[area].flags.contains(.shared)
            {
              throw BrokenInvariant("file page writable through a private area", page.rawValue)
            }
          }
          page = page + 1
        }
      }
      area = areas[area].next
    }
    if pages != descriptor.totalPages { throw BrokenInvariant("mapped pages miscounted", pages) }
    if swapped != descriptor.swapped { throw BrokenInvariant("swapped pages miscounted", swapped) }
    if resident != descriptor.resident { throw BrokenInvariant("resident pages miscounted", resident) }
  }
}
