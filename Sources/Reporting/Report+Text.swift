extension Report {
  /// The report for people.
  public func text() -> String {
    var out = ""
    func line(_ label: String, _ content: String) {
      out += label.padding(to: 10) + content + "\n"
    }
    if let programs {
      for (number, program) in programs.enumerated() {
        var text = Self.commandLine(program.argv) + "   exit status " + Self.status(program.exitStatus)
        if program.startNs > 0 { text += ", started at \(Units.time(program.startNs))" }
        text += ", ran \(Units.time(program.ranNs))"
        if let group = program.group { text += ", group \(group)" }
        line(number == 0 ? "programs" : "", text)
      }
    } else {
      line("program", Self.commandLine(program.argv) + "   exit status " + Self.status(program.exitStatus))
    }
    line(
      "machine",
      "RAM \(Units.bytes(machine.ram)), \(Units.bytes(machine.managed)) of it for programs; "
        + "\(machine.cpus) CPU\(machine.cpus == 1 ? "" : "s"); page cache \(machine.pageCache) at start")
    line(
      "time",
      "\(Units.time(time.virtualNs)) on the machine's clock; \(Units.time(time.hostNs)) here")
    out += "\n"
    let minor = processes.reduce(0) { $0 + $1.minFlt }
    let major = processes.reduce(0) { $0 + $1.majFlt }
    line(
      "faults",
      "\(Units.count(minor)) minor, \(Units.count(major)) major; "
        + "\(Units.bytes(UInt64(vmstat["pgpgin"] ?? 0) * 1024)) read from the disk")
    let peak = processes.map(\.maxRss).max() ?? 0
    line("memory", "peak \(Units.memory(peak)) resident in one process")
    let free = series.map(\.free).min() ?? 0
    line("", "least free \(Units.memory(free))")
    for text in reclaimLines { line(text.0, text.1) }
    if pressure.some.totalNs > 0 {
      line(
        "stalled",
        "\(Units.time(pressure.some.totalNs)) for want of memory, \(Units.time(pressure.full.totalNs)) of it with nothing else "
          + "going on")
    }
    for (number, group) in groups.enumerated() {
      let events = group.events.filter { $0.value > 0 }.sorted { $0.key < $1.key }
      line(
        number == 0 ? "groups" : "",
        "\(group.path): at most \(Units.bytes(group.peak))"
          + (group.swap > 0 ? ", \(Units.bytes(group.swap)) in swap at the end" : "")
          + events.map { "; \($0.key) \(Units.count($0.value))" }.joined())
    }
    line(
      "TLB",
      "\(Units.count(tlb.accesses)) accesses: first level \(Units.percent(tlb.l1Hits, of: tlb.accesses)), "
        + "second level \(Units.percent(tlb.l2Hits, of: tlb.accesses)), "
        + "walks \(Units.percent(tlb.walks, of: tlb.accesses))")
    line(
      "",
      "\(machine.tlb): L1i \(machine.tlbL1i), L1d \(machine.tlbL1d), L2 \(machine.tlbL2) (entries:ways); "
        + "\(Units.count(tlb.flushes)) full flushes, \(Units.count(tlb.pageFlushes)) of a page")
    let cached = tlb.pdeCacheHits + tlb.pdpteCacheHits + tlb.pml4eCacheHits + tlb.pml5eCacheHits
    line(
      "",
      "\(Units.count(tlb.walkReferences)) entries read by walks"
        + (cached > 0 ? ", \(Units.percent(cached, of: tlb.walks)) of the walks shortened by walk caches" : "")
        + (tlb.ipis > 0 ? "; \(Units.count(tlb.ipis)) interrupts to flush" : ""))
    out += "\n" + processTable() + areaTable() + outOfMemoryText() + notes()
    return out
  }

  /// What reclaim and swap did, if anything.
  private var reclaimLines: [(String, String)] {
    func count(_ names: String...) -> UInt64 { names.reduce(0) { $0 + (vmstat[$1] ?? 0) } }
    var lines: [(String, String)] = []
    let stolen = count("pgsteal_anon", "pgsteal_file")
    if stolen > 0 {
      // What groups take for themselves is not among the direct ones.
      let direct = stolen - min(stolen, count("pgsteal_kswapd"))
      lines.append(
        (
          "reclaim",
          "\(Units.count(stolen)) pages taken back, \(Units.count(count("pgsteal_anon"))) private and "
            + "\(Units.count(count("pgsteal_file"))) of files, \(Units.count(direct)) of them by faults themselves; "
            + "\(Units.count(count("pgscan_anon", "pgscan_file"))) looked at"
        ))
      let refaults = count("workingset_refault_anon", "workingset_refault_file")
      if refaults > 0 { lines.append(("", "\(Units.count(refaults)) came back later")) }
    }
    if swap.total > 0 {
      lines.append(
        (
          "swap",
          "\(Units.bytes(swap.total)), at most \(Units.bytes(swap.peak)) in use; \(Units.count(count("pswpout"))) pages out, "
            + "\(Units.count(count("pswpin"))) in, \(Units.count(count("swap_ra"))) of them ahead, "
            + "of which \(Units.count(count("swap_ra_hit"))) were wanted"
        ))
    }
    return lines
  }

  private static func status(_ status: Int32?) -> String { status.map { "\($0)" } ?? "unknown" }

  /// The program as one would type it, on one line and not longer than a line or two.
  private static func commandLine(_ argv: [String]) -> String {
    let words = argv.map { word in
      let isPlain = !word.isEmpty && word.allSatisfy { $0.isLetter || $0.isNumber || "-_./=:,+%@".contains($0) }
      return isPlain ? word : "'" + word.split(whereSeparator: \.isNewline).joined(separator: " ") + "'"
    }
    let text = words.joined(separator: " ")
    return text.count <= 120 ? text : text.prefix(119) + "…"
  }

  private func processTable() -> String {
    var rows = [
      [
        "PID", "COMMAND", "THREADS", "INSTRUCTIONS", "ACCESSES", "MIN_FLT", "MAJ_FLT", "MAX_RSS",
        "VM_PEAK", "PAGE TABLES", "END",
      ]
    ]
    for process in processes {
      let end =
        process.oomKilled
        ? "killed (memory)"
        : !process.untraced.isEmpty
          ? "untraced" : process.exitStatus.map { "\($0)" } ?? "by a signal"
      rows.append([
        "\(process.pid)", process.comm, "\(process.threads)", Units.count(process.instructions),
        Units.count(process.accesses), Units.count(process.minFlt), Units.count(process.majFlt),
        Units.bytes(process.maxRss), Units.bytes(process.vmPeak),
        Units.bytes(process.pageTableBytes), end,
      ])
    }
    let most = 40
    let left = rows.count > most + 1 ? rows.count - most - 1 : 0
    if left > 0 { rows = Array(rows.prefix(most + 1)) }
    var out = TextTable(rows: rows, left: [1]).text
    if left > 0 { out += "and \(left) more processes; -O csv lists all\n" }
    return out
  }

  /// The areas with most walks, if they were asked for.
  private func areaTable() -> String {
    guard let tlbAreas else { return "" }
    var rows = [["PID", "AREA", "PERMS", "TLB MISSES", "L2 HITS", "WALKS", "REFERENCES", "NAME"]]
    for area in tlbAreas.prefix(20) {
      rows.append([
        "\(area.pid)", String(area.start, radix: 16) + "-" + String(area.end, radix: 16), area.perms,
        Units.count(area.misses), Units.count(area.l2Hits), Units.count(area.walks), Units.count(area.walkReferences),
        area.name,
      ])
    }
    return "\n" + TextTable(rows: rows, left: [7]).text
  }

  private func outOfMemoryText() -> String {
    var out = ""
    for event in oom {
      if event.panic {
        out +=
          "\nout of memory at \(Units.time(event.tNs)): nobody could be killed, and the machine ended (kernel panic)\n"
        continue
      }
      out +=
        "\nout of memory at \(Units.time(event.tNs)): process \(event.killedPid) (\(event.killedComm)) was killed "
        + "on behalf of process \(event.invokerPid)\n"
        + "          it had \(Units.memory(event.anonRss)) anonymous, \(Units.memory(event.fileRss)) of files, "
        + "\(Units.memory(event.shmemRss)) shared, \(Units.memory(event.swap)) in swap, page tables \(Units.bytes(event.pageTableBytes)); "
        + "\(Units.memory(event.free)) and \(Units.bytes(event.freeSwap)) of swap were free\n"
        + "          badness \(event.points) pages"
        + (event.oomScoreAdj == 0 ? "" : ", oom_score_adj \(event.oomScoreAdj)") + "\n"
    }
    return out
  }

  /// What the reader must know to judge the figures.
  private func notes() -> String {
    var notes: [String] = []
    if let incomplete = trace.incomplete { notes.append("INCOMPLETE: \(incomplete)") }
    if processes.isEmpty && trace.incomplete == nil {
      notes.append("no process was seen: the program ended before it used its stack, so there is nothing to report")
    }
    if !trace.tlbExact {
      notes.append(
        "the TLB figures are approximate: the stream leaves out accesses that hit any first-level TLB of at "
          + "least 16 sets and 4 ways, and this machine's is smaller")
    }
    if trace.divergedCalls > 0 {
      notes.append(
        "\(Units.count(trace.divergedCalls)) memory system calls succeeded for the program and failed in the model")
    }
    if trace.refusedAccesses > 0 {
      notes.append(
        "\(Units.count(trace.refusedAccesses)) accesses found no memory in the model where the program had some; the first: "
          + trace.refusals.prefix(3).map {
            "\($0.kind) of 0x\(String($0.address, radix: 16)) by process \($0.pid), \($0.reason)"
          }.joined(separator: "; "))
    }
    if trace.eventsAfterKill > 0 {
      notes.append(
        "\(Units.count(trace.eventsAfterKill)) events came after the model had killed their process; on a real "
          + "machine the program would have ended there")
    }
    if trace.orphans > 0 {
      notes.append("\(Units.count(trace.orphans)) events belong to processes whose beginning was not seen")
    }
    for process in processes where process.endUnseen {
      notes.append(
        "process \(process.pid) (\(process.comm)) was killed at once; up to its last 250 000 instructions may be missing"
      )
    }
    for process in processes {
      for path in process.untraced {
        notes.append("process \(process.pid) went on as '\(path)', which cannot be traced")
      }
    }
    return notes.isEmpty ? "" : "\n" + notes.map { "note: \($0)\n" }.joined()
  }
}

extension String {
  func padding(to width: Int) -> String {
    count >= width ? self : self + String(repeating: " ", count: width - count)
  }

  var trimmingTrailingBlanks: String {
    var text = Substring(self)
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
