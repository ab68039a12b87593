/// What a program tells about its use of memory. Linux: `MADV_*`, with the kernel's values.
public enum Advice: Int32, Sendable {
  case normal = 0
  case random = 1
  case sequential = 2
  case willNeed = 3
  case dontNeed = 4
  case free = 8
  case dontFork = 10
  case doFork = 11
  case mergeable = 12
  case unmergeable = 13
  case hugePage = 14
  case noHugePage = 15
  case dontDump = 16
  case doDump = 17
  case wipeOnFork = 18
  case keepOnFork = 19
}

extension AddressSpaces where P: ~Copyable {
  /// Applies advice to the mapped parts of a range (`mm/madvise.c:do_madvise`).
  ///
  /// - Throws: `EINVAL` unaligned or for a kind of area the advice cannot have, `ENOMEM` after the work
  ///   if parts were not mapped.
  mutating func advise(
    _ space: SpaceIndex, _ address: VirtualAddress, length: UInt64, _ advice: Advice
  ) throws(Errno) {
    guard address.isPageAligned else { throw .EINVAL }
    guard length > 0 else { return }
    let end = VirtualPage.end(of: address, length: length)
    guard address.page < end else { throw .EINVAL }
    var page = address.page
    var hole = false
    while page < end {
      let place = descriptors[space.rawValue].areas.first(endingAbove: page, in: areas)
      guard place != AreaTree.none, areas[place].start < end else {
        hole = true
        break
      }
      if page < areas[place].start {
        hole = true
        page = areas[place].start
      }
      let stop = min(end, areas[place].end)
      try advise(space, place, page, stop, advice)
      page = stop
    }
    if hole { throw .ENOMEM }
  }

  private mutating func advise(
    _ space: SpaceIndex, _ place: UInt32, _ start: VirtualPage, _ end: VirtualPage, _ advice: Advice
  ) throws(Errno) {
    let old = areas[place].flags
    var flags = old
    switch advice {
    case .willNeed:
      return
    case .dontNeed:
      guard !old.contains(.locked) else { throw .EINVAL }
      if zap(space, start, end) { flush(space, start, end) }
      return
    case .free:
      guard areas[place].file == .none, !old.contains(.locked) else { throw .EINVAL }
      markUnneeded(space, start, end)
      return
    case .normal: flags.subtract([.random, .sequential])
    case .random:
      flags.remove(.sequential)
      flags.insert(.random)
    case .sequential:
      flags.remove(.random)
      flags.insert(.sequential)
    case .dontFork: flags.insert(.dontCopy)
    case .doFork: flags.remove(.dontCopy)
    case .mergeable: flags.insert(.mergeable)
    case .unmergeable: flags.remove(.mergeable)
    case .hugePage:
      flags.remove(.noHugePage)
      flags.insert(.hugePage)
    case .noHugePage:
      flags.remove(.hugePage)
      flags.insert(.noHugePage)
    case .dontDump: flags.insert(.dontDump)
    case .doDump: flags.remove(.dontDump)
    case .wipeOnFork:
      guard areas[place].file == .none, !old.contains(.shared) else { throw .EINVAL }
      flags.insert(.wipeOnFork)
    case .keepOnFork: flags.remove(.wipeOnFork)
    }
    guard flags != old else { return }
    var changed = place
    do throws(Errno) {
      if areas[changed].start < start { changed = try split(changed, at: start, in: space) }
      if end < areas[changed].end { _ = try split(changed, at: end, in: space) }
    } catch {
      throw .EAGAIN
    }
    areas[changed].flags = flags
    mergeNeighbours(of: changed, in: space)
  }

  /// Makes pages clean and unreferenced, so that they may be taken back unless written again
  /// (`mm/madvise.c:madvise_free_pte_range`).
  private mutating func markUnneeded(
    _ space: SpaceIndex, _ start: VirtualPage, _ end: VirtualPage
  ) {
    let root = descriptors[space.rawValue].context.root
    var page = start
    var changed = false
    while page < end {
      switch translation.leafTable(root, page) {
      case .none(let next):
        page = next
      case .table(let table):
        let place = EntryPlace(table: table, index: translation.geometry.index(page, 0))
        let entry = translation.entry(place)
        if entry.isPresent && !entry.isSpecial && isExclusive(entry.frame) {
          translation.setEntry(
            place, to: entry.clearing(PageTableEntry.accessed | PageTableEntry.dirty))
          changed = true
        }
        page = page + 1
      }
    }
    if changed { flush(space, start, end) }
  }
}
