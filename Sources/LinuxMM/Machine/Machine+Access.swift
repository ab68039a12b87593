/// How an access of a program ended.
public enum AccessResult: Equatable, Sendable {
  case done
  /// The model would have sent SIGSEGV or SIGBUS.
  case refused(FaultOutcome)
  /// The access waits for a userfaultfd: it can be made again when that has supplied the page.
  case waiting(UserFault)
  /// The access waits for a disk: it can be made again at this time, in nanoseconds since boot. Only where
  /// ``Machine/sharesTime`` is set.
  case reading(until: UInt64)
  /// The process is dead: the machine killed it for want of memory, now or before.
  case killed
}

extension Machine where P: ~Copyable {
  /// Carries out one access of a process on a processor: translation, fault, and the access again.
  ///
  /// - Complexity: O(1) when the page is mapped.
  @inline(__always)
  mutating func carryOut(
    _ process: ProcessIndex, _ page: VirtualPage, _ kind: AccessKind, on processor: Int
  ) -> AccessResult {
    if spaces.translation.processors.states[processor].runner != process.rawValue && !run(process, on: processor) {
      return .killed
    }
    let view = spaces.translation.processors.view(processor)
    let held = spaces.translation.processors.findFirst(page, kind, view)
    if spaces.translation.processors.permitsUser(held, kind) { return .done }
    var found = PageTranslation(rawValue: 0)
    return search(process, page, kind, view, on: processor, held: held, &found)
  }

  /// Switches a processor to a process.
  ///
  /// - Returns: whether the process is alive.
  @inline(never)
  private mutating func run(_ process: ProcessIndex, on processor: Int) -> Bool {
    let space = processes[process.rawValue].space
    guard space != .none else {
      eventsAfterKill += 1
      return false
    }
    spaces.translation.processors.load(spaces.descriptors[space.rawValue].context, on: processor)
    spaces.translation.processors.states[processor].runner = process.rawValue
    return true
  }

  /// Translates an access that the first level does not have or permit, and notes whose it is.
  ///
  /// - Parameters:
  ///   - held: what the first level said.
  ///   - found: the page, if the access succeeds.
  @inline(never)
  private mutating func search(
    _ process: ProcessIndex, _ page: VirtualPage, _ kind: AccessKind, _ view: BufferView, on processor: Int,
    held: Int, _ found: inout PageTranslation
  ) -> AccessResult {
    attribute(process, page)
    let context = spaces.descriptors[processes[process.rawValue].space.rawValue].context
    let translated = spaces.translation.translate(page, kind, .user, context, view, held: held)
    found = translated.page
    if translated.outcome == .done { return .done }
    return resolve(process, page, kind, present: translated.outcome.isProtectionFault, on: processor, &found)
  }

  /// Resolves the fault of an access and repeats it.
  @inline(never)
  private mutating func resolve(
    _ process: ProcessIndex, _ page: VirtualPage, _ kind: AccessKind, present: Bool, on processor: Int,
    _ found: inout PageTranslation
  ) -> AccessResult {
    spaces.translation.memory.processor = processor
    var present = present
    // A write may fault twice: to bring the page, then to make it writable. Reclaim for the second may take it again.
    for _ in 0..<64 {
      let outcome = fault(process, page, kind, present: present)
      if outcome != .done { return outcome }
      let context = spaces.descriptors[processes[process.rawValue].space.rawValue].context
      spaces.translation.processors.load(context, on: processor)
      let translated = spaces.translation.translateAgain(page, kind, context, on: processor)
      found = translated.page
      if translated.outcome == .done { return .done }
      present = translated.outcome.isProtectionFault
    }
    preconditionFailure("a fault was resolved and comes back")
  }

  /// Takes one page fault of the program, killing processes as long as memory is missing for it.
  ///
  /// - Parameter present: whether the processor found a page that may not be used so.
  mutating func fault(
    _ process: ProcessIndex, _ page: VirtualPage, _ kind: AccessKind, present: Bool = false
  ) -> AccessResult {
    letReclaimersRun()
    if spaces.isThrashing {
      spaces.isThrashing = false
      killForMemory(invoker: process)
    }
    while true {
      let space = processes[process.rawValue].space
      guard space != .none else { return .killed }
      spaces.run(in: processes[process.rawValue].group)
      if spaces.isGroupHigh { spaces.reclaimHigh(spaces.currentGroup) }
      spaces.leavesWaits = sharesTime
      let outcome = spaces.handleFault(
        space, page, kind, present: present, recently: recentArea(process, page), processes[process.rawValue].caller)
      spaces.leavesWaits = false
      if case .reading(let end, let isMajor) = outcome {
        if isMajor { processes[process.rawValue].owesMajorFault = true }
        return .reading(until: nanoseconds(end))
      }
      if case .watched(let watcher, let reason) = outcome {
        return wait(UserFault(watcher: watcher, process: process, page: page, kind: kind, reason: reason))
      }
      if let result = count(process, outcome) { return result }
    }
  }

  /// The same for a page of a known area that the kernel brings by itself.
  mutating func resolve(
    _ process: ProcessIndex, _ space: SpaceIndex, _ area: UInt32, _ page: VirtualPage, writes: Bool
  ) -> AccessResult {
    while true {
      guard processes[process.rawValue].space == space else { return .killed }
      let outcome = spaces.resolve(space, area, page, writes: writes)
      // The kernel comes back after the reading as if for the first time.
      if outcome == .major { return count(process, .minor)! }
      if let result = count(process, outcome) { return result }
    }
  }

  /// Lets the background reclaimers do what requests asked them for.
  @inline(__always)
  mutating func letReclaimersRun() {
    if spaces.nextStep <= clock || spaces.memory.isReclaimerWanted { runReclaimers() }
  }

  @inline(never)
  private mutating func runReclaimers() {
    spaces.stepReclaimers()
    noteWaits()
  }

  /// Takes the time that was waited for disks from what the present process has run.
  mutating func noteWaits() {
    balancing.runningSince &+= spaces.waited
    spaces.waited = 0
  }

  /// Counts a fault (`mm/memory.c:mm_account_fault`).
  ///
  /// - Returns: `nil` if it is to be taken again, after a process was killed for its memory.
  private mutating func count(_ process: ProcessIndex, _ outcome: FaultOutcome) -> AccessResult? {
    switch outcome {
    case .hint:
      takeHintFault(process)
      processes[process.rawValue].minorFaults += 1
      clock &+= configuration.costs.fault
      return .done
    case .minor, .major:
      let isMajor = outcome == .major || processes[process.rawValue].owesMajorFault
      if isMajor {
        processes[process.rawValue].owesMajorFault = false
        processes[process.rawValue].majorFaults += 1
        noteWaits()
      } else {
        processes[process.rawValue].minorFaults += 1
      }
      clock &+= configuration.costs.fault
      return .done
    case .outOfMemory:
      killForMemory(invoker: process)
      return nil
    case .notMapped, .notPermitted, .beyondEndOfFile, .unreadable, .refusedByWatcher, .watched, .reading:
      processes[process.rawValue].refusedAccesses += 1
      return .refused(outcome)
    }
  }

  /// Adds the cost of translations since the last call to the clock.
  mutating func payForTranslation() {
    let statistics = spaces.translation.processors.statistics
    let hits = statistics.secondLevelHits - paidSecondLevelHits
    let references = statistics.walkReferences - paidWalkReferences
    clock &+=
      hits &* configuration.costs.secondLevelHit &+ references &* configuration.costs.walkReference
    paidSecondLevelHits = statistics.secondLevelHits
    paidWalkReferences = statistics.walkReferences
  }

  mutating func spendDisk(pages: Int, requests: Int) {
    let time =
      UInt64(requests) * configuration.costs.diskRequest
      + UInt64(pages) * configuration.costs.diskPage
    clock &+= time
    balancing.runningSince &+= time
  }

  /// Touches a range of memory as the kernel does on the program's behalf in a system call. Where Linux would let the call
  /// wait for a userfaultfd, it fails: the machine cannot stop in the middle of a call. For disks it waits.
  ///
  /// - Returns: the first result that is not `.done`, at which it stops.
  public mutating func touch(
    _ process: ProcessIndex, _ address: VirtualAddress, length: UInt64, writes: Bool,
    on processor: Int
  ) -> AccessResult {
    guard length > 0, address.rawValue < configuration.pageTables.userEnd.address.rawValue else { return .done }
    let shares = sharesTime
    sharesTime = false
    defer { sharesTime = shares }
    let last = min(
      (address.rawValue &+ (length - 1)) >> UInt64(PageSize.shift), configuration.pageTables.userEnd.rawValue)
    var page = address.page
    while page.rawValue <= last {
      spaces.translation.processors.statistics.accesses += 1
      let result = carryOut(process, page, writes ? .write : .read, on: processor)
      if case .waiting(let fault) = result { endWait(fault) }
      if result != .done { return result }
      page = page + 1
    }
    return .done
  }

  /// Counts accesses that hit a first-level translation buffer and were not listed one by one, and the
  /// instructions that went with them.
  ///
  /// - Parameters:
  ///   - process: whose they are; if not given, of whoever accessed memory last on the processor.
  ///   - processor: where they ran; ``processor`` if not given.
  public mutating func advance(
    accesses: UInt64, instructions: UInt64, of process: ProcessIndex? = nil, on processor: Int? = nil
  ) {
    payForTranslation()
    if let process {
      spaces.run(in: processes[process.rawValue].group)
      if spaces.memory.hasGenerations { spaces.noteRun(processes[process.rawValue].space) }
    }
    if balancing.isOn { beginRun(process, on: processor ?? self.processor) }
    spaces.translation.processors.statistics.accesses += accesses
    clock &+= instructions &* configuration.costs.instruction
    if clock >= nextCompaction { stepCompactors() }
    if clock >= spaces.nextFlush { spaces.writeExpired() }
    letReclaimersRun()
    if clock >= balancing.nextTick { tickBalancing() }
  }

  /// Lets time pass in which no program runs.
  ///
  /// - Parameter time: in nanoseconds since boot.
  @_specialize(where P == SimulatedPlatform)
  public mutating func rest(until time: UInt64) {
    spaces.rest(until: time &* 1000)
    noteWaits()
    advance(accesses: 0, instructions: 0)
  }

  /// What the background compactors do twice a second (`mm/compaction.c:kcompactd`).
  @inline(never)
  private mutating func stepCompactors() {
    nextCompaction = clock &+ 500_000_000_000
    for node in 0..<spaces.translation.memory.nodeCount { spaces.stepCompactor(node: node) }
  }
}

extension Machine where P == SimulatedPlatform {
  /// The frame that an access of a process reaches on a processor, with all that the access does; `nil` if it does not
  /// succeed. It is not counted, see ``advance(accesses:instructions:)``.
  public mutating func translate(
    _ process: ProcessIndex, _ page: VirtualPage, _ kind: AccessKind, on processor: Int
  ) -> FrameNumber? {
    if spaces.translation.processors.states[processor].runner != process.rawValue && !run(process, on: processor) {
      return nil
    }
    let view = spaces.translation.processors.view(processor)
    let held = spaces.translation.processors.findFirst(page, kind, view)
    if spaces.translation.processors.permitsUser(held, kind) {
      return spaces.translation.processors.entries.translation(held).frame
    }
    var found = PageTranslation(rawValue: 0)
    guard search(process, page, kind, view, on: processor, held: held, &found) == .done else { return nil }
    return found.frame + Int(page.rawValue & (spaces.translation.geometry.span(found.size) - 1))
  }

  /// One access of a process on a processor; it is not counted, see ``advance(accesses:instructions:)``.
  public mutating func access(
    _ process: ProcessIndex, _ page: VirtualPage, _ kind: AccessKind, on processor: Int
  ) -> AccessResult {
    carryOut(process, page, kind, on: processor)
  }
}
