import LinuxMM

/// Carries a stream of events out on a machine: the one consumer of live runs, pipes and recordings.
public struct Replayer: ~Copyable {
  public var machine: SimulatedMachine
  public private(set) var counts = ReplayCounts()
  public private(set) var series = SampleSeries()
  /// In the order they began; a process number that was used again has two entries.
  public internal(set) var processes: [TracedProcess] = []
  /// Paths of the files seen.
  public internal(set) var fileNames: [FileIdentity: String] = [:]
  /// The first accesses that the model could not carry out.
  public private(set) var refusals: [Refusal] = []
  var decoder = SliceDecoder()
  /// The newest entry of `processes` for each process number.
  var numbers: [UInt32: Int] = [:]
  /// Children whose parents have announced them and that have not begun, by parent and token.
  var unborn: [UnbornChild: ProcessIndex] = [:]
  /// Children of processes that the model had killed before.
  var neverBorn: Set<UInt32> = []
  /// System V segments by their number.
  var segments: [UInt64: Segment] = [:]
  private var threadCount = 0
  private var knownKills = 0
  private var processors: [UInt64: Int] = [:]

  struct UnbornChild: Hashable {
    var parent: UInt32
    var token: UInt64
  }

  public init(_ machine: consuming SimulatedMachine) {
    self.machine = machine
    // The program's calls have been granted already, however much memory they ask for.
    self.machine.virtualMemory.overcommitMemory = .always
  }

  /// Numbers of the processes that have not said that they end.
  public var unfinished: [UInt32] {
    processes.filter { $0.exitStatus == nil }.map(\.pid)
  }

  /// The processes that the machine has killed since this was asked last, which must not run on.
  public mutating func takeKilled() -> [UInt32] {
    let events = machine.outOfMemoryEvents
    guard knownKills < events.count else { return [] }
    defer { knownKills = events.count }
    if machine.hasPanicked { return unfinished }
    return events[knownKills...].compactMap { event in
      processes.last { $0.index == event.victim && $0.exitStatus == nil }?.pid
    }
  }

  /// Whether children have been announced that have not said anything yet.
  public var awaitsChildren: Bool { !unborn.isEmpty }

  /// Carries out the slice that begins at `start`.
  ///
  /// - Throws: `damagedSlice`, after which what came before it stays carried out.
  public mutating func consume(_ bytes: [UInt8], at start: Int = 0) throws(TraceError) {
    let header = try SliceDecoder.header(bytes, at: start)
    decoder.begin(header, at: start)
    counts.slices += 1
    counts.accesses += UInt64(header.accesses)
    counts.fetches += UInt64(header.fetches)
    counts.instructions += header.instructions
    let processor = processor(of: header)
    var number = numbers[header.process]
    machine.advance(
      accesses: UInt64(header.accesses) + UInt64(header.fetches), instructions: header.instructions,
      of: number.map { processes[$0].index }, on: processor)
    machine.processor = processor
    if let number { processes[number].pendingUntraced = nil }
    while true {
      switch try decoder.item(bytes) {
      case .access(let page, let kind):
        counts.listed += 1
        guard let number else {
          noteStranger(header.process)
          continue
        }
        let result = machine.access(processes[number].index, page, kind, on: processor)
        if result != .done { note(result, number, page.address, kind) }
      case .event(let kind):
        if kind == .image || kind == .forked {
          try begin(kind, header.process)
          number = numbers[header.process]
          continue
        }
        guard let number else {
          noteStranger(header.process)
          continue
        }
        try handle(kind, number, on: processor)
      case .end:
        if let number {
          processes[number].accesses += UInt64(header.accesses)
          processes[number].instructions += header.instructions
          processes[number].threads.insert(header.thread)
        }
        if series.isDue(machine.nanoseconds) { sample() }
        return
      }
    }
  }

  /// Ends all processes that have not said so themselves, as a kernel does that goes down, and takes a last sample.
  public mutating func finish() {
    machine.advance(accesses: 0, instructions: 0)
    sample()
    for number in processes.indices {
      if let path = processes[number].pendingUntraced { processes[number].untraced.append(path) }
    }
    unborn = [:]
    machine.exitAll()
  }

  /// Tells the machine the paths of the files that its processes use, for its views.
  public mutating func nameFiles() {
    for (identity, path) in fileNames { machine.setName(of: identity, Array(path.utf8)) }
  }

  /// Ends a process that was seen to be dead without having said so.
  public mutating func end(pid: UInt32, status: Int32) {
    guard let number = numbers[pid] else { return }
    if processes[number].exitStatus == nil {
      processes[number].exitStatus = status
      processes[number].endedUnseen = true
    }
    machine.exit(processes[number].index)
  }

  /// Counts an access that the model could not carry out, and keeps the first ones.
  mutating func note(
    _ result: AccessResult, _ number: Int, _ address: VirtualAddress, _ kind: AccessKind
  ) {
    guard case .refused(let outcome) = result else { return }
    counts.refusedAccesses += 1
    if refusals.count < 8 {
      refusals.append(
        Refusal(
          pid: processes[number].pid, address: address, kind: kind, outcome: outcome,
          nanoseconds: machine.nanoseconds))
    }
  }

  mutating func noteDivergence() { counts.divergedCalls += 1 }

  /// Counts an event of a process that the model does not have.
  private mutating func noteStranger(_ pid: UInt32) {
    if neverBorn.contains(pid) { counts.eventsOfNeverBorn += 1 } else { counts.orphans += 1 }
  }

  mutating func noteOrphan() { counts.orphans += 1 }

  mutating func noteCall() { counts.systemCalls += 1 }

  /// Threads are spread over the processors in the order they appear and stay there.
  private mutating func processor(of header: SliceHeader) -> Int {
    let key = UInt64(header.process) << 32 | UInt64(header.thread)
    if let known = processors[key] { return known }
    let processor = threadCount % machine.configuration.processors
    threadCount += 1
    processors[key] = processor
    return processor
  }

  private mutating func sample() {
    var resident = 0
    for traced in processes where traced.exitStatus == nil {
      let process = machine.process(traced.index)
      if process.isAlive { resident += process.resident }
    }
    var sample = Sample(
      nanoseconds: machine.nanoseconds, resident: resident, free: machine.frameAccount.free,
      cached: machine.frameAccount.cached, swapUsed: machine.swapUsed, faults: 0, majorFaults: 0)
    sample.faults = machine.faultCount
    sample.majorFaults = machine.majorFaultCount
    series.add(sample)
  }
}
