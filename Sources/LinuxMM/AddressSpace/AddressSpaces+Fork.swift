extension AddressSpaces where P: ~Copyable {
  /// Copies an address space for a child (`kernel/fork.c:dup_mmap`, `mm/memory.c:copy_page_range`).
  ///
  /// Private pages are shared read-only until one side writes; areas that have no private pages get
  /// theirs by faults.
  ///
  /// - Throws: `.noMemory` when no frame is left for tables, `.refused` if the promised memory exceeds the rule; nothing
  ///   stays half made.
  mutating func fork(_ parent: SpaceIndex, _ caller: Caller) throws(ForkFailure) -> SpaceIndex {
    let child: SpaceIndex
    do throws(AllocationFailure) { child = try makeSpace() } catch { throw .noMemory }
    let original = descriptors[parent.rawValue]
    var copy = original
    copy.context = descriptors[child.rawValue].context
    copy.areas = AreaTree()
    copy.users = 1
    copy.lockedPages = 0
    copy.pinnedPages = 0
    copy.anonymousResident = 0
    copy.fileResident = 0
    copy.sharedResident = 0
    copy.swapped = 0
    copy.peakResident = 0
    copy.tables = descriptors[child.rawValue].tables
    copy.newAreaFlags = []
    copy.highestTotal = 0
    descriptors[child.rawValue] = copy
    var place = original.areas.first
    var watchers: [ForkedWatcher] = []
    do throws(ForkFailure) {
      while place != AreaTree.none {
        try copyArea(place, from: parent, to: child, caller, &watchers)
        place = areas[place].next
      }
    } catch {
      flushAll(parent)
      for pair in watchers { closeWatcher(pair.child) }
      destroy(child)
      throw error
    }
    flushAll(parent)
    descriptors[child.rawValue].highestTotal = descriptors[child.rawValue].totalPages
    for pair in watchers { tell(pair.parent, .fork(pair.child)) }
    return child
  }

  private mutating func copyArea(
    _ place: UInt32, from parent: SpaceIndex, to child: SpaceIndex, _ caller: Caller,
    _ watchers: inout [ForkedWatcher]
  ) throws(ForkFailure) {
    let flags = areas[place].flags
    if flags.contains(.dontCopy) {
      account(child, flags, -Int64(areas[place].pageCount))
      return
    }
    if flags.contains(.accounted) {
      do throws(Errno) { try promise(areas[place].pageCount, to: parent, caller) } catch { throw .refused }
    }
    let watcher = watcherOfCopy(of: place, in: child, &watchers)
    addCopy(of: place, to: child, watcher)
    let keepsProtection = watcher != 0 && flags.contains(.userFaultWrite)
    // Other areas get their pages by faults.
    if areas[place].family != ReverseMap.none || keepsProtection, !flags.contains(.wipeOnFork) {
      do throws(AllocationFailure) {
        try copyEntries(areas[place], from: parent, to: child, keepsProtection: keepsProtection)
      } catch {
        // The figures of this area are taken off with it.
        throw .noMemory
      }
    }
  }

  /// The watcher of an area's copy: none, or one of the child's own (`fs/userfaultfd.c:dup_userfaultfd`).
  private mutating func watcherOfCopy(
    of place: UInt32, in child: SpaceIndex, _ watchers: inout [ForkedWatcher]
  ) -> UInt32 {
    guard isWatched(areas[place], with: .forkEvents) else { return 0 }
    let parent = areas[place].watcher
    for pair in watchers where pair.parent == parent { return pair.child.rawValue }
    var copy = self.watchers[parent - 1]
    copy.space = child
    copy.unreadEvents = 0
    let added = WatcherIndex(self.watchers.insert(copy) + 1)
    watchers.append(ForkedWatcher(parent: parent, child: added))
    return added.rawValue
  }

  /// Adds an area like `place` to the child; areas that did not merge in the parent stay apart.
  private mutating func addCopy(of place: UInt32, to child: SpaceIndex, _ watcher: UInt32) {
    var area = areas[place]
    area.flags.subtract(.locking)
    area.watcher = watcher
    if watcher == 0 { area.flags.subtract(.watching) }
    let parentFamily = areas[place].family
    let inherits = parentFamily != ReverseMap.none && !area.flags.contains(.wipeOnFork)
    let added = insertArea(area, to: child)
    guard inherits else { return }
    for family in reverse.families(of: areas[place].links) { link(added, to: family) }
    // A family whose process has ended serves the child, lest chains grow with every fork.
    let families = reverse.families(of: areas[added].links)
    let reusable = families.first { reverse.isReusable($0) }
    let family = reusable ?? reverse.makeFamily(parent: parentFamily)
    if reusable == nil { link(added, to: family) }
    setFamily(added, family)
  }

  /// Copies the entries of an area, and tables even where they are empty (`mm/memory.c:copy_pte_range`).
  private mutating func copyEntries(
    _ area: Area, from parent: SpaceIndex, to child: SpaceIndex, keepsProtection: Bool
  ) throws(AllocationFailure) {
    let root = descriptors[parent.rawValue].context.root
    var page = area.start
    while page < area.end {
      // Tables of each level are made where the parent has them.
      var level = translation.geometry.top - 1
      var next = area.end
      while level >= 0 {
        guard translation.presentPlace(root, page, level: level + 1) != nil else {
          let span = translation.geometry.span(level + 1)
          next = VirtualPage((page.rawValue / span + 1) * span)
          break
        }
        _ = try makeUpperPlace(child, page, level: level)
        level -= 1
      }
      if level < 0 {
        next = min(area.end, translation.geometry.tableEnd(page))
        copyEntries(area, page, next, root, child, keepsProtection: keepsProtection)
      }
      page = next
    }
  }

  /// Copies entries within one table that both have (`mm/memory.c:copy_present_pte`).
  private mutating func copyEntries(
    _ area: Area, _ start: VirtualPage, _ end: VirtualPage, _ root: FrameNumber, _ child: SpaceIndex,
    keepsProtection: Bool
  ) {
    guard case .table(let from) = translation.leafTable(root, start),
      case .table(let to) = translation.leafTable(descriptors[child.rawValue].context.root, start)
    else { preconditionFailure("tables to be copied are missing") }
    let protects = area.copiesOnWrite
    let cleared = PageTableEntry.accessed | (keepsProtection ? 0 : PageTableEntry.userFaultWrite)
    let isShared = area.flags.contains(.shared)
    let first = translation.geometry.index(start, 0)
    var anonymous = 0
    var file = 0
    var shared = 0
    var swapped = 0
    for index in first..<(first + Int(end - start)) {
      let place = EntryPlace(table: from, index: index)
      var entry = translation.entry(place)
      guard entry.holdsPage else {
        if let slot = entry.swapSlot {
          entry = entry.clearing(SwapMarks.exclusive.rawValue)
          translation.setEntry(place, to: entry)
          swap.counts[swap.place(slot)] += 1
          swapped += 1
          if !keepsProtection { entry = entry.clearing(SwapMarks.userFaultWrite.rawValue) }
          translation.setEntry(EntryPlace(table: to, index: index), to: entry)
          continue
        }
        if keepsProtection && entry == .watchMarker {
          translation.setEntry(EntryPlace(table: to, index: index), to: entry)
        }
        continue
      }
      if !entry.isSpecial {
        let frame = entry.frame
        let flags = translation.memory.frames[frame.index].flags
        if flags.contains(.anonymous) {
          anonymous += 1
          translation.memory.frames[frame.index].flags.remove(.exclusive)
        } else if flags.contains(.sharedMemory) {
          shared += 1
        } else {
          file += 1
        }
        translation.memory.frames[frame.index].references += 1
        translation.memory.frames[frame.index].mappings += 1
      }
      if protects && entry.isWritable {
        entry = entry.clearing(PageTableEntry.writable)
        translation.setEntry(place, to: entry)
      }
      if isShared { entry = entry.clearing(PageTableEntry.dirty) }
      translation.setEntry(
        EntryPlace(table: to, index: index),
        to: entry.clearing(cleared))
    }
    descriptors[child.rawValue].anonymousResident += anonymous
    descriptors[child.rawValue].fileResident += file
    descriptors[child.rawValue].sharedResident += shared
    descriptors[child.rawValue].swapped += swapped
    descriptors[child.rawValue].notePeakResident()
  }
}

/// A watcher and the one that its process's child gets.
private struct ForkedWatcher: BitwiseCopyable {
  var parent: UInt32
  var child: WatcherIndex
}

/// Why a process could not be copied.
enum ForkFailure: Error {
  /// No frame for tables or the root.
  case noMemory
  /// Its memory would exceed what may be promised.
  case refused
}
