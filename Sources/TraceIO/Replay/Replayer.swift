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
  /// The newest entry of `processes` for each process of each program.
  var numbers: [ProcessKey: Int] = [:]
  /// Processes that wait for a disk while others run, in the order they began to wait.
  var waits: [ProcessWait] = []
  /// The program whose slice is being carried out.
  var program = 0
  /// How long each program has run, in nanoseconds.
  var times: [Int: UInt64] = [:]
  /// The control groups that programs begin in, where it is not the machine's own.
  public var groups: [Int: GroupIndex] = [:]
  /// Children whose parents have announced them and that have not begun, by parent and token.
  var unborn: [UnbornChild: ProcessIndex] = [:]
  /// Children of processes that the model had killed before.
  var neverBorn: Set<ProcessKey> = []
  /// System V segments by their number.
  var segments: [UInt64: Segment] = [:]
  /// Processes that have begun and not ended.
  private(set) var running = 0
  private var threadCount = 0
  private var knownKills = 0
  private var processors: [ThreadKey: Int] = [:]

  /// A process by its number, which those of other programs may have too.
  struct ProcessKey: Hashable {
    var program: Int
    var pid: UInt32
  }

  private struct ThreadKey: Hashable {
    var process: ProcessKey
    var thread: UInt32
  }

  struct UnbornChild: Hashable {
    var parent: ProcessKey
    var token: UInt64
  }

  public init(_ machine: consuming SimulatedMachine) {
    self.machine = machine
    // The program's calls have been granted already, however much memory they ask for.
    self.machine.virtualMemory.overcommitMemory = .always
  }

  /// Numbers of a program's processes that have not said that they end.
  public func unfinished(of program: Int = 0) -> [UInt32] {
    processes.filter { $0.exitStatus == nil && $0.program == program }.map(\.pid)
  }

  /// The processes that the machine has killed since this was asked last, which must not run on.
  public mutating func takeKilled() -> [TracedProcess] {
    let events = machine.outOfMemoryEvents
    guard knownKills < events.count else { return [] }
    defer { knownKills = events.count }
    if machine.hasPanicked { return processes.filter { $0.exitStatus == nil } }
    return events[knownKills...].compactMap { event in
      processes.last { $0.index == event.victim && $0.exitStatus == nil }
    }
  }

  /// Whether children of a program have been announced that have not said anything yet.
  public func awaitsChildren(of program: Int = 0) -> Bool { unborn.contains { $0.key.parent.program == program } }

  /// Takes the slice that begins at `start`, and carries it out unless its process waits for a disk: then it comes after that.
  ///
  /// - Parameter program: whose it is, where several run on the machine.
  /// - Throws: `damagedSlice`, after which what came before it stays carried out.
  public mutating func consume(_ bytes: [UInt8], at start: Int = 0, of program: Int = 0) throws(TraceError) {
    let header = try SliceDecoder.header(bytes, at: start)
    if !waits.isEmpty, try queue(bytes, at: start, header, of: program) { return }
    try carryOut(bytes, at: start, header, of: program)
  }

  /// Carries out a slice, or as much as there is until its process has to wait.
  mutating func carryOut(
    _ bytes: [UInt8], at start: Int, _ header: SliceHeader, of program: Int
  ) throws(TraceError) {
    self.program = program
    let begin = machine.nanoseconds
    defer { times[program, default: 0] += machine.nanoseconds - begin }
    decoder.begin(header, at: start)
    counts.slices += 1
    counts.accesses += UInt64(header.accesses)
    counts.fetches += UInt64(header.fetches)
    counts.instructions += header.instructions
    let processor = processor(of: header)
    let number = numbers[ProcessKey(program: program, pid: header.process)]
    machine.advance(
      accesses: UInt64(header.accesses) + UInt64(header.fetches), instructions: header.instructions,
      of: number.map { processes[$0].index }, on: processor)
    machine.processor = processor
    if let number { processes[number].pendingUntraced = nil }
    try goOn(SliceRest(bytes: bytes, header: header, processor: processor), number)
  }

  /// Carries out what is left of the slice in the decoder.
  ///
  /// - Parameter number: the entry of its process, if that has begun.
  mutating func goOn(_ rest: SliceRest, _ number: Int?) throws(TraceError) {
    var number = number
    while true {
      let step: ProcessStep
      switch try decoder.item(rest.bytes) {
      case .access(let page, let kind):
        counts.listed += 1
        // A slice may take long; to look at the clock each time would, too.
        if counts.listed & 31 == 0, series.isDue(machine.nanoseconds) { sample() }
        guard number != nil else {
          noteStranger(rest.header.process)
          continue
        }
        step = .access(page, kind)
      case .event(let kind):
        if kind == .image || kind == .forked {
          try begin(kind, rest.header.process)
          number = numbers[ProcessKey(program: program, pid: rest.header.process)]
          continue
        }
        guard let number else {
          noteStranger(rest.header.process)
          continue
        }
        guard let reading = try handle(kind, number, on: rest.processor) else { continue }
        step = reading
      case .end:
        if let number {
          processes[number].accesses += UInt64(rest.header.accesses)
          processes[number].instructions += rest.header.instructions
          processes[number].threads.insert(rest.header.thread)
        }
        if series.isDue(machine.nanoseconds) { sample() }
        return
      }
      if let wait = take(step, number!, on: rest.processor) { return suspend(number!, rest, wait) }
    }
  }

  /// Ends all processes that have not said so themselves, as a kernel does that goes down, and takes a last sample.
  public mutating func finish() {
    // What a damaged slice leaves is lost as that of a damaged stream.
    try? endWaits()
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
  public mutating func end(pid: UInt32, status: Int32, of program: Int = 0) {
    guard let number = numbers[ProcessKey(program: program, pid: pid)] else { return }
    try? endWait(of: number)
    if processes[number].exitStatus == nil {
      processes[number].exitStatus = status
      processes[number].endedUnseen = true
      count(processes: -1)
    }
    machine.exit(processes[number].index)
  }

  /// Notes that a process has begun, or ended: others can run while it waits.
  mutating func count(processes change: Int) {
    running += change
    machine.sharesTime = running > 1
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
    if neverBorn.contains(ProcessKey(program: program, pid: pid)) {
      counts.eventsOfNeverBorn += 1
    } else {
      counts.orphans += 1
    }
  }

  mutating func noteOrphan() { counts.orphans += 1 }

  mutating func noteCall() { counts.systemCalls += 1 }

  /// Threads are spread over the processors in the order they appear and stay there.
  private mutating func processor(of header: SliceHeader) -> Int {
    let key = ThreadKey(process: ProcessKey(program: program, pid: header.process), thread: header.thread)
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
    let pressure = machine.pressure()
    let reclaim = machine.reclaimCounts
    series.add(
      Sample(
        nanoseconds: machine.nanoseconds, resident: resident, free: machine.frameAccount.free,
        cached: machine.frameAccount.cached, swapUsed: machine.swapUsed, faults: machine.faultCount,
        majorFaults: machine.majorFaultCount, scanned: reclaim.scanned, stolen: reclaim.stolen,
        someStalled: pressure.some.totalNanoseconds, allStalled: pressure.full.totalNanoseconds))
  }
}
