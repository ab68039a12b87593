extension AddressSpaces: MemoryOwner where P: ~Copyable {
  var memory: PhysicalMemory {
    _read { yield translation.memory }
    _modify { yield &translation.memory }
  }

  mutating func reclaim(for request: PageRequest) -> Int { reclaimDirectly(for: request) }

  mutating func letReclaimersRun() { stepReclaimers() }

  func reclaimableFrames(zone: Int) -> Int {
    let pages = memory.zonePages[zone]
    let file = pages[LRUKind.inactiveFile.rawValue] + pages[LRUKind.activeFile.rawValue]
    guard canSwap else { return file }
    return file + pages[LRUKind.inactiveAnonymous.rawValue] + pages[LRUKind.activeAnonymous.rawValue]
  }

  mutating func killForMemory(_ request: PageRequest) -> Bool { false }

  /// Moves a page of a process or of a file to another frame, with its contents, its mappings and its place in the
  /// page cache (`mm/migrate.c:migrate_folio_unmap`, `remove_migration_ptes`).
  mutating func move(_ frame: FrameNumber, to target: FrameNumber) -> Bool {
    guard memory.isMovable(frame) else { return false }
    let state = memory.frames[frame.index]
    var mappings: [(place: EntryPlace, page: VirtualPage, space: SpaceIndex)] = []
    forEachMapping(of: frame) { mappings.append(($0, $1, $2)) }
    guard mappings.count == Int(state.mappings) else { return false }
    // No processor may reach the page while it is copied.
    var entries: [PageTableEntry] = []
    for mapping in mappings {
      var entry = translation.entry(mapping.place)
      translation.setEntry(mapping.place, to: .empty)
      if entry.isPresent {
        flush(mapping.space, mapping.page, mapping.page + 1)
      } else {
        entry = accessible(entry, area(mapping.space, containing: mapping.page))
      }
      entries.append(entry)
    }
    translation.platform.copy(frame, to: target)
    memory.beginUse(target, state.flags)
    memory.frames[target.index] = state
    memory.moveFigures(state, from: frame, to: target)
    if state.flags.contains(.cached) { cache.replace(frame, by: target, translation.memory) }
    if state.flags.contains(.swapCache) { setSwapEntry(swap.place(state.slot), CacheEntry(target)) }
    if state.flags.contains(.listed) { memory.replaceOnList(frame, by: target) }
    // The charge went with it.
    memory.frames[frame.index].group = 0
    memory.endUse(frame)
    for (mapping, entry) in zip(mappings, entries) {
      translation.setEntry(mapping.place, to: .page(target, entry.bits))
    }
    return true
  }
}
