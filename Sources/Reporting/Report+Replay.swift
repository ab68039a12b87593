import LinuxMM
import TraceIO

extension TLBGeometry {
  var text: String { "\(entries):\(ways)" }

  /// Whether a recording with this filter hits and misses here as with all accesses.
  func isExact(sets: Int, ways: Int) -> Bool { self.sets >= sets && self.ways >= ways }
}

extension Report {
  /// Collects the report of a finished replay.
  ///
  /// - Parameters:
  ///   - head: what was replayed.
  ///   - exitStatus: the program's.
  ///   - hostNanoseconds: how long it took here.
  ///   - incomplete: why the stream ended too early, if it did.
  public init(
    _ replayer: borrowing Replayer, head: RecordingHead, exitStatus: Int32, hostNanoseconds: UInt64,
    incomplete: String?
  ) {
    let page: UInt64 = 4096
    func bytes(_ pages: Int) -> UInt64 { UInt64(max(pages, 0)) * page }
    let configuration = replayer.machine.configuration
    let account = replayer.machine.frameAccount
    machine = Machine(
      ram: configuration.ramBytes, managed: bytes(account.managed), cpus: configuration.processors,
      page_cache: configuration.startsWarm ? "warm" : "cold",
      tlb_l1i: configuration.tlb.instruction.text, tlb_l1d: configuration.tlb.data.text,
      tlb_l2: configuration.tlb.second.text, pcid: configuration.tlb.processContexts)
    program = Program(argv: head.arguments, exit_status: exitStatus)
    var statistics: [String: UInt64] = [:]
    replayer.machine.forEachStatistic { statistics["\($0)"] = $1 }
    vmstat = statistics
    var figures: [String: UInt64] = [:]
    replayer.machine.forEachMemoryFigure { figures["\($0)"] = $1 }
    meminfo = figures
    processes = []
    var pids: [ProcessIndex: TracedProcess] = [:]
    for traced in replayer.processes {
      pids[traced.index] = traced
      let process = replayer.machine.process(traced.index)
      processes.append(
        Process(
          pid: traced.pid, ppid: traced.parent, comm: traced.name, exit_status: traced.exitStatus,
          threads: traced.threads.count, accesses: traced.accesses,
          instructions: traced.instructions, min_flt: process.minorFaults,
          maj_flt: process.majorFaults, max_rss: bytes(process.peakResident),
          rss: bytes(process.resident), swap: 0, vm_peak: process.peakTotal * page,
          page_table_bytes: bytes(process.tablePages),
          oom_score: UInt64(process.peakResident + process.tablePages),
          oom_killed: process.outOfMemoryKilled, refused_accesses: process.refusedAccesses,
          untraced: traced.untraced))
    }
    let buffers = replayer.machine.tlbStatistics
    tlb = TLB(
      accesses: buffers.accesses, l1_hits: buffers.firstLevelHits, l2_hits: buffers.secondLevelHits,
      walks: buffers.walks, walk_references: buffers.walkReferences, flushes: buffers.fullFlushes,
      page_flushes: buffers.pageFlushes)
    oom = replayer.machine.outOfMemoryEvents.map { event in
      OutOfMemory(
        t_ns: event.nanoseconds, invoker_pid: pids[event.invoker]?.pid ?? 0,
        killed_pid: pids[event.victim]?.pid ?? 0, killed_comm: pids[event.victim]?.name ?? "?",
        points: event.points, anon_rss: bytes(event.anonymousPages),
        file_rss: bytes(event.filePages), shmem_rss: bytes(event.sharedPages),
        page_table_bytes: bytes(event.tablePages), free: bytes(event.freePages))
    }
    time = Time(virtual_ns: replayer.machine.nanoseconds, host_ns: hostNanoseconds)
    let counts = replayer.counts
    trace = Trace(
      accesses: counts.accesses, page_entries: counts.fetches, instructions: counts.instructions,
      listed: counts.listed, system_calls: counts.systemCalls, diverged_calls: counts.divergedCalls,
      refused_accesses: counts.refusedAccesses,
      events_after_kill: replayer.machine.eventsAfterKill, orphans: counts.orphans,
      refusals: replayer.refusals.map {
        Refusal(
          t_ns: $0.nanoseconds, pid: $0.pid, address: $0.address.rawValue, kind: "\($0.kind)",
          reason: "\($0.outcome)")
      },
      tlb_exact: configuration.tlb.data.isExact(sets: head.filterSets, ways: head.filterWays)
        && configuration.tlb.instruction.isExact(sets: head.filterSets, ways: head.filterWays),
      incomplete: incomplete)
    series = replayer.series.samples.map {
      Point(
        t_ns: $0.nanoseconds, rss: bytes($0.resident), free: bytes($0.free),
        cached: bytes($0.cached), swap_used: 0, pgfault: $0.faults, pgmajfault: $0.majorFaults)
    }
  }
}
