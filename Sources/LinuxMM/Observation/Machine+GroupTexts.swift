/// The texts of control groups, as far as the model has their figures.
extension Machine where P: ~Copyable {
  /// `memory.stat` of a group with those below it: bytes, then events since it was made (`mm/memcontrol.c:memory_stat_format`).
  /// The root's is the machine's.
  ///
  /// - Complexity: O(frames used so far + groups).
  public func forEachGroupStatistic(_ group: GroupIndex, _ body: (_ name: StaticString, _ value: UInt64) -> Void) {
    func bytes(_ pages: Int) -> UInt64 { UInt64(max(pages, 0)) * PageSize.bytes }
    let usage = spaces.memory.usage(group: group.rawValue)
    var lists = InlineArray<5, Int>(repeating: 0)
    var events = VectorEvents()
    forEachVector(within: group.rawValue) { vector in
      for kind in 0..<LRUKind.count {
        if let list = LRUKind(rawValue: kind) { lists[kind] += spaces.memory.lists.count(vector, list, upTo: .device) }
      }
      events.add(spaces.memory.vectors[vector].events)
    }
    let slabs = group == .root ? spaces.memory.statistics.reclaimableSlabPages : 0
    body("anon", bytes(usage.anonymous))
    body("file", bytes(usage.file))
    body("kernel", bytes(usage.pageTables + slabs))
    body("pagetables", bytes(usage.pageTables))
    body("shmem", bytes(usage.sharedMemory))
    body("file_mapped", bytes(usage.mapped))
    body("file_dirty", bytes(usage.dirty))
    body("file_writeback", bytes(usage.writeback))
    body("swapcached", bytes(usage.swapCached))
    body("inactive_anon", bytes(lists[LRUKind.inactiveAnonymous.rawValue]))
    body("active_anon", bytes(lists[LRUKind.activeAnonymous.rawValue]))
    body("inactive_file", bytes(lists[LRUKind.inactiveFile.rawValue]))
    body("active_file", bytes(lists[LRUKind.activeFile.rawValue]))
    body("unevictable", bytes(lists[LRUKind.unevictable.rawValue]))
    body("slab_reclaimable", bytes(slabs))
    body("slab", bytes(slabs))
    body("workingset_refault_anon", events.anonymousRefaults)
    body("workingset_refault_file", events.fileRefaults)
    body("workingset_activate_anon", events.anonymousActivations)
    body("workingset_activate_file", events.fileActivations)
    body("workingset_restore_anon", events.anonymousRestores)
    body("workingset_restore_file", events.fileRestores)
    body("pgscan", events.backgroundScans + events.directScans)
    body("pgsteal", events.backgroundSteals + events.directSteals)
    body("pgscan_kswapd", events.backgroundScans)
    body("pgscan_direct", events.directScans)
    body("pgsteal_kswapd", events.backgroundSteals)
    body("pgsteal_direct", events.directSteals)
    body("pgfault", events.faults)
    body("pgmajfault", events.majorFaults)
    body("pgrefill", events.refilled)
    body("pgactivate", events.activated)
    body("pgdeactivate", events.deactivated)
    body("pglazyfree", events.lazilyFreed)
    body("pglazyfreed", events.lazilyTaken)
  }

  /// `memory.stat`.
  public func statisticsText(of group: GroupIndex) -> [UInt8] {
    var text = ProcText()
    forEachGroupStatistic(group) { name, value in
      text.text(name)
      text.text(" ")
      text.number(Int(value))
      text.newline()
    }
    return text.bytes
  }

  /// The path of a group; one that was told none has its number.
  public func path(of group: GroupIndex) -> [UInt8] {
    var text = ProcText()
    writePath(group.rawValue, &text)
    return text.bytes
  }

  /// `memory.events`.
  public func eventsText(of group: GroupIndex) -> [UInt8] {
    let events = spaces.memory.groups[UInt32(group.rawValue)].events
    var text = ProcText()
    func line(_ name: StaticString, _ value: UInt64) {
      text.text(name)
      text.text(" ")
      text.number(Int(value))
      text.newline()
    }
    line("low", events.low)
    line("high", events.high)
    line("max", events.maximum)
    line("oom", events.outOfMemory)
    line("oom_kill", events.kills)
    line("oom_group_kill", events.groupKills)
    return text.bytes
  }

  /// `memory.pressure`; of the root, `/proc/pressure/memory` (`kernel/sched/psi.c:psi_show`).
  public mutating func pressureText(of group: GroupIndex) -> [UInt8] {
    let figures = pressure(of: group)
    var text = ProcText()
    func average(_ name: StaticString, _ value: Double) {
      let hundredths = Int(value * 100)
      text.text(name)
      text.number(hundredths / 100)
      text.character(UInt8(ascii: "."))
      text.character(UInt8(ascii: "0") + UInt8(hundredths / 10 % 10))
      text.character(UInt8(ascii: "0") + UInt8(hundredths % 10))
    }
    func line(_ name: StaticString, _ line: PressureFigures.Line) {
      text.text(name)
      average(" avg10=", line.average10)
      average(" avg60=", line.average60)
      average(" avg300=", line.average300)
      text.text(" total=")
      text.number(Int(line.totalNanoseconds / 1000))
      text.newline()
    }
    line("some", figures.some)
    line("full", figures.full)
    return text.bytes
  }

  private func forEachVector(within group: UInt16, _ body: (UInt32) -> Void) {
    let nodes = spaces.memory.nodeCount
    for member in 0..<spaces.memory.groups.limit
    where spaces.memory.isGroup(UInt16(truncatingIfNeeded: member), within: group) {
      for node in 0..<nodes { body(UInt32(member * nodes + node)) }
    }
  }
}
