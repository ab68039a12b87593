/// The out-of-memory killer (`mm/oom_kill.c`).
extension Machine where P: ~Copyable {
  /// Sets how much sooner or later than others a process is killed: `/proc/PID/oom_score_adj`.
  ///
  /// - Parameter adjustment: -1000, which protects it, to 1000; thousandths of all memory.
  /// - Throws: `EINVAL` beyond that.
  @_specialize(where P == SimulatedPlatform)
  public mutating func setOutOfMemoryAdjustment(_ process: ProcessIndex, _ adjustment: Int) throws(Errno) {
    guard (-1000...1000).contains(adjustment) else { throw .EINVAL }
    processes[process.rawValue].outOfMemoryAdjustment = Int16(adjustment)
  }

  /// What the killer goes by: pages in memory and in swap, page tables, and the adjustment (`oom_badness`).
  ///
  /// - Returns: `nil` for a process that is not to be killed.
  public func badness(_ process: ProcessIndex) -> Int? { badness(process, of: allPages) }

  /// - Parameter total: the pages that the adjustment is a part of.
  private func badness(_ process: ProcessIndex, of total: Int) -> Int? {
    let state = processes[process.rawValue]
    guard state.isAlive, state.outOfMemoryAdjustment != -1000 else { return nil }
    let descriptor = spaces.descriptors[state.space.rawValue]
    return descriptor.resident + descriptor.swapped + descriptor.tables
      + Int(state.outOfMemoryAdjustment) * (total / 1000)
  }

  /// RAM and swap, in pages.
  private var allPages: Int { spaces.memory.managedFrames + spaces.swap.total }

  /// `/proc/PID/oom_score` (`fs/proc/base.c:proc_oom_score`).
  public func outOfMemoryScore(_ process: ProcessIndex) -> Int {
    guard let badness = badness(process) else { return 0 }
    return (1000 + badness * 1000 / max(allPages, 1)) * 2 / 3
  }

  /// Kills the process with the most points and takes its memory back; the later one of several (`out_of_memory`).
  ///
  /// With nobody left that may be killed the machine panics: nothing runs on it any more.
  ///
  /// - Returns: whether there was anyone to kill.
  @discardableResult
  mutating func killForMemory(invoker: ProcessIndex) -> Bool {
    guard !hasPanicked else { return false }
    let group = spaces.fullGroup
    spaces.fullGroup = 0
    let settings = spaces.reclaimSettings
    if settings.panicsOnOutOfMemory == 2 || (settings.panicsOnOutOfMemory == 1 && group == 0) { return panic(invoker) }
    var total = allPages
    if group != 0 {
      let limits = spaces.memory.groups[UInt32(group)].limits
      total = max(limits.maximum + (settings.swappiness > 0 ? min(limits.swapMaximum, spaces.swap.total) : 0), 1)
    }
    var victim: ProcessIndex?
    var most = 0
    if group == 0 && settings.killsAllocatingTask, let points = badness(invoker, of: total) {
      victim = invoker
      most = points
    } else {
      var number: UInt32 = 0
      while Int(number) < processes.limit {
        if spaces.memory.isGroup(processes[number].group, within: group),
          let points = badness(ProcessIndex(number), of: total), victim == nil || points >= most
        {
          victim = ProcessIndex(number)
          most = points
        }
        number += 1
      }
    }
    guard let victim else {
      if group == 0 { return panic(invoker) }
      // Nobody in the group may be killed: the request goes beyond the limit.
      spaces.forcesCharge = true
      return false
    }
    let text = outOfMemoryText(invoker: invoker, victim: victim, group: group)
    kill(victim, invoker: invoker, points: most)
    outOfMemoryEvents[outOfMemoryEvents.count - 1].text = text
    killGroup(of: victim, within: group, invoker: invoker)
    return true
  }

  private mutating func kill(_ victim: ProcessIndex, invoker: ProcessIndex, points: Int) {
    note(.kill, invoker: invoker, victim: victim, points: points)
    spaces.memory.statistics.outOfMemoryKills += 1
    var group = processes[victim.rawValue].group
    while group != 0 {
      spaces.memory.groups[UInt32(group)].events.kills += 1
      group = spaces.memory.groups[UInt32(group)].parent
    }
    processes[victim.rawValue].outOfMemoryKilled = true
    leaveSpace(victim)
  }

  /// Kills all processes of the highest group above the victim that wants to go as a whole (`mem_cgroup_get_oom_group`).
  private mutating func killGroup(of victim: ProcessIndex, within top: UInt16, invoker: ProcessIndex) {
    var group = processes[victim.rawValue].group
    var whole: UInt16 = 0
    while group != 0 {
      if spaces.memory.groups[UInt32(group)].limits.killsTogether { whole = group }
      if group == top { break }
      group = spaces.memory.groups[UInt32(group)].parent
    }
    guard whole != 0 else { return }
    spaces.memory.groups[UInt32(whole)].events.groupKills += 1
    var number: UInt32 = 0
    while Int(number) < processes.limit {
      let process = ProcessIndex(number)
      if processes[number].isAlive, processes[number].outOfMemoryAdjustment != -1000,
        spaces.memory.isGroup(processes[number].group, within: whole)
      {
        kill(process, invoker: invoker, points: badness(process) ?? 0)
      }
      number += 1
    }
  }

  /// Ends all that runs.
  private mutating func panic(_ invoker: ProcessIndex) -> Bool {
    hasPanicked = true
    note(.panic, invoker: invoker, victim: invoker, points: 0)
    outOfMemoryEvents[outOfMemoryEvents.count - 1].text = outOfMemoryText(invoker: invoker, victim: nil, group: 0)
    exitAll()
    return false
  }

  private mutating func note(
    _ end: OutOfMemoryEvent.End, invoker: ProcessIndex, victim: ProcessIndex, points: Int
  ) {
    let space = processes[victim.rawValue].space
    let descriptor = space == .none ? nil : spaces.descriptors[space.rawValue]
    outOfMemoryEvents.append(
      OutOfMemoryEvent(
        nanoseconds: nanoseconds, end: end, invoker: invoker, victim: victim, points: points,
        adjustment: Int(processes[victim.rawValue].outOfMemoryAdjustment),
        anonymousPages: descriptor?.anonymousResident ?? 0, filePages: descriptor?.fileResident ?? 0,
        sharedPages: descriptor?.sharedResident ?? 0, swappedPages: descriptor?.swapped ?? 0,
        tablePages: descriptor?.tables ?? 0, freePages: spaces.memory.freeFrames,
        freeSwapPages: spaces.swap.free))
  }
}
