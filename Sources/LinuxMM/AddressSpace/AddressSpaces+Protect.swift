extension AddressSpaces where P: ~Copyable {
  /// Changes the rights of a range (`mm/mprotect.c:do_mprotect_pkey`). Areas before a hole stay changed.
  ///
  /// - Throws: `EINVAL` unaligned, `ENOMEM` at a hole, `EACCES` for a right the mapping cannot have.
  mutating func protect(
    _ space: SpaceIndex, _ address: VirtualAddress, length: UInt64, _ protection: Protection
  ) throws(Errno) {
    guard address.isPageAligned else { throw .EINVAL }
    guard length > 0 else { return }
    let end = VirtualPage.end(of: address, length: length)
    guard address.page < end else { throw .ENOMEM }
    var page = address.page
    while page < end {
      var place = area(space, containing: page)
      guard place != AreaTree.none else { throw .ENOMEM }
      let old = areas[place].flags
      let new = old.subtracting(.access).union(protection.areaFlags)
      let rights = new.intersection(.access).rawValue
      guard rights & ~(old.rawValue >> 4) & 7 == 0 else { throw .EACCES }
      let stop = min(end, areas[place].end)
      if new != old {
        if areas[place].start < page { place = try split(place, at: page, in: space) }
        if stop < areas[place].end { _ = try split(place, at: stop, in: space) }
        account(space, old, -Int64(areas[place].pageCount))
        var flags = new
        if flags.contains(.write) && !flags.contains(.shared) && !flags.contains(.noReserve) {
          flags.insert(.accounted)
        }
        areas[place].flags = flags
        account(space, flags, Int64(areas[place].pageCount))
        let changed = changeEntries(space, place)
        mergeNeighbours(of: place, in: space)
        if changed { flush(space, page, stop) }
      }
      page = stop
    }
  }

  /// Gives the entries of an area the bits of its new rights (`mm/mprotect.c:change_pte_range`).
  ///
  /// Private pages get the right to write back with their next write fault.
  private mutating func changeEntries(_ space: SpaceIndex, _ place: UInt32) -> Bool {
    let area = areas[place]
    let root = descriptors[space.rawValue].context.root
    let bits = area.entryBits
    let sharedWrite = area.flags.contains([.shared, .write])
    var changed = false
    var page = area.start
    while page < area.end {
      switch translation.leafTable(root, page) {
      case .none(let next):
        page = next
      case .table(let table):
        let last = min(area.end, translation.geometry.tableEnd(page))
        while page < last {
          let place = EntryPlace(table: table, index: translation.geometry.index(page, 0))
          let entry = translation.entry(place)
          if entry.holdsPage {
            var granted = bits
            if sharedWrite && entry.isDirty { granted |= PageTableEntry.writable }
            if !area.flags.contains(.shared) && area.flags.contains(.write) && entry.isDirty
              && !entry.isSpecial && isExclusive(entry.frame)
            {
              granted |= PageTableEntry.writable
            }
            translation.setEntry(place, to: entry.changing(to: granted))
            changed = true
          }
          page = page + 1
        }
      }
    }
    return changed
  }

  /// Whether a frame is anonymous and nobody else uses it, so that a write need not copy it.
  func isExclusive(_ frame: FrameNumber) -> Bool {
    let state = translation.memory.frames[frame.index]
    return state.flags.contains(.anonymous) && state.references == 1
  }
}
