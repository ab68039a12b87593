/// Memory that is charged to control groups, and taken back when they have too much (`mm/memcontrol.c`).
extension AddressSpaces where P: ~Copyable {
  /// Charges a new frame to a group, reclaiming there if it is full (`try_charge_memcg`).
  ///
  /// - Throws: ``AllocationFailure`` if that does not help; the frame is free again, and ``fullGroup`` says where a process
  ///   has to go.
  @inline(__always)
  mutating func charge(_ frame: FrameNumber, to group: UInt16) throws(AllocationFailure) {
    guard group != 0 else { return }
    if let full = memory.charge(group) { try makeRoom(for: frame, group, full) }
    memory.frames[frame.index].group = group
    if memory.groupAboveHigh(group) != 0 { isGroupHigh = true }
  }

  @inline(never)
  private mutating func makeRoom(
    for frame: FrameNumber, _ group: UInt16, _ first: UInt16
  ) throws(AllocationFailure) {
    var full = first
    // Linux: `MAX_RECLAIM_RETRIES`.
    for _ in 0...16 {
      memory.groups[UInt32(full)].events.maximum += 1
      let reclaimed = reclaim(fromGroup: full, pages: 1)
      guard let next = memory.charge(group) else { return }
      if reclaimed == 0 && next == full && transfers.isEmpty { break }
      if reclaimed == 0 { rest(until: transfers.nextEnd) }
      full = next
    }
    if forcesCharge {
      forcesCharge = false
      memory.forceCharge(group)
      return
    }
    fullGroup = full
    memory.groups[UInt32(full)].events.outOfMemory += 1
    memory.frames[frame.index].references = 1
    memory.release(frame)
    throw AllocationFailure(order: .single, flags: .highUserMovable, reason: .groupLimit)
  }

  /// Takes pages back until page tables that are about to be made find room in the groups they are charged to. If that does not
  /// help, they are charged beyond the limit.
  @inline(never)
  mutating func makeRoomForTables(_ count: Int) {
    for _ in 0...16 where count > 0 && !isReclaiming {
      guard let full = memory.groupWithoutRoom(for: count, memory.tableGroup) else { return }
      memory.groups[UInt32(full)].events.maximum += 1
      let reclaimed = reclaim(fromGroup: full, pages: count)
      if reclaimed == 0 {
        if transfers.isEmpty { return }
        rest(until: transfers.nextEnd)
      }
    }
  }

  /// Takes pages back from a group and those below it (`try_to_free_mem_cgroup_pages`).
  ///
  /// - Returns: the pages freed.
  @discardableResult
  mutating func reclaim(fromGroup group: UInt16, pages: Int) -> Int {
    guard !isReclaiming else { return 0 }
    isReclaiming = true
    let stall = beginStall()
    defer {
      shrinkCompressedCache()
      endStall(stall)
      isReclaiming = false
    }
    var control = ReclaimControl()
    control.goal = max(pages, ReclaimControl.batch)
    control.group = group
    while true {
      while control.priority >= 0 {
        control.scanned = 0
        for node in 0..<memory.nodeCount { shrink(node: node, &control) }
        if control.reclaimed >= control.goal { break }
        if control.priority < ReclaimControl.firstPriority - 2 { control.mayWrite = true }
        control.priority -= 1
      }
      for node in 0..<memory.nodeCount {
        noteActivations(node: node, group: group)
        memory.vectors[UInt32(group) * UInt32(memory.nodeCount) + UInt32(node)].isCongested = false
      }
      if control.reclaimed > 0 || !control.retries() { return control.reclaimed }
    }
  }

  /// Lets a process whose group has more than its high mark reclaim, and wait the longer the more that is
  /// (`mem_cgroup_handle_over_high`).
  mutating func reclaimHigh(_ group: UInt16) {
    isGroupHigh = false
    let high = memory.groupAboveHigh(group)
    guard high != 0 else { return }
    let place = UInt32(high)
    memory.groups[place].events.high += 1
    let excess = memory.groups[place].usage - memory.groups[place].limits.high
    reclaim(fromGroup: high, pages: excess)
    let limits = memory.groups[place].limits
    let over = memory.groups[place].usage - limits.high
    guard over > 0 else { return }
    // `calculate_high_delay` with HZ 250; at most 2 s, and none below 10 ms.
    let overage = UInt64(over) << 20 / UInt64(max(limits.high, 1))
    let square = overage.multipliedReportingOverflow(by: overage)
    let jiffies = square.overflow ? 500 : min(square.partialValue * 250 >> 34, 500)
    guard jiffies > 2 else { return }
    let stall = beginStall()
    rest(until: clock &+ jiffies * 4_000_000_000)
    endStall(stall)
  }
}
