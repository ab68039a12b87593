/// Whether and by whom a page is used, asked of all page tables that map it.
extension AddressSpaces where P: ~Copyable {
  /// Finds all entries that map a frame; they stand in ``mappings`` then (`mm/rmap.c:rmap_walk`).
  ///
  /// - Complexity: O(log areas of the object + areas found).
  @inline(__always)
  mutating func findMappings(of frame: FrameNumber) {
    mappings.removeAll(keepingCapacity: true)
    let state = memory.frames[frame.index]
    guard state.mappings > 0 else { return }
    let tree =
      state.flags.contains(.anonymous)
      ? reverse.tree(ofFamily: state.owner) : cache.files[state.owner].mappings
    candidates.removeAll(keepingCapacity: true)
    reverse.collect(tree, PositionRange(first: state.fileOffset, last: state.fileOffset), &candidates)
    for index in candidates.indices {
      let candidate = candidates[index]
      let space = areas[candidate].space
      let page = areas[candidate].start + (state.fileOffset &- areas[candidate].offset)
      guard let place = translation.place(descriptors[space.rawValue].context.root, page) else { continue }
      let entry = translation.entry(place)
      if entry.holdsPage && !entry.isSpecial && entry.frame == frame {
        mappings.append(FrameMapping(area: candidate, space: space, page: page, place: place))
      }
    }
  }

  /// The entry that maps a frame which one entry maps, and whose object one area has; `nil` where more is to be looked at.
  ///
  /// - Complexity: O(1) for pages of the same area behind the same table.
  @inline(__always)
  func onlyMapping(of frame: FrameNumber, _ state: Frame, _ recent: inout RecentMapping) -> FrameMapping? {
    guard state.mappings == 1 else { return nil }
    if !recent.covers(state) && !find(state, &recent) { return nil }
    let page = recent.page(at: state.fileOffset)
    let place = EntryPlace(table: recent.table, index: translation.geometry.index(page, 0))
    let entry = translation.entry(place)
    guard entry.holdsPage && !entry.isSpecial && entry.frame == frame else { return nil }
    return FrameMapping(area: recent.area, space: recent.space, page: page, place: place)
  }

  /// Finds the area and the table of a page whose object has one area.
  ///
  /// - Returns: whether there are.
  @inline(never)
  private func find(_ state: Frame, _ recent: inout RecentMapping) -> Bool {
    let isAnonymous = state.flags.contains(.anonymous)
    let tree = isAnonymous ? reverse.tree(ofFamily: state.owner) : cache.files[state.owner].mappings
    guard let (area, range) = reverse.onlyArea(tree), range.first <= state.fileOffset, state.fileOffset <= range.last
    else { return false }
    let start = areas[area].start
    let page = start + (state.fileOffset &- range.first)
    guard case .table(let table) = translation.leafTable(descriptors[areas[area].space.rawValue].context.root, page)
    else { return false }
    // The first page of the table, or of the area if that is behind it.
    let end = translation.geometry.tableEnd(page)
    let tableStart = end.rawValue &- translation.geometry.span(1)
    let before = page.rawValue &- max(tableStart, start.rawValue)
    recent = RecentMapping(
      isAnonymous: isAnonymous, owner: state.owner, first: state.fileOffset &- before,
      count: min(end.rawValue &- page.rawValue, range.last &- state.fileOffset &+ 1) &+ before,
      page: VirtualPage(page.rawValue &- before), area: area, flags: areas[area].flags, space: areas[area].space,
      table: table)
    return true
  }

  /// Whether nothing forbids to take a page back. Linux: `folio_evictable`.
  func isEvictable(_ frame: FrameNumber) -> Bool {
    memory.frames[frame.index].flags.isDisjoint(with: [.mlocked, .unevictable])
  }

  /// Counts the entries through which a page was used since the last look, and forgets that
  /// (`mm/rmap.c:folio_referenced`). Processors are not told: what they have buffered does not count as a use.
  ///
  /// - Parameter state: the frame's.
  @inline(__always)
  mutating func references(to frame: FrameNumber, _ state: Frame, _ recent: inout RecentMapping) -> PageReferences {
    var references = PageReferences()
    if state.mappings == 0 { return references }
    if let mapping = onlyMapping(of: frame, state, &recent) {
      look(at: mapping, frame, &references)
      return references
    }
    return referencesOfMany(frame)
  }

  @inline(never)
  private mutating func referencesOfMany(_ frame: FrameNumber) -> PageReferences {
    var references = PageReferences()
    findMappings(of: frame)
    for index in mappings.indices {
      look(at: mappings[index], frame, &references)
      if references.isLocked { break }
    }
    return references
  }

  /// Linux: `folio_referenced_one`.
  @inline(__always)
  private mutating func look(at mapping: FrameMapping, _ frame: FrameNumber, _ references: inout PageReferences) {
    let flags = areas[mapping.area].flags
    if flags.contains(.locked) {
      lockPage(frame)
      references.isLocked = true
      return
    }
    let entry = translation.entry(mapping.place)
    guard entry.rawValue & PageTableEntry.accessed != 0 else { return }
    if memory.hasGenerations && flags.isDisjoint(with: [.sequential, .random]) {
      lookAround(mapping, frame)
      references.count += 1
      if flags.contains(.execute) { references.isCode = true }
      // That has taken the mark, if the page was looked for.
      if translation.entry(mapping.place).rawValue & PageTableEntry.accessed == 0 { return }
    }
    translation.setEntry(mapping.place, to: entry.clearing(PageTableEntry.accessed))
    if flags.contains(.sequential) { return }
    references.count += 1
    if flags.contains(.execute) { references.isCode = true }
  }

  /// Notes that a page is in locked memory. Linux: `mlock_folio`.
  mutating func lockPage(_ frame: FrameNumber) {
    guard !memory.frames[frame.index].flags.contains(.mlocked) else { return }
    memory.relist(frame) { $0.insert(.mlocked) }
    memory.statistics.lockedPages += 1
    memory.statistics.pagesLocked += 1
  }

  /// Notes that a page is in locked memory no more, if no area is left that locks it. Linux: `munlock_folio`, which counts
  /// such areas while the page is on the list of unevictable ones.
  mutating func unlockPage(_ frame: FrameNumber) {
    guard memory.frames[frame.index].flags.contains(.mlocked) else { return }
    findMappings(of: frame)
    for mapping in mappings where areas[mapping.area].flags.contains(.locked) { return }
    memory.relist(frame) { $0.subtract([.mlocked, .unevictable]) }
    memory.statistics.lockedPages -= 1
    memory.statistics.pagesUnlocked += 1
  }
}

/// How a page was used since it was looked at last.
struct PageReferences: BitwiseCopyable {
  /// Entries through which it was used.
  var count = 0
  /// Whether one of them permits to execute it.
  var isCode = false
  /// Whether it lies in locked memory.
  var isLocked = false
}
