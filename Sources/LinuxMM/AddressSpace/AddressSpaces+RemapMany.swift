/// mremap as Linux 6.17 and later have it, see ``KernelRules/remapMovesManyAreas``.
extension AddressSpaces where P: ~Copyable {
  /// Linux: `mm/mremap.c:do_mremap`, `check_mremap_params`.
  mutating func remapMany(
    _ space: SpaceIndex, _ request: RemapRequest, _ caller: Caller
  ) throws(Errno) -> (address: VirtualAddress, populates: Range<UInt64>) {
    let flags = request.flags
    let oldPages = PageSize.pages(request.oldLength)
    let newPages = PageSize.pages(request.newLength)
    let end = descriptors[space.rawValue].end
    guard flags.isSubset(of: [.mayMove, .fixed, .keepOld]), request.address.isPageAligned, newPages > 0,
      newPages <= end.rawValue
    else { throw .EINVAL }
    let hasTarget = !flags.isDisjoint(with: [.fixed, .keepOld])
    if hasTarget {
      let overlaps =
        request.target.rawValue < request.address.rawValue &+ oldPages << UInt64(PageSize.shift)
        && request.address.rawValue < request.target.rawValue &+ newPages << UInt64(PageSize.shift)
      guard request.target.rawValue <= (end.rawValue - newPages) << UInt64(PageSize.shift),
        request.target.isPageAligned, flags.contains(.mayMove), !flags.contains(.keepOld) || oldPages == newPages,
        !overlaps
      else { throw .EINVAL }
      guard descriptors[space.rawValue].areas.count + 2 < settings.maximumAreas - 3 else { throw .ENOMEM }
    }
    let start = request.address.page
    if flags.contains(.fixed) && oldPages == newPages { return try moveAll(space, request, oldPages, caller) }
    let place = area(space, containing: start)
    guard place != AreaTree.none else { throw .EFAULT }
    if hasTarget {
      try checkMove(space, place, start, oldPages, newPages, flags, caller)
      return try moveOne(space, start, oldPages, newPages, request.target, flags, caller)
    }
    if oldPages == newPages { return (request.address, 0..<0) }
    if oldPages > newPages {
      try unmap(space, (start + newPages).address, length: (oldPages - newPages) << UInt64(PageSize.shift))
      return (request.address, 0..<0)
    }
    return try grow(space, place, start, oldPages, newPages, request, caller)
  }

  private mutating func grow(
    _ space: SpaceIndex, _ place: UInt32, _ start: VirtualPage, _ oldPages: UInt64, _ newPages: UInt64,
    _ request: RemapRequest, _ caller: Caller
  ) throws(Errno) -> (address: VirtualAddress, populates: Range<UInt64>) {
    _ = try areaToResize(space, start, oldPages, newPages, request.flags, caller)
    let end = start + oldPages
    let locked = areas[place].flags.contains(.locked)
    if areas[place].end == end, try growInPlace(space, place, end, newPages - oldPages, caller) != nil {
      return (request.address, locked ? end.rawValue..<(start + newPages).rawValue : 0..<0)
    }
    guard request.flags.contains(.mayMove) else { throw .ENOMEM }
    let goal = try findRoom(
      space, VirtualAddress(0), newPages, areas[place].flags.contains(.mayShare) ? .shared : [], areas[place].file,
      offset: areas[place].offset(of: start), caller)
    return try move(space, place, start, oldPages, to: goal, newPages, keepsOld: false, caller)
  }

  /// Linux: `mm/mremap.c:check_prep_vma`.
  private func checkMove(
    _ space: SpaceIndex, _ place: UInt32, _ start: VirtualPage, _ oldPages: UInt64, _ newPages: UInt64,
    _ flags: RemapRequest.Flags, _ caller: Caller
  ) throws(Errno) {
    // A range that is to shrink may reach beyond its area.
    let old = min(oldPages, newPages)
    if oldPages == 0 && areas[place].flags.isDisjoint(with: [.shared, .mayShare]) { throw .EINVAL }
    _ = try areaToResize(space, start, old, newPages, flags, caller)
  }

  /// Moves all areas of a range, with the gaps between them (`mm/mremap.c:remap_move`).
  private mutating func moveAll(
    _ space: SpaceIndex, _ request: RemapRequest, _ pages: UInt64, _ caller: Caller
  ) throws(Errno) -> (address: VirtualAddress, populates: Range<UInt64>) {
    let start = request.address.page
    let end = start + pages
    var next = start
    var target = request.target.page
    var first: VirtualAddress?
    var lastEnd = start
    while next < end || first == nil {
      let place = firstArea(space, endingAbove: next)
      guard place != AreaTree.none, areas[place].start < end || pages == 0 else { break }
      let area = areas[place]
      if first == nil && start < area.start { throw .EFAULT }
      let from = max(area.start, start)
      let count = min(end, area.end) - from
      if first != nil { target = target + (area.start - lastEnd) }
      lastEnd = area.end
      let isAlone = area.watcher != 0 || area.opening.traits.contains(.attachment)
      if isAlone && (first != nil || area.end < end) { throw .EFAULT }
      try checkMove(space, place, from, count, count, request.flags, caller)
      let moved = try moveOne(space, from, count, count, target.address, request.flags, caller)
      if first == nil { first = moved.address }
      target = moved.address.page + count
      next = area.end
    }
    guard let first else { throw .EFAULT }
    return (first, 0..<0)
  }

  /// Linux: `mm/mremap.c:mremap_to`.
  private mutating func moveOne(
    _ space: SpaceIndex, _ start: VirtualPage, _ oldPages: UInt64, _ newPages: UInt64, _ target: VirtualAddress,
    _ flags: RemapRequest.Flags, _ caller: Caller
  ) throws(Errno) -> (address: VirtualAddress, populates: Range<UInt64>) {
    var oldPages = oldPages
    if flags.contains(.fixed) {
      try unmap(space, target, length: newPages << UInt64(PageSize.shift))
      guard area(space, containing: start) != AreaTree.none else { throw .EFAULT }
    }
    if oldPages > newPages {
      try unmap(space, (start + newPages).address, length: (oldPages - newPages) << UInt64(PageSize.shift))
      oldPages = newPages
    }
    let place = area(space, containing: start)
    guard place != AreaTree.none else { throw .EFAULT }
    if flags.contains(.keepOld), !mayGrow(space, areas[place].flags, oldPages, caller.limits) { throw .ENOMEM }
    var mapFlags: MapFlags = flags.contains(.fixed) ? .fixed : []
    if areas[place].flags.contains(.mayShare) { mapFlags.insert(.shared) }
    let goal = try findRoom(
      space, target, newPages, mapFlags, areas[place].file, offset: areas[place].offset(of: start), caller)
    return try move(
      space, place, start, oldPages, to: goal, newPages, keepsOld: flags.contains(.keepOld), caller)
  }
}
