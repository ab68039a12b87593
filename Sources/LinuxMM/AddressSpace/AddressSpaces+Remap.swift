extension AddressSpaces where P: ~Copyable {
  /// Grows, shrinks or moves a mapping (`mm/mremap.c`).
  ///
  /// - Parameters:
  ///   - mayMove: MREMAP_MAYMOVE.
  ///   - target: MREMAP_FIXED: where it must go.
  ///   - keepsOld: MREMAP_DONTUNMAP: the old area stays, empty.
  /// - Throws: `EINVAL`, `EFAULT`, `ENOMEM` as mremap(2) does.
  mutating func remap(
    _ space: SpaceIndex, _ address: VirtualAddress, oldLength: UInt64, newLength: UInt64,
    mayMove: Bool, target: VirtualAddress?, keepsOld: Bool, searchEnd: VirtualPage
  ) throws(Errno) -> VirtualAddress {
    guard target == nil || mayMove, !keepsOld || (mayMove && oldLength == newLength) else {
      throw .EINVAL
    }
    guard address.isPageAligned else { throw .EINVAL }
    let oldPages = VirtualPage.end(of: VirtualAddress(0), length: oldLength).rawValue
    let newPages = VirtualPage.end(of: VirtualAddress(0), length: newLength).rawValue
    guard newPages > 0 else { throw .EINVAL }
    let start = address.page
    let place = area(space, containing: start)
    guard place != AreaTree.none else { throw .EFAULT }
    if let target {
      guard target.isPageAligned,
        target.page.rawValue + newPages <= translation.geometry.userEnd.rawValue,
        !(target.page < start + oldPages && start < target.page + newPages)
      else { throw .EINVAL }
      try unmapPages(space, target.page, target.page + newPages)
    }
    if newPages < oldPages {
      try unmapPages(space, start + newPages, start + oldPages)
      if target == nil { return address }
    } else if newPages == oldPages && target == nil && !keepsOld {
      return address
    }
    let kept = min(oldPages, newPages)
    let source = area(space, containing: start)
    guard source != AreaTree.none else { throw .EFAULT }
    if oldPages == 0 && !areas[source].flags.contains(.shared) { throw .EINVAL }
    guard !(areas[source].end < start + kept) else { throw .EFAULT }
    if target == nil && !keepsOld && areas[source].end == start + oldPages {
      let next = areas[source].next
      let room = next == AreaTree.none ? translation.geometry.userEnd : areas[next].guardedStart
      if !(room < start + newPages) {
        let growth = newPages - oldPages
        areas[source].end = areas[source].end + growth
        boundsChanged(source, in: space)
        account(space, areas[source].flags, Int64(growth))
        mergeNeighbours(of: source, in: space)
        return address
      }
    }
    guard mayMove else { throw .ENOMEM }
    guard descriptors[space.rawValue].areas.count + 2 < Self.areaLimit - 3 else { throw .ENOMEM }
    guard
      let goal = target?.page
        ?? descriptors[space.rawValue].areas.highestGap(
          newPages, from: Self.lowestPage, to: searchEnd, in: areas)
    else { throw .ENOMEM }
    try move(space, source, start, oldPages, to: goal, newPages, keepsOld: keepsOld)
    return goal.address
  }

  /// Moves areas and page-table entries (`mm/mremap.c:move_vma`).
  private mutating func move(
    _ space: SpaceIndex, _ source: UInt32, _ start: VirtualPage, _ oldPages: UInt64,
    to goal: VirtualPage, _ newPages: UInt64, keepsOld: Bool
  ) throws(Errno) {
    let moved = min(oldPages, newPages)
    // All tables are made before anything moves, so that nothing stays half moved.
    var page: UInt64 = 0
    while page < moved {
      switch translation.leafTable(descriptors[space.rawValue].context.root, start + page) {
      case .none(let next):
        page = next - start
      case .table(let table):
        let old = EntryPlace(table: table, index: translation.geometry.index(start + page, 0))
        if !translation.entry(old).isEmpty { _ = try makePlace(space, goal + page) }
        page += 1
      }
    }
    var area = areas[source]
    area.offset = area.offset(of: start)
    area.start = goal
    area.end = goal + newPages
    addArea(area, to: space, source: source)
    page = 0
    while page < moved {
      switch translation.leafTable(descriptors[space.rawValue].context.root, start + page) {
      case .none(let next):
        page = next - start
      case .table(let table):
        let old = EntryPlace(table: table, index: translation.geometry.index(start + page, 0))
        let entry = translation.entry(old)
        if !entry.isEmpty {
          let new = try makePlace(space, goal + page)
          translation.setEntry(old, to: .empty)
          translation.setEntry(new, to: entry)
        }
        page += 1
      }
    }
    flush(space, start, start + oldPages)
    if !keepsOld && oldPages > 0 { try unmapPages(space, start, start + oldPages) }
  }

  /// Where the entry of a page stands, its tables made if need be and counted.
  ///
  /// - Throws: `ENOMEM` when no frame is left for a table.
  mutating func makePlace(_ space: SpaceIndex, _ page: VirtualPage) throws(Errno) -> EntryPlace {
    do throws(AllocationFailure) {
      return try makeEntryPlace(space, page)
    } catch {
      throw .ENOMEM
    }
  }

  /// The same, for callers that run out of memory rather than fail.
  mutating func makeEntryPlace(
    _ space: SpaceIndex, _ page: VirtualPage
  ) throws(AllocationFailure) -> EntryPlace {
    let root = descriptors[space.rawValue].context.root
    if let place = translation.place(root, page) { return place }
    return try retrying { (spaces) throws(AllocationFailure) in
      var made = 0
      defer { spaces.descriptors[space.rawValue].tables += made }
      return try spaces.translation.makePlace(
        root, page, owner: space.rawValue, allocated: &made)
    }
  }
}
