/// Writing dirty pages of files to their disks (`mm/page-writeback.c`, `fs/fs-writeback.c`).
extension AddressSpaces where P: ~Copyable {
  /// Pages that may be dirty before the flusher begins, and before whoever makes more waits (`global_dirty_limits`).
  var dirtyLimits: (background: Int, hard: Int) {
    let free = memory.freeFrames
    let file = memory.listedPages(.inactiveFile) + memory.listedPages(.activeFile)
    let dirtyable = max(free - memory.reservedFrames, 0) + file + 1
    let hard = dirtyable * reclaimSettings.dirtyRatio / 100
    let background = dirtyable * reclaimSettings.dirtyBackgroundRatio / 100
    return (background >= hard ? hard / 2 : background, hard)
  }

  /// Lets whoever has made a page dirty wait if there are too many of them (`balance_dirty_pages_ratelimited`).
  mutating func balanceDirty() {
    sinceBalance += 1
    guard sinceBalance >= Self.balanceInterval else { return }
    sinceBalance = 0
    let limits = dirtyLimits
    guard memory.statistics.dirtyPages + memory.statistics.writebackPages > limits.background else { return }
    writeDirty(downTo: limits.background)
    let end = clock &+ Self.longestPause
    while memory.statistics.dirtyPages + memory.statistics.writebackPages > (limits.background + limits.hard) / 2,
      clock < end, !transfers.isEmpty
    {
      rest(until: min(end, max(transfers.nextEnd, clock &+ 1)))
      writeDirty(downTo: limits.background)
    }
  }

  /// Has all dirty pages written, since reclaim met nothing else (`wakeup_flusher_threads`).
  mutating func wakeFlusher() { writeDirty(downTo: 0) }

  /// Writes what has been dirty for too long (`wb_check_old_data_flush`).
  mutating func writeExpired() {
    planFlush()
    let age = UInt64(reclaimSettings.expireCentiseconds) &* 10_000_000_000
    var turns = cache.dirtyFiles.count - cache.firstDirty
    while turns > 0, clock &- cache.files[cache.dirtyFiles[cache.firstDirty]].dirtySince >= age {
      writeFirst(downTo: 0)
      turns -= 1
    }
  }

  /// Plans when to look for old dirty pages the next time.
  mutating func planFlush() {
    let centiseconds = UInt64(reclaimSettings.writebackCentiseconds)
    nextFlush = centiseconds == 0 ? .max : clock &+ centiseconds &* 10_000_000_000
  }

  /// Begins to write dirty pages, those of the file that has been dirty the longest first.
  private mutating func writeDirty(downTo goal: Int) {
    var turns = cache.dirtyFiles.count - cache.firstDirty
    while memory.statistics.dirtyPages > goal && turns > 0 {
      writeFirst(downTo: goal)
      turns -= 1
    }
  }

  /// The same of one file, from where it was left the last time.
  private mutating func writeFirst(downTo goal: Int) {
    let file = FileIndex(cache.dirtyFiles[cache.firstDirty])
    var run = 0
    var next: UInt64 = 0
    var isDone = false
    while memory.statistics.dirtyPages > goal {
      guard let position = cache.files[file.rawValue].pages.firstMarked(from: next, in: cache.nodes),
        let frame = cache.find(file, position)
      else {
        isDone = true
        break
      }
      let isReady = memory.frames[frame.index].flags.isDisjoint(with: [.writeback, .reading])
      if run > 0 && (!isReady || position != next) {
        submitWrites(run)
        run = 0
      }
      next = position + 1
      guard isReady else { continue }
      prepareWrite(frame)
      run += 1
    }
    submitWrites(run)
    let left = cache.files[file.rawValue].pages.firstMarked(from: 0, in: cache.nodes)
    guard isDone || left == nil else { return }
    cache.dropFirstDirty()
    // What is being written and was written to meanwhile has its turn later.
    if let left { cache.noteDirty(file.rawValue, left, at: clock) }
  }

  /// Begins to write one page.
  mutating func beginWrite(ofFilePage frame: FrameNumber) {
    prepareWrite(frame)
    submitWrites(1)
  }

  /// Makes a page clean, in page tables too, so that the next write to it is noticed (`clear_page_dirty_for_io`).
  private mutating func prepareWrite(_ frame: FrameNumber) {
    protectMappings(of: frame)
    memory.retain(frame)
    let wasMarked = memory.frames[frame.index].flags.contains(.readahead)
    cache.clean(frame, &translation.memory)
    memory.frames[frame.index].flags.insert(.writeback)
    if wasMarked { memory.frames[frame.index].flags.insert(.readahead) }
    memory.statistics.writebackPages += 1
    prepared.append(frame)
  }

  /// Requests the writing of pages that follow each other.
  private mutating func submitWrites(_ count: Int) {
    guard count > 0 else { return }
    let end = disk.submit(pages: count, at: clock)
    for frame in prepared {
      transfers.add(Transfers.Transfer(frame: frame, isWrite: true, end: end, holdsUse: true))
    }
    prepared.removeAll(keepingCapacity: true)
  }

  /// Takes the right to write from all shared mappings of a file's page (`mm/rmap.c:page_mkclean`).
  ///
  /// - Returns: whether any had been written through.
  @discardableResult
  mutating func protectMappings(of frame: FrameNumber) -> Bool {
    findMappings(of: frame)
    var wasDirty = false
    for index in mappings.indices {
      let mapping = mappings[index]
      guard areas[mapping.area].flags.contains(.shared) else { continue }
      let entry = translation.entry(mapping.place)
      guard entry.isDirty || entry.isWritable else { continue }
      if entry.isDirty { wasDirty = true }
      translation.setEntry(mapping.place, to: entry.clearing(PageTableEntry.dirty | PageTableEntry.writable))
      flush(mapping.space, mapping.page, mapping.page + 1)
    }
    return wasDirty
  }

  /// In pages made dirty. Linux: `ratelimit_pages`, `nr_dirtied_pause`.
  private static var balanceInterval: Int { 32 }
  /// 200 ms. Linux: `MAX_PAUSE`.
  private static var longestPause: UInt64 { 200_000_000_000 }
}
