extension PhysicalMemory {
  /// The text of `/proc/zoneinfo` (`mm/vmstat.c:zoneinfo_show_print`).
  ///
  /// - Complexity: O(frames used so far), for the counts by node and zone.
  public var zoneInfo: [UInt8] {
    var text = ProcText()
    let usages = zones.indices.map { usage(zone: $0) }
    for node in 0..<nodeCount {
      var isFirst = true
      for kind in map.architecture.zoneKinds {
        text.text("Node ")
        text.number(node)
        text.text(", zone ")
        text.right(kind.name, 8)
        let figures = figures(node, kind)
        let zone = self.zone(node, kind)
        if isFirst && zone != nil {
          var usage = FrameUsage()
          for index in zones.indices where zones[index].node == node { usage.add(usages[index]) }
          writeNode(node, usage, &text)
          isFirst = false
        }
        write(figures, &text)
        if let zone { writeCounters(zone, usages[zone], figures, &text) }
        text.newline()
      }
    }
    return text.bytes
  }

  private func writeNode(_ node: Int, _ usage: FrameUsage, _ text: inout ProcText) {
    text.text("\n  per-node stats")
    func line(_ name: StaticString, _ value: Int) {
      text.text("\n      ")
      text.left(name, 12)
      text.text(" ")
      text.number(value)
    }
    line("nr_inactive_anon", listedPages(.inactiveAnonymous, node: node))
    line("nr_active_anon", listedPages(.activeAnonymous, node: node))
    line("nr_inactive_file", listedPages(.inactiveFile, node: node))
    line("nr_active_file", listedPages(.activeFile, node: node))
    line("nr_unevictable", listedPages(.unevictable, node: node))
    line("nr_slab_reclaimable", node == 0 ? statistics.reclaimableSlabPages : 0)
    line("nr_slab_unreclaimable", 0)
    for name in [
      "nr_isolated_anon", "nr_isolated_file", "workingset_nodes", "workingset_refault_anon", "workingset_refault_file",
      "workingset_activate_anon", "workingset_activate_file", "workingset_restore_anon", "workingset_restore_file",
      "workingset_nodereclaim",
    ] as [StaticString] { line(name, 0) }
    line("nr_anon_pages", usage.anonymous)
    line("nr_mapped", usage.mapped)
    line("nr_file_pages", usage.file)
    line("nr_dirty", usage.dirty)
    line("nr_writeback", usage.writeback)
    line("nr_writeback_temp", 0)
    line("nr_shmem", usage.sharedMemory)
    for name in [
      "nr_shmem_hugepages", "nr_shmem_pmdmapped", "nr_file_hugepages", "nr_file_pmdmapped",
      "nr_anon_transparent_hugepages", "nr_vmscan_write", "nr_vmscan_immediate_reclaim", "nr_dirtied", "nr_written",
      "nr_throttled_written", "nr_kernel_misc_reclaimable", "nr_foll_pin_acquired", "nr_foll_pin_released",
      "nr_kernel_stack",
    ] as [StaticString] { line(name, 0) }
    line("nr_page_table_pages", usage.pageTables)
    for name in ["nr_sec_page_table_pages", "nr_swapcached"] as [StaticString] { line(name, 0) }
    if map.architecture == .x86_64 {
      for name in ["pgpromote_success", "pgpromote_candidate"] as [StaticString] { line(name, 0) }
    }
  }

  private func write(_ figures: ZoneFigures, _ text: inout ProcText) {
    text.text("\n  pages free     ")
    text.number(figures.free)
    func line(_ name: StaticString, _ value: Int) {
      text.text("\n        ")
      text.left(name, 9)
      text.number(value)
    }
    line("boost", figures.boost)
    line("min", figures.minimum)
    line("low", figures.low)
    line("high", figures.high)
    line("spanned", figures.spanned)
    line("present", figures.present)
    line("managed", figures.managed)
    line("cma", figures.contiguous)
    text.text("\n        protection: (")
    for (index, value) in figures.protection.enumerated() {
      if index > 0 { text.text(", ") }
      text.number(value)
    }
    text.text(")")
  }

  private func writeCounters(_ zone: Int, _ usage: FrameUsage, _ figures: ZoneFigures, _ text: inout ProcText) {
    func line(_ name: StaticString, _ value: Int) {
      text.text("\n      ")
      text.left(name, 12)
      text.text(" ")
      text.number(value)
    }
    line("nr_free_pages", figures.free)
    line("nr_zone_inactive_anon", zonePages[zone][LRUKind.inactiveAnonymous.rawValue])
    line("nr_zone_active_anon", zonePages[zone][LRUKind.activeAnonymous.rawValue])
    line("nr_zone_inactive_file", zonePages[zone][LRUKind.inactiveFile.rawValue])
    line("nr_zone_active_file", zonePages[zone][LRUKind.activeFile.rawValue])
    line("nr_zone_unevictable", zonePages[zone][LRUKind.unevictable.rawValue])
    line("nr_zone_write_pending", usage.dirty + usage.writeback)
    line("nr_mlock", usage.locked)
    for name in ["nr_bounce", "nr_zspages"] as [StaticString] { line(name, 0) }
    line("nr_free_cma", zones[zone].freeContiguous.value)
    if map.architecture == .x86_64 {
      let events = events(zone: zone)
      line("numa_hit", Int(events.blocks - events.misses))
      line("numa_miss", Int(events.misses))
      line("numa_foreign", Int(events.foreign))
      line("numa_interleave", 0)
      line("numa_local", Int(events.blocks - events.other))
      line("numa_other", Int(events.other))
    }
    text.text("\n  pagesets")
    for processor in 0..<processorCount {
      text.text("\n    cpu: ")
      text.number(processor)
      text.text("\n              count: ")
      text.number(processorPages[pagesIndex(zone, processor)].count)
      text.text("\n              high:  ")
      text.number(figures.listHigh)
      text.text("\n              batch: ")
      text.number(figures.listBatch)
      text.text("\n  vm stats threshold: ")
      text.number(statisticThreshold(zone))
    }
    text.text("\n  node_unreclaimable:  0\n  start_pfn:           ")
    text.number(Int(zones[zone].span.start.rawValue))
  }

  /// How far a processor's own count may be off (`mm/vmstat.c:calculate_normal_threshold`).
  private func statisticThreshold(_ zone: Int) -> Int {
    func bits(_ value: Int) -> Int { Int.bitWidth - value.leadingZeroBitCount }
    return min(125, 2 * bits(processorCount) * (1 + bits(zones[zone].managed >> 15)))
  }
}
