/// Hint faults (`mm/memory.c:do_numa_page`), as far as they are about pages; who faults, and whether that says that the page
/// lies on the wrong node, is `Machine.takeHintFault`.
extension AddressSpaces where P: ~Copyable {
  /// Notes a fault on a marked page.
  @inline(never)
  mutating func beginHintFault(_ area: UInt32, _ place: EntryPlace) -> FaultOutcome {
    hintFault = HintFault(area: area, place: place)
    return .hint
  }

  /// Makes the page accessible again where it is.
  mutating func endHintFault() {
    let entry = accessible(translation.entry(hintFault.place), hintFault.area)
    translation.setEntry(hintFault.place, to: entry.setting(PageTableEntry.accessed))
  }

  /// An entry of an area with the rights that the area has now, and the right to write if it had that. Linux: `pte_modify`
  /// with `vm_page_prot`, `pte_savedwrite`.
  func accessible(_ entry: PageTableEntry, _ area: UInt32) -> PageTableEntry {
    let rights = entryBits(area) & ~PageTableEntry.accessed
    return entry.changing(to: rights | entry.rawValue & PageTableEntry.writable)
  }

  /// Moves the page of the fault to another node and makes it accessible there (`mm/migrate.c:migrate_misplaced_page`).
  ///
  /// Pages that are newer than their disk stay, and so do those of programs that several processes run; no node is filled
  /// beyond its high mark so, and none reclaims for it. (Linux 6.1 limits the rate of such moves only between tiers of
  /// memory, which the model has not.)
  ///
  /// - Returns: whether it was moved; if not, it is marked still.
  mutating func moveHinted(to node: Int) -> Bool {
    let frame = translation.entry(hintFault.place).frame
    let state = translation.memory.frames[frame.index]
    if state.flags.hasDisk {
      if state.mappings != 1 && areas[hintFault.area].flags.contains(.execute) { return false }
      if state.flags.contains(.dirty) { return false }
    }
    guard translation.memory.hasRoomForMoved(node: node) else { return false }
    let flags = GFPFlags.highUserMovable.union([.thisNode, .noReserve, .noRetry, .noWarn]).subtracting(.reclaim)
    let processor = translation.memory.processor
    let target: FrameNumber
    do throws(AllocationFailure) {
      target = try translation.memory.allocatePages(.single, flags, processor: processor, node: node)
    } catch {
      translation.memory.statistics.migrationFailures += 1
      return false
    }
    let isMoved = move(frame, to: target)
    translation.memory.free(isMoved ? frame : target, .single, processor: processor)
    if isMoved {
      translation.memory.statistics.pagesMigrated += 1
      translation.memory.statistics.hintedPagesMoved += 1
    } else {
      translation.memory.statistics.migrationFailures += 1
    }
    return isMoved
  }
}

extension PhysicalMemory {
  /// Whether a zone of a node stays above its high mark if a page moves there (`mm/migrate.c:migrate_balanced_pgdat`).
  func hasRoomForMoved(node: Int) -> Bool {
    for zone in zones.indices where zones[zone].node == node && zones[zone].managed > 0 {
      let mark = zones[zone].watermarks.high + zones[zone].boost.value + 1
      if keeps(zone, .single, mark: mark, .movable, [], free: zones[zone].free.value) { return true }
    }
    return false
  }
}
