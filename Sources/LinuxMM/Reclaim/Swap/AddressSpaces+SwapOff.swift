/// Taking a swap area out of use while programs run (`mm/swapfile.c:swapoff`).
extension AddressSpaces where P: ~Copyable {
  /// Brings everything that an area holds back to memory, and uses it no more.
  ///
  /// - Throws: `EINVAL` if it is not in use; `ENOMEM` if what it holds finds no room, and then it stays in use, with what has
  ///   not come back.
  /// - Complexity: O(page-table entries of all processes + slots).
  mutating func switchOff(_ area: Int) throws(Errno) {
    guard swap.areas.indices.contains(area), swap.areas[area].isOn else { throw .EINVAL }
    swap.switchOff(area)
    do throws(AllocationFailure) {
      try empty(area)
    } catch {
      swap.switchOn(area)
      throw .ENOMEM
    }
  }

  /// Uses an area again that was switched off.
  ///
  /// - Throws: `EINVAL` if there is no such area, `EBUSY` if it is in use.
  mutating func switchOn(_ area: Int) throws(Errno) {
    guard swap.areas.indices.contains(area) else { throw .EINVAL }
    if swap.areas[area].isOn { throw .EBUSY }
    swap.switchOn(area)
  }

  /// Empties an area by turns, since pages that several processes have may go back to it meanwhile (`try_to_unuse`).
  private mutating func empty(_ area: Int) throws(AllocationFailure) {
    var used = Int.max
    while swap.areas[area].used > 0 {
      // What cannot be read stays.
      guard swap.areas[area].used < used else {
        throw AllocationFailure(order: .single, flags: .highUserMovable, reason: .noMemory)
      }
      used = swap.areas[area].used
      try emptyOnce(area)
    }
  }

  private mutating func emptyOnce(_ area: Int) throws(AllocationFailure) {
    for index in 0..<cache.files.limit where cache.files[UInt32(index)].swapped > 0 {
      let file = FileIndex(UInt32(index))
      for (position, slot) in cache.slots(of: file, 0..<PageCache.largestFile) where slot.area == area {
        memory.release(try readPage(file, position))
      }
    }
    for index in 0..<descriptors.limit where descriptors[UInt32(index)].swapped > 0 {
      try empty(area, of: SpaceIndex(UInt32(index)))
    }
    // What is left has no owner any more.
    for offset in 1..<swap.areas[area].pages {
      guard let frame = swap.cache[swap.areas[area].base + offset].frame else { continue }
      memory.retain(frame)
      waitForPage(frame, .writeback)
      freeSwap(frame)
      memory.release(frame)
    }
  }

  /// Maps what one process has in an area (`unuse_mm`).
  private mutating func empty(_ area: Int, of space: SpaceIndex) throws(AllocationFailure) {
    let root = descriptors[space.rawValue].context.root
    var place = descriptors[space.rawValue].areas.first
    while place != AreaTree.none {
      var page = areas[place].start
      while page < areas[place].end {
        guard let entryPlace = translation.place(root, page) else {
          page = translation.geometry.tableEnd(page)
          continue
        }
        if let slot = translation.entry(entryPlace).swapSlot, slot.area == area {
          try bringBack(space, place, page, entryPlace, slot)
        }
        page = page + 1
      }
      place = areas[place].next
    }
  }

  /// Linux: `unuse_pte`.
  private mutating func bringBack(
    _ space: SpaceIndex, _ area: UInt32, _ page: VirtualPage, _ place: EntryPlace, _ slot: SwapSlot
  ) throws(AllocationFailure) {
    while true {
      var found = lookUpSlot(slot)
      if found == nil { found = try readAhead(slot, area, page, place) }
      guard let frame = found else { return }
      memory.retain(frame)
      waitForPage(frame)
      defer { memory.release(frame) }
      if memory.frames[frame.index].flags.contains(.failed) { return }
      guard memory.frames[frame.index].flags.contains(.swapCache) else { continue }
      mapSwapped(frame, space, area, page, place, slot, writes: false)
      freeSwap(frame)
      let entry = translation.entry(place)
      translation.setEntry(place, to: entry.clearing(PageTableEntry.accessed))
      return
    }
  }
}
