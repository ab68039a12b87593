/// What a program asks of mremap.
public struct RemapRequest: Sendable {
  /// The flags of mremap, with the kernel's values.
  public struct Flags: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt64

    public init(rawValue: UInt64) { self.rawValue = rawValue }

    public static let mayMove = Flags(rawValue: 1)
    /// It must go to the target; what is there goes.
    public static let fixed = Flags(rawValue: 2)
    /// The old area stays, empty.
    public static let keepOld = Flags(rawValue: 4)
  }

  public var address: VirtualAddress
  /// In bytes.
  public var oldLength: UInt64
  public var newLength: UInt64
  public var flags: Flags
  public var target: VirtualAddress

  public init(
    address: VirtualAddress, oldLength: UInt64, newLength: UInt64, flags: Flags,
    target: VirtualAddress = VirtualAddress(0)
  ) {
    self.address = address
    self.oldLength = oldLength
    self.newLength = newLength
    self.flags = flags
    self.target = target
  }
}

extension AddressSpaces where P: ~Copyable {
  /// Grows, shrinks or moves a mapping (`mm/mremap.c`).
  ///
  /// - Returns: where it is now, and the pages to be brought at once.
  /// - Throws: `EINVAL`, `EFAULT`, `ENOMEM`, `EAGAIN`, `EPERM` as mremap(2) does, in its order.
  mutating func remap(
    _ space: SpaceIndex, _ request: RemapRequest, _ caller: Caller
  ) throws(Errno) -> (address: VirtualAddress, populates: Range<UInt64>) {
    if settings.rules.contains(.remapMovesManyAreas) { return try remapMany(space, request, caller) }
    let flags = request.flags
    guard flags.isSubset(of: [.mayMove, .fixed, .keepOld]), flags.contains(.mayMove) || !flags.contains(.fixed),
      !flags.contains(.keepOld) || (flags.contains(.mayMove) && request.oldLength == request.newLength),
      request.address.isPageAligned
    else { throw .EINVAL }
    let oldPages = PageSize.pages(request.oldLength)
    let newPages = PageSize.pages(request.newLength)
    guard newPages > 0 else { throw .EINVAL }
    let start = request.address.page
    guard area(space, containing: start) != AreaTree.none else { throw .EFAULT }
    if !flags.isDisjoint(with: [.fixed, .keepOld]) {
      return try moveTo(space, request, oldPages, newPages, caller)
    }
    if oldPages >= newPages {
      // Making it smaller always works; the kernel does not ask whether the rest is one area.
      do throws(Errno) {
        try unmap(space, (start + newPages).address, length: (oldPages - newPages) << UInt64(PageSize.shift))
      } catch {
        if oldPages != newPages { throw error }
      }
      return (request.address, 0..<0)
    }
    let place = try areaToResize(space, start, oldPages, newPages, flags, caller)
    let end = start + oldPages
    if areas[place].end == end, let grown = try growInPlace(space, place, end, newPages - oldPages, caller) {
      let locked = areas[grown].flags.contains(.locked)
      return (request.address, locked ? end.rawValue..<(start + newPages).rawValue : 0..<0)
    }
    guard flags.contains(.mayMove) else { throw .ENOMEM }
    let goal = try findRoom(
      space, VirtualAddress(0), newPages, areas[place].flags.contains(.mayShare) ? .shared : [], areas[place].file,
      offset: areas[place].offset(of: start), caller)
    return try move(space, place, start, oldPages, to: goal, newPages, keepsOld: false, caller)
  }

  /// Linux: `mm/mremap.c:mremap_to`.
  private mutating func moveTo(
    _ space: SpaceIndex, _ request: RemapRequest, _ oldPages: UInt64, _ newPages: UInt64, _ caller: Caller
  ) throws(Errno) -> (address: VirtualAddress, populates: Range<UInt64>) {
    let start = request.address.page
    var oldPages = oldPages
    let userEnd = descriptors[space.rawValue].end
    guard request.target.isPageAligned, newPages <= userEnd.rawValue,
      request.target.rawValue <= (userEnd.rawValue - newPages) << UInt64(PageSize.shift)
    else { throw .EINVAL }
    let target = request.target.page
    let oldEnd = request.address.rawValue &+ oldPages << UInt64(PageSize.shift)
    if request.target.rawValue < oldEnd && start < target + newPages { throw .EINVAL }
    guard descriptors[space.rawValue].areas.count + 2 < settings.maximumAreas - 3 else { throw .ENOMEM }
    let isFixed = request.flags.contains(.fixed)
    if isFixed {
      try unmap(space, request.target, length: newPages << UInt64(PageSize.shift))
    }
    if oldPages > newPages {
      try unmap(space, (start + newPages).address, length: (oldPages - newPages) << UInt64(PageSize.shift))
      oldPages = newPages
    }
    let keepsOld = request.flags.contains(.keepOld)
    let place = try areaToResize(space, start, oldPages, newPages, request.flags, caller)
    if keepsOld, !mayGrow(space, areas[place].flags, oldPages, caller.limits) { throw .ENOMEM }
    var mapFlags: MapFlags = isFixed ? .fixed : []
    if areas[place].flags.contains(.mayShare) { mapFlags.insert(.shared) }
    let goal = try findRoom(
      space, request.target, newPages, mapFlags, areas[place].file, offset: areas[place].offset(of: start), caller)
    return try move(space, place, start, oldPages, to: goal, newPages, keepsOld: keepsOld, caller)
  }

  /// Checks whether a mapping may get another size (`mm/mremap.c:vma_to_resize`).
  func areaToResize(
    _ space: SpaceIndex, _ start: VirtualPage, _ oldPages: UInt64, _ newPages: UInt64, _ flags: RemapRequest.Flags,
    _ caller: Caller
  ) throws(Errno) -> UInt32 {
    let place = area(space, containing: start)
    guard place != AreaTree.none else { throw .EFAULT }
    let area = areas[place]
    if oldPages == 0 && area.flags.isDisjoint(with: [.shared, .mayShare]) { throw .EINVAL }
    if flags.contains(.keepOld) && !area.flags.isDisjoint(with: [.dontExpand, .frameMap]) { throw .EINVAL }
    guard oldPages <= area.end - start else { throw .EFAULT }
    if newPages == oldPages { return place }
    let offset = area.offset(of: start)
    guard offset &+ newPages >= offset else { throw .EINVAL }
    guard area.flags.isDisjoint(with: [.dontExpand, .frameMap]) else { throw .EFAULT }
    let growth = newPages - oldPages
    if exceedsLockLimit(space, area.flags, growth, caller) { throw .EAGAIN }
    guard mayGrow(space, area.flags, growth, caller.limits) else { throw .ENOMEM }
    return place
  }

  /// Makes an area longer if there is room behind it.
  ///
  /// - Returns: the area, merged with the next one perhaps, or `nil` if there is no room.
  mutating func growInPlace(
    _ space: SpaceIndex, _ place: UInt32, _ end: VirtualPage, _ pages: UInt64, _ caller: Caller
  ) throws(Errno) -> UInt32? {
    let newEnd = VirtualPage(end.rawValue &+ pages)
    let next = areas[place].next
    guard end < newEnd, next == AreaTree.none || !(areas[next].start < newEnd) else { return nil }
    let whole = newEnd - areas[place].start
    guard
      (try? findRoom(space, areas[place].start.address, whole, .fixed, .none, offset: 0, caller)) != nil
    else { return nil }
    let flags = areas[place].flags
    if flags.contains(.accounted) { try promise(pages, to: space, caller) }
    var grown = place
    if areas[place].opening.traits.contains(.attachment) {
      setBounds(place, areas[place].start, newEnd, in: space)
    } else {
      var wanted = areas[place]
      wanted.offset = wanted.offset(of: end)
      wanted.start = end
      wanted.end = newEnd
      // It is no other area's pages that it takes over.
      wanted.links = ReverseMap.none
      grown = merge(wanted, after: place, in: space)
      guard grown != AreaTree.none else {
        if flags.contains(.accounted) { commit.release(pages) }
        throw .ENOMEM
      }
    }
    account(space, areas[grown].flags, Int64(pages))
    if areas[grown].flags.contains(.locked) { descriptors[space.rawValue].lockedPages += pages }
    return grown
  }

  /// Moves a mapping with its pages (`mm/mremap.c:move_vma`).
  mutating func move(
    _ space: SpaceIndex, _ source: UInt32, _ start: VirtualPage, _ oldPages: UInt64,
    to goal: VirtualPage, _ newPages: UInt64, keepsOld: Bool, _ caller: Caller
  ) throws(Errno) -> (address: VirtualAddress, populates: Range<UInt64>) {
    guard descriptors[space.rawValue].areas.count < settings.maximumAreas - 3 else { throw .ENOMEM }
    var old = source
    let end = start + oldPages
    let flags = areas[old].flags
    let isNewer = settings.rules.contains(.remapMovesManyAreas)
    if keepsOld && flags.contains(.locked) && !isNewer {
      if areas[old].start != start { try splitBelow(old, at: start, in: space) }
      if areas[old].end != end { try splitAbove(old, at: end, in: space) }
    }
    let charged = flags.contains(.accounted) ? (keepsOld ? newPages : newPages &- oldPages) : 0
    if charged > 0 { try promise(charged, to: space, caller) }
    let new = copyArea(space, &old, start, to: goal, newPages, keepsSource: keepsOld && !isNewer)
    do throws(Errno) {
      try moveEntries(space, old, start, oldPages, to: goal)
    } catch {
      // What was moved goes back; its tables are still there.
      do throws(Errno) { try moveEntries(space, new, goal, oldPages, to: start) } catch { throw .ENOMEM }
      account(space, flags, Int64(newPages))
      try unmapPages(space, goal, goal + newPages)
      throw error
    }
    if areas[new].watcher != 0 { moveWatch(new, start, to: goal, oldPages) }
    // The promise of the old range now is the new one's.
    let excess = flags.contains(.accounted) && !keepsOld
    if excess { areas[old].flags.remove(.accounted) }
    let highest = descriptors[space.rawValue].highestTotal
    account(space, areas[old].flags, Int64(newPages))
    if keepsOld {
      areas[old].flags.subtract(.locking)
      if old != new && areas[old].start == start && areas[old].end == end { forgetFamilies(old, in: space) }
      if isNewer {
        if flags.contains(.locked) { descriptors[space.rawValue].lockedPages += newPages }
        descriptors[space.rawValue].highestTotal = highest
      }
      return (goal.address, 0..<0)
    }
    let before = areas[old].start
    let after = areas[old].end
    if oldPages > 0 {
      do throws(Errno) {
        try unmapPages(space, start, end)
      } catch {
        if excess { commit.add(oldPages) }
      }
    }
    var populates: Range<UInt64> = 0..<0
    if flags.contains(.locked) {
      descriptors[space.rawValue].lockedPages += newPages
      if newPages > oldPages { populates = (goal + oldPages).rawValue..<(goal + newPages).rawValue }
    }
    descriptors[space.rawValue].highestTotal = highest
    if excess {
      // What is left of the old area on either side keeps its promise.
      if before < start { markAccounted(space, before) }
      if end < after { markAccounted(space, end) }
    }
    return (goal.address, populates)
  }

  private mutating func markAccounted(_ space: SpaceIndex, _ page: VirtualPage) {
    let place = area(space, containing: page)
    if place != AreaTree.none { areas[place].flags.insert(.accounted) }
  }

  /// An area at `goal` like a part of another (`mm/mmap.c:copy_vma`).
  ///
  /// - Parameter source: the other area; afterwards the merged one if it was merged with its own copy.
  private mutating func copyArea(
    _ space: SpaceIndex, _ source: inout UInt32, _ start: VirtualPage, to goal: VirtualPage, _ pages: UInt64,
    keepsSource: Bool
  ) -> UInt32 {
    var wanted = areas[source]
    let sourceStart = wanted.start
    let untouched = wanted.isAnonymous && wanted.family == ReverseMap.none
    // Memory that was never touched may as well have begun at its new place.
    wanted.offset = untouched ? goal.rawValue : wanted.offset(of: start)
    wanted.start = goal
    wanted.end = goal + pages
    let touchesSource = goal == areas[source].end || areas[source].start == goal + pages
    var new = AreaTree.none
    if !(untouched && keepsSource && touchesSource) {
      new = merge(wanted, after: areaBefore(space, goal), in: space)
    }
    guard new != AreaTree.none else { return insertArea(wanted, to: space, source: source) }
    if !(sourceStart < areas[new].start), sourceStart < areas[new].end { source = new }
    return new
  }

  /// Ends the families of an area whose pages have all gone elsewhere.
  private mutating func forgetFamilies(_ place: UInt32, in space: SpaceIndex) {
    reverse.unlink(all: areas[place].links)
    if areas[place].family != ReverseMap.none { reverse.countActive(areas[place].family, -1) }
    areas[place].links = ReverseMap.none
    areas[place].family = ReverseMap.none
    if areas[place].isAnonymous && !settings.rules.contains(.emptiedAreaKeepsOffset) {
      areas[place].offset = areas[place].start.rawValue
      boundsChanged(place, in: space)
    }
  }
}
