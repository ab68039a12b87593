extension Machine where P: ~Copyable {
  var swapFigures: SwapFigures {
    SwapFigures(
      free: spaces.swap.free, total: spaces.swap.total,
      gaveUp: spaces.reclaimers.map { $0.gaveUp })
  }

  /// What the kernel's log says when a process is killed for memory, without the dump of processor and stack
  /// (`mm/oom_kill.c:dump_header`, `dump_tasks`, `dump_oom_summary`, `__oom_kill_process`).
  ///
  /// - Parameter group: whose limit was reached, 0 if memory itself is short.
  /// - Complexity: O(frames used so far + processes).
  func outOfMemoryText(invoker: ProcessIndex, victim: ProcessIndex?, group: UInt16) -> [UInt8] {
    var text = ProcText()
    let (flags, order) = spaces.memory.lastFailure
    writeName(invoker, &text)
    text.text(" invoked oom-killer: gfp_mask=")
    text.hexadecimal(UInt64(flags.rawValue))
    text.text("(")
    flags.write(to: &text)
    text.text("), order=")
    text.number(order.index)
    text.text(", oom_score_adj=")
    text.number(Int(processes[invoker.rawValue].outOfMemoryAdjustment))
    text.newline()
    if group == 0 { spaces.memory.writeFreeAreas(swap: swapFigures, &text) } else { writeGroup(group, &text) }
    writeTasks(group, &text)
    if let victim { writeKill(victim, group, &text) }
    return stamped(text.bytes)
  }

  /// Puts the time before each line, as the log has it.
  private func stamped(_ lines: [UInt8]) -> [UInt8] {
    var stamp = ProcText()
    stamp.text("[")
    stamp.number(Int(nanoseconds / 1_000_000_000), 5)
    stamp.text(".")
    let microseconds = nanoseconds / 1000 % 1_000_000
    var scale: UInt64 = 100_000
    while scale > 0 {
      stamp.character(UInt8(ascii: "0") + UInt8(microseconds / scale % 10))
      scale /= 10
    }
    stamp.text("] ")
    var result: [UInt8] = []
    var isStart = true
    for byte in lines {
      if isStart { result.append(contentsOf: stamp.bytes) }
      result.append(byte)
      isStart = byte == UInt8(ascii: "\n")
    }
    return result
  }

  /// `TASK_COMM_LEN` less one byte of a process's name.
  private func writeName(_ process: ProcessIndex, _ text: inout ProcText) {
    let number = Int(process.rawValue)
    let name = number < processNames.count ? processNames[number] : []
    if name.isEmpty { text.text("process") } else { text.bytes(Array(name.prefix(15))) }
  }

  /// The path of a control group; `/` is the root's.
  func writePath(_ group: UInt16, _ text: inout ProcText) {
    if group == 0 { return text.text("/") }
    let number = Int(group)
    if number < groupPaths.count, !groupPaths[number].isEmpty {
      text.bytes(groupPaths[number])
    } else {
      text.text("/group-")
      text.number(number)
    }
  }

  /// `mm/memcontrol.c:mem_cgroup_print_oom_meminfo`.
  private func writeGroup(_ group: UInt16, _ text: inout ProcText) {
    func line(_ name: StaticString, _ usage: Int, _ limit: Int, _ failures: UInt64) {
      text.text(name)
      text.text(": usage ")
      text.number(usage * 4)
      text.text("kB, limit ")
      // No limit is the largest number of pages there is.
      text.number(limit == .max ? Int.max / 4096 * 4 : limit * 4)
      text.text("kB, failcnt ")
      text.number(Int(failures))
      text.newline()
    }
    let state = spaces.memory.groups[UInt32(group)]
    line("memory", state.usage, state.limits.maximum, state.events.maximum)
    line("swap", state.swapUsage, state.limits.swapMaximum, 0)
    text.text("Memory cgroup stats for ")
    writePath(group, &text)
    text.text(":\n")
    text.bytes(statisticsText(of: GroupIndex(rawValue: group)))
  }

  private func writeTasks(_ group: UInt16, _ text: inout ProcText) {
    text.text("Tasks state (memory values in pages):\n")
    text.text("[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n")
    var number: UInt32 = 0
    while Int(number) < processes.limit {
      let process = processes[number]
      if process.isAlive, spaces.memory.isGroup(process.group, within: group) {
        let descriptor = spaces.descriptors[process.space.rawValue]
        text.text("[")
        text.number(Int(process.identifier), 7)
        text.text("] ")
        text.number(0, 5)
        text.text(" ")
        text.number(Int(process.identifier), 5)
        text.text(" ")
        text.number(Int(descriptor.totalPages), 8)
        text.text(" ")
        text.number(descriptor.resident, 8)
        text.text(" ")
        text.number(descriptor.tables * 4096, 8)
        text.text(" ")
        text.number(descriptor.swapped, 8)
        text.text("         ")
        text.number(Int(process.outOfMemoryAdjustment), 5)
        text.text(" ")
        writeName(ProcessIndex(number), &text)
        text.newline()
      }
      number += 1
    }
  }

  private func writeKill(_ victim: ProcessIndex, _ group: UInt16, _ text: inout ProcText) {
    let process = processes[victim.rawValue]
    text.text("oom-kill:constraint=")
    text.text(group == 0 ? "CONSTRAINT_NONE" : "CONSTRAINT_MEMCG")
    text.text(",nodemask=(null),cpuset=/,mems_allowed=0")
    if spaces.memory.nodeCount > 1 {
      text.text("-")
      text.number(spaces.memory.nodeCount - 1)
    }
    if group == 0 {
      text.text(",global_oom")
    } else {
      text.text(",oom_memcg=")
      writePath(group, &text)
    }
    text.text(",task_memcg=")
    writePath(process.group, &text)
    text.text(",task=")
    writeName(victim, &text)
    text.text(",pid=")
    text.number(Int(process.identifier))
    text.text(",uid=0\n")
    if group != 0 {
      text.text("Memory cgroup out of memory: Killed process ")
    } else {
      text.text("Out of memory: Killed process ")
    }
    text.number(Int(process.identifier))
    text.text(" (")
    writeName(victim, &text)
    text.text(") total-vm:")
    let descriptor = spaces.descriptors[process.space.rawValue]
    text.number(Int(descriptor.totalPages) * 4)
    text.text("kB, anon-rss:")
    text.number(descriptor.anonymousResident * 4)
    text.text("kB, file-rss:")
    text.number(descriptor.fileResident * 4)
    text.text("kB, shmem-rss:")
    text.number(descriptor.sharedResident * 4)
    text.text("kB, UID:0 pgtables:")
    text.number(descriptor.tables * 4)
    text.text("kB oom_score_adj:")
    text.number(Int(process.outOfMemoryAdjustment))
    text.newline()
  }
}
