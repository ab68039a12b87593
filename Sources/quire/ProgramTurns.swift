import LinuxMM
import Reporting
import TraceIO

/// Programs that share a machine: each gets its turn by the time it has run, as a fair scheduler would have it, and those
/// that wait for a disk let the others go first.
struct ProgramTurns: ~Copyable {
  let streams: [ProgramStream]
  private let groups: [(path: String, index: GroupIndex)]
  /// Looks in vain since the last slice.
  private var idle = 0

  /// Looks in vain after which a program is taken to sleep: some 20 milliseconds, and seconds if it seems to work.
  private static let shortSleep = 100
  private static let longestSleep = 20_000

  /// - Throws: what is wrong with a program or a recording, before any of them starts.
  init(_ workload: Workload, _ replayer: inout Replayer, listsAll: Bool) throws {
    streams = try workload.programs.map { try ProgramStream($0, listsAll: listsAll) }
    var groups: [(path: String, index: GroupIndex)] = []
    // The group that flags describe has no name of its own.
    if replayer.machine.groupOfPrograms != .root { groups.append(("/", replayer.machine.groupOfPrograms)) }
    for (path, limits) in workload.groups {
      let parent = path.lastIndex(of: "/").map { String(path[..<$0]) }
      let above = groups.first { $0.path == parent ?? "/" }?.index ?? .root
      if let index = replayer.machine.makeGroup(below: above, limits) { groups.append((path, index)) }
    }
    for (number, program) in workload.programs.enumerated() {
      if let path = program.group { replayer.groups[number] = groups.first { $0.path == path }?.index }
    }
    for (path, index) in groups {
      replayer.machine.setPath(of: index, Array((path.hasPrefix("/") ? path : "/" + path).utf8))
    }
    self.groups = groups
  }

  /// Carries out the next slice of the program whose turn it is.
  ///
  /// - Returns: `false` when all have ended.
  mutating func step(_ replayer: inout Replayer) throws -> Bool {
    let now = replayer.machine.nanoseconds
    for number in streams.indices where streams[number].phase == .planned && streams[number].program.start <= now {
      try start(number, &replayer)
    }
    let running = streams.indices.filter { streams[$0].phase == .running }
    let ready = running.filter { !replayer.isHeldUp($0) }.sorted { replayer.time(of: $0) < replayer.time(of: $1) }
    // Nobody is kept waiting for one that sleeps.
    let allSleep = ready.allSatisfy { streams[$0].isAsleep }
    for number in ready {
      if try streams[number].next(waits: !streams[number].isAsleep || allSleep) {
        idle = 0
        streams[number].isAsleep = false
        try replayer.consume(streams[number].bytes, at: streams[number].start, of: number)
        for process in replayer.takeKilled() { streams[process.program].kill(process.pid) }
        return true
      }
      let processes = replayer.unfinished(of: number)
      streams[number].look(others: processes, awaitsChildren: replayer.awaitsChildren(of: number))
      if streams[number].phase == .ended { return true }
      // Others may not run ahead of one that is only slower here.
      if (running.count > 1 || replayer.isWaitedFor) && !streams[number].isAsleep {
        idle += 1
        if idle < Self.shortSleep || (idle < Self.longestSleep && streams[number].isBusy(processes)) { return true }
        streams[number].isAsleep = true
      }
    }
    idle += 1
    if try replayer.letTimePass() { return true }
    let next = streams.filter { $0.phase == .planned }.map(\.program.start).min()
    if let next, running.isEmpty || idle > 200 {
      replayer.machine.rest(until: next)
      return true
    }
    return !running.isEmpty
  }

  /// One that starts has no more to catch up on than those that run.
  private func start(_ number: Int, _ replayer: inout Replayer) throws {
    let others = streams.indices.filter { streams[$0].phase == .running }.map { replayer.time(of: $0) }
    replayer.setTime(of: number, others.min() ?? 0)
    try streams[number].begin()
  }

  /// Tells the machine which programs have ended, in the order they began.
  func end(_ replayer: inout Replayer) {
    for (number, stream) in streams.enumerated() {
      if let pid = stream.pid, let status = stream.exitStatus { replayer.end(pid: pid, status: status, of: number) }
    }
  }

  /// The first that is not 0, or 0.
  var exitStatus: Int32 { streams.compactMap(\.exitStatus).first { $0 != 0 } ?? 0 }

  /// The report, which names the programs and groups if a machine file does.
  func report(
    _ replayer: inout Replayer, hostNanoseconds: UInt64, incomplete: String?, areas: Bool
  ) -> Report {
    var report = Report(
      &replayer, head: streams[0].head, exitStatus: streams[0].exitStatus, hostNanoseconds: hostNanoseconds,
      incomplete: incomplete, areas: areas)
    if streams.count > 1 {
      report.programs = streams.indices.map { number in
        Report.ProgramTurn(
          argv: streams[number].head.arguments, exitStatus: streams[number].exitStatus,
          startNs: streams[number].program.start, ranNs: replayer.time(of: number),
          group: streams[number].program.group)
      }
    }
    report.groups = groups.map { Report.Group($0.path, $0.index, of: &replayer.machine) }
    return report
  }

  /// Ends all programs because this command cannot go on.
  func abandon() { for stream in streams { stream.abandon() } }
}
