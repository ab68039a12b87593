import LinuxMM
import TraceIO

extension TLBGeometry {
  var text: String { "\(entries):\(ways)" }

  /// Whether it holds all that this filter holds.
  func isExact(sets: Int, ways: Int) -> Bool { self.sets >= sets && self.ways >= ways }
}

extension TLBConfiguration {
  /// The processor that has these buffers, if any.
  var name: String { ProcessorModel.allCases.first { $0.tlb == self }.map { "\($0.name)" } ?? "custom" }

  /// Every buffer that exists, by name.
  var buffers: [String: String] {
    var result: [String: String] = [:]
    func add(_ name: String, _ level: TLBLevel?) {
      guard let level, let base = level.base else { return }
      result[name + "_4k"] = base.text
      for (size, buffer) in [("_2m", level.large), ("_1g", level.huge)] {
        switch buffer {
        case .none: continue
        case .shared: result[name + size] = "shared"
        case .own(let geometry): result[name + size] = geometry.text
        }
      }
    }
    add("l1i", instruction)
    add("l1d", data)
    add("l1d_store", store)
    add("l2", second)
    add("l2i", secondInstruction)
    for (name, cache) in [
      ("pde", walkCaches.pde), ("pdpte", walkCaches.pdpte), ("pml4e", walkCaches.pml4e), ("pml5e", walkCaches.pml5e),
    ] {
      switch cache {
      case .none: continue
      case .own(let geometry): result[name] = geometry.text
      case .secondLevel: result[name] = "in l2"
      case .below: result[name] = "with the level below"
      }
    }
    return result
  }

  /// Whether a recording with this filter hits and misses here as with all accesses.
  func isExact(sets: Int, ways: Int) -> Bool {
    store == nil
      && [instruction, data].allSatisfy { $0.base.map { $0.isExact(sets: sets, ways: ways) } ?? false }
  }
}

extension Report {
  /// Collects the report of a finished replay.
  ///
  /// - Parameters:
  ///   - head: what was replayed.
  ///   - exitStatus: the program's, if it is known.
  ///   - hostNanoseconds: how long it took here.
  ///   - incomplete: why the stream ended too early, if it did.
  ///   - areas: whether to list the areas with most walks.
  public init(
    _ replayer: inout Replayer, head: RecordingHead, exitStatus: Int32?, hostNanoseconds: UInt64,
    incomplete: String?, areas: Bool = false
  ) {
    let page: UInt64 = 4096
    func bytes(_ pages: Int) -> UInt64 { UInt64(max(pages, 0)) * page }
    let configuration = replayer.machine.configuration
    let account = replayer.machine.frameAccount
    machine = Machine(
      ram: configuration.ramBytes, managed: bytes(account.managed), kernelRam: configuration.kernelBytes,
      cpus: configuration.processors,
      pageCache: configuration.startsWarm ? "warm" : "cold",
      tlb: configuration.tlb.name, pageTableLevels: configuration.pageTables.levelCount,
      addressBits: configuration.pageTables.addressBits, tlbL1i: configuration.tlb.instruction.base?.text ?? "none",
      tlbL1d: configuration.tlb.data.base?.text ?? "none", tlbL2: configuration.tlb.second.base?.text ?? "none",
      tlbBuffers: configuration.tlb.buffers, pcid: configuration.tlb.processContexts,
      stackLimit: configuration.stackLimit,
      costPs: [
        "instruction": configuration.costs.instruction, "tlb_l2": configuration.costs.secondLevelHit,
        "walk": configuration.costs.walkReference, "fault": configuration.costs.fault,
        "disk_request": configuration.costs.diskRequest, "disk_page": configuration.costs.diskPage,
      ])
    program = Program(argv: head.arguments, exitStatus: exitStatus)
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
          pid: traced.pid, ppid: traced.parent, comm: traced.name, exitStatus: traced.exitStatus,
          threads: traced.threads.count, accesses: traced.accesses,
          instructions: traced.instructions, minFlt: process.minorFaults,
          majFlt: process.majorFaults, maxRss: bytes(process.peakResident),
          rss: bytes(process.resident), swap: bytes(process.swapped), vmPeak: process.peakTotal * page,
          pageTableBytes: bytes(process.tablePages),
          oomScore: UInt64(process.peakResident + process.swapped + process.tablePages),
          oomKilled: process.outOfMemoryKilled, refusedAccesses: process.refusedAccesses,
          endUnseen: traced.endedUnseen, untraced: traced.untraced,
          tlb: TLBMisses(
            misses: process.translation.misses, l2Hits: process.translation.secondLevelHits,
            walks: process.translation.walks, walkReferences: process.translation.walkReferences)))
    }
    let buffers = replayer.machine.tlbStatistics
    tlb = TLB(
      accesses: buffers.accesses, l1Hits: buffers.firstLevelHits, l2Hits: buffers.secondLevelHits,
      walks: buffers.walks, walkReferences: buffers.walkReferences, flushes: buffers.fullFlushes,
      pageFlushes: buffers.pageFlushes, ipis: buffers.interrupts, pdeCacheHits: buffers.walkCacheHits.pde,
      pdpteCacheHits: buffers.walkCacheHits.pdpte, pml4eCacheHits: buffers.walkCacheHits.pml4e,
      pml5eCacheHits: buffers.walkCacheHits.pml5e)
    tlbAreas =
      areas
      ? TLBArea.most(replayer.machine.areaFigures, pids: pids.mapValues(\.pid), names: replayer.fileNames) : nil
    swap = Swap(
      total: bytes(replayer.machine.swapTotal), used: bytes(replayer.machine.swapUsed),
      peak: bytes(replayer.machine.swapPeak))
    pressure = Pressure(replayer.machine.pressure())
    oom = replayer.machine.outOfMemoryEvents.map { event in
      OutOfMemory(
        tNs: event.nanoseconds, invokerPid: pids[event.invoker]?.pid ?? 0,
        killedPid: pids[event.victim]?.pid ?? 0, killedComm: pids[event.victim]?.name ?? "?",
        points: Int64(event.points), oomScoreAdj: event.adjustment, anonRss: bytes(event.anonymousPages),
        fileRss: bytes(event.filePages), shmemRss: bytes(event.sharedPages),
        swap: bytes(event.swappedPages), pageTableBytes: bytes(event.tablePages), free: bytes(event.freePages),
        freeSwap: bytes(event.freeSwapPages), panic: event.end == .panic,
        log: event.text.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) })
    }
    time = Time(virtualNs: replayer.machine.nanoseconds, hostNs: hostNanoseconds)
    let counts = replayer.counts
    trace = Trace(
      accesses: counts.accesses, pageEntries: counts.fetches, instructions: counts.instructions,
      listed: counts.listed, systemCalls: counts.systemCalls, divergedCalls: counts.divergedCalls,
      refusedAccesses: counts.refusedAccesses,
      eventsAfterKill: replayer.machine.eventsAfterKill + counts.eventsOfNeverBorn, orphans: counts.orphans,
      refusals: replayer.refusals.map {
        Refusal(
          tNs: $0.nanoseconds, pid: $0.pid, address: $0.address.rawValue, kind: "\($0.kind)",
          reason: "\($0.outcome)")
      },
      tlbExact: configuration.tlb.isExact(sets: head.filterSets, ways: head.filterWays),
      incomplete: incomplete)
    series = replayer.series.samples.map {
      Point(
        tNs: $0.nanoseconds, rss: bytes($0.resident), free: bytes($0.free),
        cached: bytes($0.cached), swapUsed: bytes($0.swapUsed), pgfault: $0.faults, pgmajfault: $0.majorFaults,
        pgscan: $0.scanned, pgsteal: $0.stolen, psiSomeNs: $0.someStalled, psiFullNs: $0.allStalled)
    }
  }
}
