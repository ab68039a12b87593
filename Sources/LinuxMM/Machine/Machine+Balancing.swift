/// NUMA balancing (`kernel/sched/fair.c`): every now and then a part of a process's memory is marked, and the faults on
/// marked pages tell which node uses them; pages follow their users.
///
/// Of the kernel's there is: the marking with its times, the decision about a page, and the adaption of the times. A process
/// is one task, however many threads it has. What concerns tasks is left out, since the model has no scheduler: groups of
/// tasks that share memory (`numa_group`), so that a page that others use too moves after two faults from the same node;
/// moving tasks to their memory; the share of a task's time on each node; memory policies (`mbind`), and tiers of memory
/// (`kernel.numa_balancing` of 2). Pages that wait on a processor's list to become reclaimable do not exist here; the kernel
/// passes such pages over. Marking takes no time.
extension Machine where P: ~Copyable {
  /// `kernel.numa_balancing`: whether memory is marked. Pages that are marked stay so until they are used.
  public var isBalancing: Bool {
    get { balancing.isOn }
    set {
      guard newValue != balancing.isOn else { return }
      balancing.nextTick = newValue ? (clock / Balancing.tick + 1) * Balancing.tick : .max
      balancing.running = nil
    }
  }

  /// Notes who runs from now on.
  ///
  /// - Parameter process: `nil` is whoever accessed memory last on the processor.
  mutating func beginRun(_ process: ProcessIndex?, on processor: Int) {
    var process = process
    if process == nil {
      let runner = spaces.translation.processors.states[processor].runner
      if runner != ProcessorState.nobody { process = ProcessIndex(runner) }
    }
    // Ticks that are due were the former's.
    if clock >= balancing.nextTick { tickBalancing() }
    guard process != balancing.running || processor != balancing.processor else { return }
    if let former = balancing.running { addRunTime(former, until: clock) }
    balancing.running = process
    balancing.processor = processor
    balancing.runningSince = clock
  }

  private mutating func addRunTime(_ process: ProcessIndex, until time: UInt64) {
    guard time > balancing.runningSince else { return }
    processes[process.rawValue].balance.runTime += time - balancing.runningSince
    balancing.runningSince = time
  }

  /// Carries out the ticks that are due.
  @inline(never)
  mutating func tickBalancing() {
    while clock >= balancing.nextTick {
      let time = balancing.nextTick
      balancing.nextTick += Balancing.tick
      guard let process = balancing.running, processes[process.rawValue].isAlive else {
        balancing.nextTick = (clock / Balancing.tick + 1) * Balancing.tick
        return
      }
      addRunTime(process, until: time)
      tick(process, time / Balancing.tick)
    }
  }

  /// A tick of a process (`task_tick_numa`).
  private mutating func tick(_ process: ProcessIndex, _ now: UInt64) {
    var balance = processes[process.rawValue].balance
    noteNode(process, &balance)
    let period = self.period(balance) * 1_000_000_000
    guard balance.runTime > balance.stamp + period else {
      processes[process.rawValue].balance = balance
      return
    }
    let space = processes[process.rawValue].space
    if balance.stamp == 0 { balance.period = shortestPeriod(space) }
    balance.stamp += period
    if now >= spaces.descriptors[space.rawValue].balance.nextScan { scan(space, &balance, now) }
    processes[process.rawValue].balance = balance
  }

  /// Begins with short periods again if a process has gone to another node (`update_scan_period`), unless it has come to
  /// the one it prefers or was away from that before.
  private func noteNode(_ process: ProcessIndex, _ balance: inout TaskBalance) {
    let node = self.node(of: balancing.processor)
    let former = balance.node
    balance.node = node
    guard let former, former != node, balance.hasFaulted else { return }
    if balance.passes > 0 {
      if node == balance.preferredNode || balance.preferredNode != nil && former != balance.preferredNode { return }
    }
    balance.period = shortestPeriod(processes[process.rawValue].space)
  }

  /// Marks more of a process's memory if it is time (`task_numa_work`).
  private mutating func scan(_ space: SpaceIndex, _ balance: inout TaskBalance, _ now: UInt64) {
    if spaces.descriptors[space.rawValue].balance.nextScan == 0 {
      spaces.descriptors[space.rawValue].balance.nextScan =
        now + Balancing.ticks(milliseconds: balancing.settings.scanDelay)
    }
    guard now >= spaces.descriptors[space.rawValue].balance.nextScan else { return }
    spaces.descriptors[space.rawValue].balance.nextScan = now + Balancing.ticks(milliseconds: period(balance))
    // Another of those who share the memory is likely to be the next.
    balance.stamp += 2 * Balancing.tick
    let former = spaces.translation.memory.processor
    spaces.translation.memory.processor = balancing.processor
    let node = self.node(of: balancing.processor)
    spaces.markNext(space, pages: Int(scanPages), from: node)
    spaces.translation.memory.processor = former
  }

  private var scanPages: UInt64 { PageSize.pages(balancing.settings.scanSize << 20) }

  private func period(_ balance: TaskBalance) -> UInt64 {
    balance.period == 0 ? balancing.settings.scanDelay : balance.period
  }

  /// Scans that going through all of a process's memory takes. Linux: `task_nr_scan_windows`.
  private func scanCount(_ space: SpaceIndex) -> UInt64 {
    let resident = UInt64(spaces.descriptors[space.rawValue].resident)
    return resident == 0 ? 1 : (resident + scanPages - 1) / scanPages
  }

  /// The shortest time between two scans in milliseconds, so that no more than 2560 MiB a second are gone through
  /// (`task_scan_min`).
  private func shortestPeriod(_ space: SpaceIndex) -> UInt64 {
    let scans = max(2560 / balancing.settings.scanSize, 1)
    return max(1000 / scans, balancing.settings.shortestPeriod / scanCount(space))
  }

  /// Linux: `task_scan_max`.
  private func longestPeriod(_ space: SpaceIndex) -> UInt64 {
    max(shortestPeriod(space), balancing.settings.longestPeriod / scanCount(space))
  }
}

/// Hint faults.
extension Machine where P: ~Copyable {
  /// Goes on with the fault of a process that ended as ``FaultOutcome/hint`` (`mm/memory.c:do_numa_page`): moves the page to
  /// the node of the processor if it should be there, and makes it accessible.
  @inline(never)
  mutating func takeHintFault(_ process: ProcessIndex) {
    let processor = spaces.translation.memory.processor
    let node = self.node(of: processor)
    let frame = spaces.translation.entry(spaces.hintFault.place).frame
    let from = spaces.translation.memory.node(of: frame)
    let last = spaces.translation.memory.frames[frame.index].lastHinted
    let isLocal = from == node
    spaces.translation.memory.statistics.hintFaults += 1
    var isMoved = false
    var hasFailed = false
    if isLocal {
      spaces.translation.memory.statistics.localHintFaults += 1
    } else if shouldMove(frame, process, on: processor) {
      isMoved = spaces.moveHinted(to: node)
      hasFailed = !isMoved
    }
    if !isMoved { spaces.endHintFault() }
    guard balancing.isOn else { return }
    // Who first faults on a page is taken for its only user.
    let isOwn = last == .none || last.matches(process: process.rawValue)
    var balance = processes[process.rawValue].balance
    balance.hasFaulted = true
    let now = clock / Balancing.tick
    if now > balance.retry { place(process, &balance, now) }
    if isMoved { balance.movedPages += 1 }
    if hasFailed { balance.failedMoves += 1 }
    if isLocal { balance.localFaults += 1 } else { balance.remoteFaults += 1 }
    processes[process.rawValue].balance = balance
    if isOwn {
      balancing[process, isMoved ? node : from].newOwn += 1
    } else {
      balancing[process, isMoved ? node : from].newShared += 1
    }
  }

  /// Whether a page of another node should come to the processor that has just used it (`should_numa_migrate_memory`): at
  /// once while the process is new and nobody else was seen to use the page, else after two faults from the same node.
  private mutating func shouldMove(_ frame: FrameNumber, _ process: ProcessIndex, on processor: Int) -> Bool {
    let last = spaces.translation.memory.frames[frame.index].lastHinted
    spaces.translation.memory.frames[frame.index].lastHinted = HintedTask(process: process.rawValue, on: processor)
    let balance = processes[process.rawValue].balance
    if last == .none || last.matches(process: process.rawValue), balance.preferredNode == nil || balance.passes <= 4 {
      return true
    }
    return last == .none || node(of: last.processor) == node(of: processor)
  }

  /// After each pass over a process's memory, chooses the node that it prefers and adapts the time between scans
  /// (`task_numa_placement`).
  private mutating func place(_ process: ProcessIndex, _ balance: inout TaskBalance, _ now: UInt64) {
    let space = processes[process.rawValue].space
    if balance.passes != spaces.descriptors[space.rawValue].balance.passes {
      balance.passes = spaces.descriptors[space.rawValue].balance.passes
      balance.longestPeriod = longestPeriod(space)
      var best: Int?
      var most = 0
      var shared = 0
      var own = 0
      for node in 0..<balancing.nodeCount {
        var figures = balancing[process, node]
        shared += figures.newShared
        own += figures.newOwn
        figures.shared += figures.newShared - figures.shared / 2
        figures.own += figures.newOwn - figures.own / 2
        figures.newShared = 0
        figures.newOwn = 0
        balancing[process, node] = figures
        if figures.shared + figures.own > most {
          most = figures.shared + figures.own
          best = node
        }
      }
      if let best { balance.preferredNode = nearestWithProcessor(best) }
      adaptPeriod(space, &balance, shared: UInt64(shared), own: UInt64(own), now)
    }
    if balance.preferredNode != nil {
      balance.retry = now + min(Balancing.frequency, Balancing.ticks(milliseconds: period(balance)) / 16)
    }
  }

  private func node(of processor: Int) -> Int { Int(spaces.translation.memory.processorNodes[processor]) }

  private func nearestWithProcessor(_ node: Int) -> Int {
    let topology = spaces.translation.memory.topology
    if topology.hasProcessor(node) { return node }
    var nearest = node
    var least = Int.max
    for other in 0..<topology.nodeCount where topology.hasProcessor(other) {
      let distance = topology.distances[node * topology.nodeCount + other]
      if distance < least {
        least = distance
        nearest = other
      }
    }
    return nearest
  }

  /// Scans less often the more faults were on the own node's memory or on memory of the process's own, and more often
  /// otherwise (`update_task_scan_period`). Where moves have failed, that is not forgotten, as in 6.1.
  ///
  /// - Parameters:
  ///   - shared: faults of the last pass on pages that others use too.
  ///   - own: on other pages.
  private mutating func adaptPeriod(
    _ space: SpaceIndex, _ balance: inout TaskBalance, shared: UInt64, own: UInt64, _ now: UInt64
  ) {
    let period = self.period(balance)
    if balance.localFaults + shared == 0 || balance.failedMoves > 0 {
      balance.period = min(balance.longestPeriod, period * 2)
      spaces.descriptors[space.rawValue].balance.nextScan = now + Balancing.ticks(milliseconds: balance.period)
      return
    }
    // In tenths, of which seven are the goal.
    let slot = Int((period + 9) / 10)
    let locality = Int(balance.localFaults * 10 / max(balance.localFaults + balance.remoteFaults, 1))
    let privacy = Int(own * 10 / max(own + shared, 1))
    let change =
      if privacy >= 7 {
        max(privacy - 7, 1) * slot
      } else if locality >= 7 {
        max(locality - 7, 1) * slot
      } else {
        (max(locality, privacy) - 7) * slot
      }
    let wanted = UInt64(max(Int(period) + change, 0))
    balance.period = min(max(wanted, shortestPeriod(space)), longestPeriod(space))
    balance.remoteFaults = 0
    balance.localFaults = 0
    balance.failedMoves = 0
  }
}

/// What becomes of it when processes begin.
extension Machine where P: ~Copyable {
  /// A fork begins the parent's scans anew (`init_numa_balancing`).
  mutating func noteFork(of parent: ProcessIndex) {
    let space = processes[parent.rawValue].space.rawValue
    guard spaces.descriptors[space].users == 1 else { return }
    spaces.descriptors[space].balance.nextScan =
      clock / Balancing.tick + Balancing.ticks(milliseconds: balancing.settings.scanDelay)
    spaces.descriptors[space].balance.passes = 0
  }

  /// What a child begins with in an address space that is its own or its parent's.
  func balance(ofChildOf parent: ProcessIndex, _ space: SpaceIndex) -> TaskBalance {
    var balance = TaskBalance()
    balance.passes = spaces.descriptors[space.rawValue].balance.passes
    guard processes[parent.rawValue].space == space else { return balance }
    balance.preferredNode = processes[parent.rawValue].balance.preferredNode
    // The kernel takes milliseconds for nanoseconds here, so that little but two ticks remain.
    balance.stamp = longestPeriod(space) * 1000 + 2 * Balancing.tick
    return balance
  }

  /// Forgets where a process's faults were, when it begins another program (`task_numa_free`).
  mutating func forgetHintFaults(of process: ProcessIndex) {
    guard processes[process.rawValue].balance.hasFaulted else { return }
    for node in 0..<balancing.nodeCount {
      balancing[process, node].shared = 0
      balancing[process, node].own = 0
    }
  }
}
