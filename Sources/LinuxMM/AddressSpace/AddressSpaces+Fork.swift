extension AddressSpaces where P: ~Copyable {
  /// Copies an address space for a child (`kernel/fork.c:dup_mmap`, `mm/memory.c:copy_page_range`).
  ///
  /// Private pages are shared read-only until one side writes; areas that have no private pages get
  /// theirs by faults.
  ///
  /// - Throws: ``AllocationFailure`` when no frame is left for tables; nothing stays half made.
  mutating func fork(_ parent: SpaceIndex) throws(AllocationFailure) -> SpaceIndex {
    let child = try makeSpace()
    descriptors[child.rawValue].breakStart = descriptors[parent.rawValue].breakStart
    descriptors[child.rawValue].breakEnd = descriptors[parent.rawValue].breakEnd
    var place = descriptors[parent.rawValue].areas.first
    while place != AreaTree.none {
      if !areas[place].flags.contains(.dontCopy) {
        let copiesPages =
          areas[place].family != ReverseMap.none && !areas[place].flags.contains(.wipeOnFork)
        addCopy(of: place, to: child)
        if copiesPages {
          do throws(AllocationFailure) {
            try copyEntries(areas[place], from: parent, to: child)
          } catch {
            flushAll(parent)
            destroy(child)
            throw error
          }
        }
      }
      place = areas[place].next
    }
    flushAll(parent)
    return child
  }

  /// Adds an area like `place` to the child; areas that did not merge in the parent stay apart.
  private mutating func addCopy(of place: UInt32, to child: SpaceIndex) {
    var area = areas[place]
    area.flags.remove(.locked)
    area.space = child
    area.family = ReverseMap.none
    area.inheritsFamily = false
    let parentFamily = areas[place].family
    let inherits = parentFamily != ReverseMap.none && !area.flags.contains(.wipeOnFork)
    account(child, area.flags, Int64(area.pageCount))
    if area.file != .none { cache.files[area.file.rawValue].areas += 1 }
    let added = areas.insert(area)
    descriptors[child.rawValue].areas.insert(added, in: &areas)
    link(added, familiesOf: inherits ? place : AreaTree.none)
    guard inherits else { return }
    // A family whose process has ended serves the child, lest chains grow with every fork.
    let families = reverse.families(of: areas[added].links)
    let reusable = families.first { $0 != parentFamily && reverse.isReusable($0) }
    let family = reusable ?? reverse.makeFamily(parent: parentFamily)
    if reusable == nil { link(added, to: family) }
    setFamily(added, family)
    areas[added].inheritsFamily = true
  }

  private mutating func copyEntries(
    _ area: Area, from parent: SpaceIndex, to child: SpaceIndex
  ) throws(AllocationFailure) {
    let root = descriptors[parent.rawValue].context.root
    let protects = area.copiesOnWrite
    var page = area.start
    while page < area.end {
      switch translation.leafTable(root, page) {
      case .none(let next):
        page = next
      case .table(let table):
        let place = EntryPlace(table: table, index: translation.geometry.index(page, 0))
        var entry = translation.entry(place)
        if !entry.isEmpty {
          let copy = try makeEntryPlace(child, page)
          if protects && entry.isWritable {
            entry = entry.clearing(PageTableEntry.writable)
            translation.setEntry(place, to: entry)
          }
          if area.flags.contains(.shared) { entry = entry.clearing(PageTableEntry.dirty) }
          entry = entry.clearing(PageTableEntry.accessed)
          if entry.isSpecial {
            translation.setEntry(copy, to: entry)
          } else {
            translation.memory.retain(entry.frame)
            map(entry.frame, copy, entry.rawValue & ~PageTableEntry.addressMask, child)
          }
        }
        page = page + 1
      }
    }
  }
}
