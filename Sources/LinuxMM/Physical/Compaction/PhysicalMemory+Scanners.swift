/// The two scanners of compaction. Pages to move are looked for upwards, free frames downwards; where they meet, the
/// zone is compact.
extension PhysicalMemory {
  /// Places the scanners at the zone's ends, or where the last run stopped.
  mutating func startScanners(_ control: inout CompactionControl) {
    let zone = control.zone
    let span = zones[zone].span
    let block = UInt32(pageblockOrder.frameCount)
    let lastBlock = FrameNumber((span.end.rawValue - 1) / block * block)
    if zoneLists[zone].compaction.forgetsSkips && !control.isDirect { resetSkips(zone: zone) }
    if control.isWholeZone {
      control.migrate = span.start
      control.free = lastBlock
      return
    }
    control.migrate = zoneLists[zone].compaction.migrateCursors[control.isSynchronous ? 1 : 0]
    control.free = zoneLists[zone].compaction.freeCursor
    if control.free < span.start || control.free >= span.end { control.free = lastBlock }
    if control.migrate <= span.start || control.migrate >= span.end {
      control.migrate = span.start
      control.isWholeZone = true
    }
  }

  /// Gives unused targets back and notes where the scanners stand.
  mutating func stopScanners(_ control: inout CompactionControl) {
    let zone = control.zone
    var highest = control.free
    for frame in control.targets {
      highest = max(highest, frame)
      freeToZone(frame, .single, zone: zone)
    }
    control.targets = []
    if !control.isWholeZone || control.order != nil {
      let block = UInt32(pageblockOrder.frameCount)
      let cursor = FrameNumber(highest.rawValue / block * block)
      if control.free > control.migrate { zoneLists[zone].compaction.freeCursor = cursor }
    }
  }

  /// Whether the goal is reached or the scanners have met (`mm/compaction.c:__compact_finished`).
  mutating func compactionState(_ control: CompactionControl) -> CompactionResult {
    let zone = control.zone
    if control.free.rawValue >> UInt32(pageblockOrder.index) <= control.migrate.rawValue >> UInt32(pageblockOrder.index)
    {
      zoneLists[zone].compaction.reset(zones[zone].span)
      if control.isDirect { zoneLists[zone].compaction.forgetsSkips = true }
      return control.isWholeZone ? .complete : .partialSkipped
    }
    if let goal = control.proactiveGoal {
      return externalFragmentation(zone: zone, PageOrder(9)) > goal ? .proceed : .success
    }
    guard let order = control.order else { return .proceed }
    // Only whole pageblocks are judged, lest one is left half done.
    guard control.migrate.rawValue % UInt32(pageblockOrder.frameCount) == 0 else { return .proceed }
    func has(_ type: MigrationType) -> Bool { zones[zone].orders[Int(type.rawValue)].value >> order.index != 0 }
    if has(control.type) || (control.type == .movable && has(.contiguous)) { return .success }
    let (first, second) = control.type.fallbacks
    for size in order.index..<PageOrder.count where stealsWhole(PageOrder(size), control.type) {
      for type in [first, second] where zones[zone].orders[Int(type.rawValue)].value >> size & 1 != 0 {
        return .success
      }
    }
    return .proceed
  }

  /// The next pages to move: at most a cluster, all of one pageblock (`mm/compaction.c:isolate_migratepages`).
  mutating func pagesToMove(_ control: inout CompactionControl) -> [FrameNumber] {
    let size = UInt32(pageblockOrder.frameCount)
    while control.migrate.rawValue / size < control.free.rawValue / size {
      let block = pageblock(of: control.migrate)
      let end = FrameNumber((control.migrate.rawValue / size + 1) * size)
      let isSource =
        Int(pageblocks[block].zone) == control.zone && !pageblocks[block].isPristine && !pageblocks[block].isShared
        && (control.ignoresSkips || !pageblocks[block].isSkipped) && isSource(block, control)
      guard isSource else {
        control.migrate = end
        noteMigrate(control)
        continue
      }
      let begin = control.migrate
      let pages = pagesToMove(in: FrameRange(begin, end), &control)
      if !pages.isEmpty { return pages }
      // A whole pageblock without anything to move is left out next time.
      if begin.rawValue % size == 0 && !control.ignoresSkips { pageblocks[block].setSkipped(true) }
      noteMigrate(control)
      // The goal is looked at after each pageblock.
      return []
    }
    return []
  }

  private mutating func noteMigrate(_ control: CompactionControl) {
    guard !control.ignoresSkips else { return }
    if control.isSynchronous { zoneLists[control.zone].compaction.migrateCursors[1] = control.migrate }
    zoneLists[control.zone].compaction.migrateCursors[0] = control.migrate
  }

  /// Whether pages may be moved out of a pageblock (`mm/compaction.c:suitable_migration_source`).
  private func isSource(_ block: Int, _ control: CompactionControl) -> Bool {
    if control.priority != .asynchronous || !control.isDirect { return true }
    let type = pageblocks[block].type
    return control.type == .movable ? type == .movable || type == .contiguous : type == control.type
  }

  /// `mm/compaction.c:isolate_migratepages_block`.
  private mutating func pagesToMove(in range: FrameRange, _ control: inout CompactionControl) -> [FrameNumber] {
    var pages: [FrameNumber] = []
    var frame = range.start
    let limit = min(range.end, end)
    while frame < limit && pages.count < CompactionControl.clusterSize {
      statistics.migrationScanned += 1
      let state = states[frame.index]
      if state.isFree {
        frame = frame + state.order.frameCount
        continue
      }
      if isMovable(frame) {
        pages.append(frame)
        statistics.pagesIsolated += 1
      } else if state.isAllocated || state.isListed {
        frame = frame + (state.order.frameCount - 1)
      }
      frame = frame + 1
    }
    control.migrate = min(frame, range.end)
    if frame >= limit { control.migrate = range.end }
    return pages
  }

  /// Whether the layers above can move what is in a frame: nobody but its mappings and its cache holds it.
  func isMovable(_ frame: FrameNumber) -> Bool {
    guard states[frame.index] == .used(.single) else { return false }
    let flags = frames[frame.index].flags
    if flags.isDisjoint(with: [.anonymous, .cached]) || !flags.isDisjoint(with: [.writeback, .reading]) {
      return false
    }
    let expected = frames[frame.index].mappings + (flags.isDisjoint(with: [.cached, .swapCache]) ? 0 : 1)
    return frames[frame.index].references == expected
  }

  /// Takes free frames near the free scanner as targets (`mm/compaction.c:isolate_freepages`).
  mutating func findTargets(_ control: inout CompactionControl, wanted: Int) {
    let size = UInt32(pageblockOrder.frameCount)
    var stride = control.isSynchronous ? 1 : 32
    while control.free.rawValue / size > control.migrate.rawValue / size && control.targets.count < wanted {
      let block = pageblock(of: control.free)
      if Int(pageblocks[block].zone) == control.zone && !pageblocks[block].isPristine && !pageblocks[block].isShared
        && isTarget(block, control)
        && (control.ignoresSkips || !pageblocks[block].isSkipped)
      {
        let found = takeTargets(block, stride: stride, &control, wanted: wanted)
        if control.targets.count >= wanted { return }
        if found == 0 && !control.ignoresSkips { pageblocks[block].setSkipped(true) }
        if !control.isSynchronous { stride = found > 0 ? 1 : min(stride << 1, 32) }
      }
      if control.free.rawValue < size { break }
      control.free = FrameNumber(control.free.rawValue - size)
    }
  }

  /// Whether pages may be moved into a pageblock (`mm/compaction.c:suitable_migration_target`).
  private func isTarget(_ block: Int, _ control: CompactionControl) -> Bool {
    let start = block << pageblockOrder.index
    if states[start].isFree && states[start].order >= pageblockOrder { return false }
    if control.priority == .full { return true }
    return pageblocks[block].type == .movable || pageblocks[block].type == .contiguous
  }

  /// `mm/compaction.c:isolate_freepages_block`.
  private mutating func takeTargets(
    _ block: Int, stride: Int, _ control: inout CompactionControl, wanted: Int
  ) -> Int {
    let zone = control.zone
    let start = FrameNumber(UInt32(block << pageblockOrder.index))
    let limit = start + pageblockOrder.frameCount
    var frame = start
    var found = 0
    zones[zone].lock.lock()
    defer { zones[zone].lock.unlock() }
    while frame < limit && control.targets.count < wanted {
      statistics.freeScanned += 1
      let state = states[frame.index]
      if !state.isFree {
        frame = frame + stride
        continue
      }
      let order = state.order
      let mark = zones[zone].watermarks.minimum + zones[zone].boost.value + order.frameCount
      guard keeps(zone, .single, mark: mark, zones[zone].kind, .contiguous, free: zones[zone].free.value) else { break }
      takeFree(frame, order, zone: zone)
      for part in 0..<order.frameCount { control.targets.append(frame + part) }
      found += order.frameCount
      frame = frame + order.frameCount
    }
    return found
  }

  /// Takes a particular free block apart into allocated frames (`mm/page_alloc.c:__isolate_free_page`,
  /// `split_map_pages`). Under the zone's lock.
  func takeFree(_ frame: FrameNumber, _ order: PageOrder, zone: Int) {
    let type = states[frame.index].type
    remove(frame, order, type, zone: zone)
    countFree(-order.frameCount, type, zone: zone)
    for part in 0..<order.frameCount { states[(frame + part).index] = .allocated(.single) }
  }
}
