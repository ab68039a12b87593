/// Time that passes within the kernel.
extension AddressSpaces where P: ~Copyable {
  /// Adds work to the clock, unless another processor does it.
  mutating func spend(_ time: UInt64) {
    if worksAside { asideTime &+= time } else { clock &+= time }
  }

  mutating func spend(scanned: Int) { spend(UInt64(scanned) &* costs.scan) }
  mutating func spend(reclaimed: Int) { spend(UInt64(reclaimed) &* costs.reclaim) }

  /// Lets time pass until `end`, in which transfers end and background reclaimers work.
  mutating func rest(until end: UInt64) {
    let start = clock
    let running = start < end && !stalls.isStalled ? beginIdle() : nil
    let outer = restsUntil
    restsUntil = end
    defer { restsUntil = outer }
    if !isReclaiming { resumeReclaimers() }
    while clock < end {
      clock = max(clock, min(end, min(transfers.nextEnd, isReclaiming ? .max : nextStep)))
      finishTransfers()
      if !isReclaiming && nextStep <= clock { stepReclaimers() }
    }
    // Reclaimers may have worked beyond the end.
    finishTransfers()
    waited &+= clock &- start
    endIdle(running)
  }

  /// Waits until a page has been read, or written if it is `.writeback` that is to end.
  mutating func waitForPage(_ frame: FrameNumber, _ state: FrameFlags = .reading) {
    finishTransfers()
    guard memory.frames[frame.index].flags.contains(state) else { return }
    let isMissed = state == .reading && memory.frames[frame.index].flags.contains(.workingSet)
    let stall = isMissed && beginStall()
    while memory.frames[frame.index].flags.contains(state) { rest(until: transfers.nextEnd) }
    endStall(stall)
  }

  /// When a page has been read that the caller need not wait for, since others can run meanwhile; `nil` if it must go on with
  /// the page, which it may have to wait for.
  mutating func leave(_ frame: FrameNumber) -> UInt64? {
    guard let end = leaving(frame) else { return nil }
    leaveStalled(on: frame, until: end)
    return end
  }

  /// The same without leaving yet.
  func leaving(_ frame: FrameNumber) -> UInt64? {
    guard leavesWaits, memory.frames[frame.index].flags.contains(.reading) else { return nil }
    let end = transfers.end(of: frame)
    return end > clock ? end : nil
  }

  /// Ends the transfers that are over by now.
  mutating func finishTransfers() {
    while let transfer = transfers.next(at: clock) { finish(transfer) }
  }

  private mutating func finish(_ transfer: Transfers.Transfer) {
    let frame = transfer.frame
    guard transfer.isWrite else {
      memory.frames[frame.index].flags.remove(.reading)
      if transfer.fails { memory.frames[frame.index].flags.insert(.failed) }
      if transfer.holdsUse { memory.release(frame) }
      return
    }
    // Linux: `folio_end_writeback`.
    memory.statistics.writebackPages -= 1
    memory.statistics.pagesWritten += 1
    for node in 0..<memory.nodeCount where reclaimers[node].phase == .waiting {
      reclaimers[node].written += 1
      if reclaimers[node].written > ReclaimControl.batch { reclaimers[node].resumes = clock }
    }
    let flags = memory.frames[frame.index].flags
    memory.frames[frame.index].flags.remove(.writeback)
    if transfer.fails {
      // It is as dirty as before, and comes around again (`mm/page_io.c:end_swap_bio_write`).
      memory.frames[frame.index].flags.insert(.dirty)
      memory.frames[frame.index].flags.remove(.readahead)
    } else if flags.contains(.readahead) {
      memory.frames[frame.index].flags.remove(.readahead)
      memory.rotate(frame)
    }
    if transfer.holdsUse { memory.release(frame) }
  }
}
