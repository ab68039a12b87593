/// When processes make no progress for want of memory (`kernel/sched/psi.c`, `psi_memstall_enter`).
///
/// One process runs at a time: it makes progress, it is stalled, or it waits for something else. Those that were left waiting
/// for a page are stalled until that is read.
extension AddressSpaces where P: ~Copyable {
  /// Notes whose group runs from now on, and is charged for page tables and pages of files.
  @inline(__always)
  mutating func run(in group: UInt16) {
    currentGroup = group
    translation.memory.tableGroup = group
    if stalls.running != group { switchRunning(to: group) }
  }

  @inline(never)
  private mutating func switchRunning(to group: UInt16?) {
    endWaits()
    if let old = stalls.running { forEachAccount(old) { $0.changeProductive(by: -1, at: $1) } }
    if let group { forEachAccount(group) { $0.changeProductive(by: 1, at: $1) } }
    stalls.running = group
  }

  /// Notes that whoever runs has to make room first.
  ///
  /// - Returns: whether it made progress till then, and ``endStall(_:)`` is to be told.
  mutating func beginStall() -> Bool {
    guard !stalls.isStalled else { return false }
    stalls.isStalled = true
    stalls.resumes = stalls.running
    switchRunning(to: nil)
    forEachAccount(currentGroup) { $0.changeStalled(by: 1, at: $1) }
    return true
  }

  mutating func endStall(_ hasBegun: Bool) {
    guard hasBegun else { return }
    endWaits()
    forEachAccount(currentGroup) { $0.changeStalled(by: -1, at: $1) }
    stalls.isStalled = false
    switchRunning(to: stalls.resumes)
  }

  /// Notes that whoever runs waits for something else than memory, or nobody runs.
  ///
  /// - Returns: who runs then, for ``endIdle(_:)``.
  mutating func beginIdle() -> UInt16? {
    let running = stalls.running
    if running != nil { switchRunning(to: nil) }
    return running
  }

  mutating func endIdle(_ running: UInt16?) {
    if running != nil { switchRunning(to: running) }
  }

  /// Notes that a process of the present group was left waiting for a page: it is stalled if the page had been taken from
  /// those in use (`folio_wait_bit_common`).
  mutating func leaveStalled(on frame: FrameNumber, until end: UInt64) {
    switchRunning(to: nil)
    guard memory.frames[frame.index].flags.contains(.workingSet) else { return }
    forEachAccount(currentGroup) { $0.changeStalled(by: 1, at: $1) }
    var place = stalls.waits.count
    while place > 0 && stalls.waits[place - 1].end < end { place -= 1 }
    stalls.waits.insert((end, currentGroup), at: place)
  }

  /// Ends the stalls of those left waiting whose pages have come.
  private mutating func endWaits() {
    while let wait = stalls.waits.last, wait.end <= clock {
      stalls.waits.removeLast()
      forEachAccount(wait.group, at: wait.end) { $0.changeStalled(by: -1, at: $1) }
    }
  }

  /// Notes that a background reclaimer works: the machine as a whole is short of memory.
  mutating func changeBackgroundStall(by change: Int32) {
    endWaits()
    makeAccounts(0)
    stalls.accounts[0].changeStalled(by: change, at: clock)
  }

  /// The same of one that has another processor for itself.
  mutating func addBackgroundStall(_ time: UInt64) {
    endWaits()
    makeAccounts(0)
    stalls.accounts[0].addSome(time, at: clock)
  }

  /// The figures of a group, those of the root for the machine.
  mutating func pressure(of group: UInt16) -> PressureFigures {
    endWaits()
    makeAccounts(group)
    stalls.accounts[Int(group)].settle(at: clock)
    return stalls.accounts[Int(group)].figures
  }

  private mutating func makeAccounts(_ group: UInt16) {
    while stalls.accounts.count <= Int(group) {
      var account = StallAccount()
      account.settle(at: clock)
      stalls.accounts.append(account)
    }
  }

  /// Changes the accounts of a group and those above it.
  @inline(__always)
  private mutating func forEachAccount(
    _ group: UInt16, at time: UInt64? = nil, _ change: (inout StallAccount, UInt64) -> Void
  ) {
    makeAccounts(group)
    let now = time ?? clock
    var group = group
    while true {
      change(&stalls.accounts[Int(group)], now)
      if group == 0 { return }
      group = memory.groups[UInt32(group)].parent
    }
  }
}
