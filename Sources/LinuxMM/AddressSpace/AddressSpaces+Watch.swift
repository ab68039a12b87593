/// Areas that a userfaultfd watches (`fs/userfaultfd.c`).
extension AddressSpaces where P: ~Copyable {
  /// Linux: `new_userfaultfd`.
  mutating func makeWatcher(of space: SpaceIndex, isForUsersOnly: Bool) -> WatcherIndex {
    WatcherIndex(
      watchers.insert(Watcher(space: space, end: descriptors[space.rawValue].end, isForUsersOnly: isForUsersOnly)) + 1)
  }

  /// Whether entries have room for what write protection and minor faults need (`HAVE_ARCH_USERFAULTFD_WP`, `_MINOR`).
  private var watchesWrites: Bool { !translation.geometry.hasNarrowEntries && !translation.geometry.hasRootRegisters }

  var watchFeatures: WatchFeatures {
    let features: WatchFeatures = settings.rules.contains(.laterWatchCalls) ? .linux618 : .linux61
    return watchesWrites ? features : features.subtracting(.wide)
  }

  /// Begins to watch a range (`userfaultfd_register`).
  ///
  /// - Returns: the calls that work on all of it.
  /// - Throws: `EINVAL` for a bad range, unknown modes or memory that cannot be watched, `EPERM` for what must not be
  ///   written, `EBUSY` for what another watches, `ENOMEM` when areas cannot be split or the address space is gone.
  mutating func watch(
    _ watcher: WatcherIndex, _ address: VirtualAddress, length: UInt64, _ modes: WatchModes
  ) throws(Errno) -> WatchCalls {
    guard !modes.isEmpty, modes.isSubset(of: watchesWrites ? [.missing, .write, .minor] : .missing) else {
      throw .EINVAL
    }
    let range = try watchableRange(watcher, address, length: length)
    let space = watchers[watcher.place].space
    var place = try firstWatchable(space, range)
    let wanted = modes.areaFlags
    var other = place
    while other != AreaTree.none, areas[other].start < range.upperBound {
      guard mayBeWatched(other, wanted) else { throw .EINVAL }
      guard areas[other].flags.contains(.mayWrite) else { throw .EPERM }
      guard areas[other].watcher == 0 || areas[other].watcher == watcher.rawValue else { throw .EBUSY }
      other = areas[other].next
    }
    while place != AreaTree.none, areas[place].start < range.upperBound {
      if areas[place].watcher != watcher.rawValue || !areas[place].flags.isSuperset(of: wanted) {
        let flags = areas[place].flags.subtracting(.watching).union(wanted)
        try setWatch(&place, range, flags, watcher.rawValue, in: space)
      }
      place = areas[place].next
    }
    var calls: WatchCalls = [.wake, .copy, .zeroPage, .writeProtect, .continue]
    if settings.rules.contains(.laterWatchCalls) { calls.formUnion([.move, .poison]) }
    if !modes.contains(.write) { calls.remove(.writeProtect) }
    if !modes.contains(.minor) { calls.remove(.continue) }
    return calls
  }

  /// Ends the watch of a range, by whatever watcher (`userfaultfd_unregister`).
  ///
  /// - Throws: `EINVAL` for a bad range or memory that cannot be watched, `ENOMEM` as ``watch(_:_:length:_:)`` does.
  mutating func unwatch(_ watcher: WatcherIndex, _ address: VirtualAddress, length: UInt64) throws(Errno) {
    let range = try watchableRange(watcher, address, length: length)
    let space = watchers[watcher.place].space
    let isNewer = settings.rules.contains(.watchEndsByItsWatcher)
    var place = try firstWatchable(space, range, ifNone: isNewer ? .EINVAL : .ENOMEM)
    var other = place
    while other != AreaTree.none, areas[other].start < range.upperBound {
      if isNewer, areas[other].watcher != 0, areas[other].watcher != watcher.rawValue { throw .EINVAL }
      guard mayBeWatched(other, areas[other].flags) else { throw .EINVAL }
      other = areas[other].next
    }
    while place != AreaTree.none, areas[place].start < range.upperBound {
      if areas[place].watcher != 0 { try endWatch(&place, range, in: space) }
      place = areas[place].next
    }
  }

  /// Ends a watcher with all of its watches (`userfaultfd_release`).
  mutating func closeWatcher(_ watcher: WatcherIndex) {
    let space = watchers[watcher.place].space
    watchers[watcher.place].isOpen = false
    unreadEvents.removeAll { $0.watcher == watcher }
    if space != .none {
      var place = descriptors[space.rawValue].areas.first
      while place != AreaTree.none {
        if areas[place].watcher == watcher.rawValue {
          // Whole areas are never split.
          let range = areas[place].start..<areas[place].end
          do throws(Errno) { try endWatch(&place, range, in: space) } catch { preconditionFailure("area split") }
        }
        place = areas[place].next
      }
    }
    watchers.remove(watcher.place)
  }

  /// Tells the watchers of an address space that it ends.
  mutating func forgetWatchers(of space: SpaceIndex) {
    guard watchers.count > 0 else { return }
    for place in 0..<UInt32(watchers.limit) where watchers[place].isOpen && watchers[place].space == space {
      watchers[place].space = .none
    }
  }

  /// Drops a watch whose watcher cannot follow: of a child or of a moved area (`dup_userfaultfd`,
  /// `mremap_userfaultfd_prep`). What was write-protected stays so in the entries.
  mutating func dropWatch(_ place: UInt32) {
    areas[place].watcher = 0
    areas[place].flags.subtract(.watching)
  }

  /// Whether an area's watcher asked for something.
  func isWatched(_ area: Area, with features: WatchFeatures) -> Bool {
    area.watcher != 0 && watchers[area.watcher - 1].features.isSuperset(of: features)
  }

  /// Notes an event that its reader has to be told of. Linux lets the call wait for the reader; the model finishes it.
  mutating func tell(_ watcher: UInt32, _ event: WatchEvent) {
    watchers[watcher - 1].unreadEvents += 1
    unreadEvents.append(UnreadEvent(watcher: WatcherIndex(watcher), event: event))
  }

  /// Tells each watcher of the areas from `place` on that wants to know that a range goes (`userfaultfd_unmap_prep`).
  mutating func tellUnmap(from place: UInt32, _ start: VirtualPage, _ end: VirtualPage) {
    var place = place
    var told: [UInt32] = []
    while place != AreaTree.none, areas[place].start < end {
      let area = areas[place]
      if isWatched(area, with: .unmapEvents), !told.contains(area.watcher) {
        told.append(area.watcher)
        tell(area.watcher, .unmap(start.address..<end.address))
      }
      place = area.next
    }
  }

  /// Lets a moved area be watched on if its watcher can be told, else not (`mremap_userfaultfd_prep`).
  mutating func moveWatch(_ place: UInt32, _ start: VirtualPage, to goal: VirtualPage, _ pages: UInt64) {
    guard isWatched(areas[place], with: .remapEvents) else { return dropWatch(place) }
    tell(
      areas[place].watcher,
      .remap(from: start.address, to: goal.address, length: pages << UInt64(PageSize.shift)))
  }

  // MARK: Parts

  /// Linux: `validate_range`.
  func watchableRange(
    _ watcher: WatcherIndex, _ address: VirtualAddress, length: UInt64
  ) throws(Errno) -> Range<VirtualPage> {
    let end = watchers[watcher.place].end.address.rawValue
    guard address.isPageAligned, length & PageSize.mask == 0, length > 0, address.rawValue < end,
      length <= end - address.rawValue
    else { throw .EINVAL }
    return address.page..<(address.page + length >> UInt64(PageSize.shift))
  }

  private func firstWatchable(
    _ space: SpaceIndex, _ range: Range<VirtualPage>, ifNone error: Errno = .ENOMEM
  ) throws(Errno) -> UInt32 {
    guard space != .none else { throw .ENOMEM }
    let place = firstArea(space, endingAbove: range.lowerBound)
    guard place != AreaTree.none else { throw error }
    guard areas[place].start < range.upperBound else { throw .EINVAL }
    return place
  }

  /// Linux: `vma_can_userfault`.
  private func mayBeWatched(_ place: UInt32, _ modes: AreaFlags) -> Bool {
    let area = areas[place]
    if area.flags.contains(.droppable) { return false }
    if area.isAnonymous { return !modes.contains(.userFaultMinor) }
    return cache.files[area.file.rawValue].isSharedMemory && !area.opening.traits.contains(.attachment)
  }

  /// Ends the watch of an area's part within a range.
  private mutating func endWatch(_ place: inout UInt32, _ range: Range<VirtualPage>, in space: SpaceIndex) throws(Errno)
  {
    let start = max(areas[place].start, range.lowerBound)
    let end = min(areas[place].end, range.upperBound)
    if areas[place].flags.contains(.userFaultWrite) { protectWrites(space, place, start, end, isOn: false) }
    try setWatch(&place, range, areas[place].flags.subtracting(.watching), 0, in: space)
  }

  /// Gives an area's part within a range other flags and another watcher; the area is merged or split as need be.
  ///
  /// - Parameter place: the area; afterwards the one that has the part.
  private mutating func setWatch(
    _ place: inout UInt32, _ range: Range<VirtualPage>, _ flags: AreaFlags, _ watcher: UInt32, in space: SpaceIndex
  ) throws(Errno) {
    let start = max(areas[place].start, range.lowerBound)
    let end = min(areas[place].end, range.upperBound)
    var wanted = areas[place]
    let previous = wanted.start < start ? place : wanted.previous
    if settings.rules.contains(.watchMergesByPosition) { wanted.offset = wanted.offset(of: start) }
    wanted.start = start
    wanted.end = end
    wanted.flags = flags
    wanted.watcher = watcher
    let merged = merge(wanted, after: previous, in: space)
    if merged != AreaTree.none {
      place = merged
    } else {
      if start != areas[place].start { try splitBelow(place, at: start, in: space) }
      if end != areas[place].end { try splitAbove(place, at: end, in: space) }
    }
    areas[place].flags = flags
    areas[place].watcher = watcher
  }
}

extension AreaFlags {
  /// Linux: `__VM_UFFD_FLAGS`.
  static let watching: AreaFlags = [.userFaultMissing, .userFaultWrite, .userFaultMinor]
}
