/// What reports of memory tell that lies above it: swap in pages, and which nodes' reclaimers have given up.
struct SwapFigures {
  var free = 0
  var total = 0
  var gaveUp: [Bool] = []
}

extension PhysicalMemory {
  /// What the kernel's log would say of a failed allocation: the request, then the state of nodes, zones and free blocks
  /// (`mm/page_alloc.c:warn_alloc`, `show_free_areas`). Empty for requests that want no report.
  ///
  /// - Parameters:
  ///   - command: the name of the program that asked.
  ///   - swap: what is not the memory's own to know.
  /// - Complexity: O(frames used so far).
  func report(of failure: AllocationFailure, command: StaticString, swap: SwapFigures) -> [UInt8] {
    var text = ProcText()
    if failure.flags.contains(.noWarn) { return [] }
    text.text(command)
    text.text(": page allocation failure: order:")
    text.number(failure.order.index)
    text.text(", mode:")
    text.hexadecimal(UInt64(failure.flags.rawValue))
    text.text("(")
    failure.flags.write(to: &text)
    text.text("), nodemask=(null),cpuset=/,mems_allowed=0")
    if nodeCount > 1 {
      text.text("-")
      text.number(nodeCount - 1)
    }
    text.newline()
    writeFreeAreas(swap: swap, &text)
    return text.bytes
  }

  /// Lists, zones and free blocks (`mm/page_alloc.c:show_free_areas`, `lib/show_mem.c:show_mem`).
  func writeFreeAreas(swap: SwapFigures, _ text: inout ProcText) {
    func figures(_ lead: StaticString, _ values: [(name: StaticString, value: Int)]) {
      text.text(lead)
      for (place, (name, value)) in values.enumerated() {
        if place > 0 { text.text(" ") }
        text.text(name)
        text.text(":")
        text.number(value)
      }
      text.newline()
    }
    text.text("Mem-Info:\n")
    let usages = zones.indices.map { usage(zone: $0) }
    func lists(_ kind: LRUKind) -> Int { listedPages(kind) }
    figures(
      "",
      [("active_anon", lists(.activeAnonymous)), ("inactive_anon", lists(.inactiveAnonymous)), ("isolated_anon", 0)])
    figures(" ", [("active_file", lists(.activeFile)), ("inactive_file", lists(.inactiveFile)), ("isolated_file", 0)])
    figures(
      " ",
      [
        ("unevictable", lists(.unevictable)), ("dirty", statistics.dirtyPages),
        ("writeback", statistics.writebackPages),
      ])
    figures(" ", [("slab_reclaimable", statistics.reclaimableSlabPages), ("slab_unreclaimable", 0)])
    figures(
      " ",
      [
        ("mapped", statistics.mappedPages), ("shmem", statistics.sharedMemoryPages),
        ("pagetables", statistics.pageTablePages),
      ])
    figures(" ", [("sec_pagetables", 0), ("bounce", 0)])
    figures(" ", [("kernel_misc_reclaimable", 0)])
    var contiguous = 0
    for zone in zones.indices { contiguous += zones[zone].freeContiguous.value }
    figures(" ", [("free", freeFrames), ("free_pcp", listedFrames), ("free_cma", contiguous)])
    for node in 0..<nodeCount { writeNode(node, usages, gaveUp: node < swap.gaveUp.count && swap.gaveUp[node], &text) }
    for zone in zones.indices { writeZone(zone, usages[zone], &text) }
    for zone in zones.indices { writeBlocks(zone, &text) }
    for node in 0..<nodeCount {
      text.text("Node ")
      text.number(node)
      text.text(" hugepages_total=0 hugepages_free=0 hugepages_surp=0 hugepages_size=2048kB\n")
    }
    text.number(statistics.filePages)
    text.text(" total pagecache pages\n")
    text.number(statistics.swapCachedPages)
    text.text(" pages in swap cache\nFree swap  = ")
    text.number(swap.free * 4)
    text.text("kB\nTotal swap = ")
    text.number(swap.total * 4)
    text.text("kB\n")
    text.number(presentFrames)
    text.text(" pages RAM\n")
    var high = 0
    for zone in zones.indices where zones[zone].kind == .highmem || zones[zone].kind == .movable {
      high += zones[zone].present
    }
    text.number(high)
    text.text(" pages HighMem/MovableOnly\n")
    text.number(presentFrames - managedFrames)
    text.text(" pages reserved\n0 pages hwpoisoned\n")
  }

  private func writeNode(_ node: Int, _ usages: [FrameUsage], gaveUp: Bool, _ text: inout ProcText) {
    var usage = FrameUsage()
    for zone in zones.indices where zones[zone].node == node { usage.add(usages[zone]) }
    func kilobytes(_ name: StaticString, _ pages: Int) {
      text.text(name)
      text.number(pages * 4)
      text.text("kB ")
    }
    text.text("Node ")
    text.number(node)
    text.text(" ")
    kilobytes("active_anon:", listedPages(.activeAnonymous, node: node))
    kilobytes("inactive_anon:", listedPages(.inactiveAnonymous, node: node))
    kilobytes("active_file:", listedPages(.activeFile, node: node))
    kilobytes("inactive_file:", listedPages(.inactiveFile, node: node))
    kilobytes("unevictable:", listedPages(.unevictable, node: node))
    kilobytes("isolated(anon):", 0)
    kilobytes("isolated(file):", 0)
    kilobytes("mapped:", usage.mapped)
    kilobytes("dirty:", usage.dirty)
    kilobytes("writeback:", usage.writeback)
    kilobytes("shmem:", usage.sharedMemory)
    kilobytes("shmem_thp: ", 0)
    kilobytes("shmem_pmdmapped: ", 0)
    kilobytes("anon_thp: ", 0)
    kilobytes("writeback_tmp:", 0)
    kilobytes("kernel_stack:", 0)
    kilobytes("pagetables:", usage.pageTables)
    kilobytes("sec_pagetables:", 0)
    text.text("all_unreclaimable? ")
    text.text(gaveUp ? "yes" : "no")
    text.newline()
  }

  private func writeZone(_ zone: Int, _ usage: FrameUsage, _ text: inout ProcText) {
    func kilobytes(_ name: StaticString, _ pages: Int) {
      text.text(name)
      text.number(pages * 4)
      text.text("kB ")
    }
    writeName(zone, &text)
    let figures = figures(zones[zone].node, zones[zone].kind)
    var listed = 0
    for processor in 0..<processorCount { listed += processorPages[pagesIndex(zone, processor)].count }
    kilobytes(" free:", figures.free)
    kilobytes("boost:", figures.boost)
    kilobytes("min:", figures.minimum)
    kilobytes("low:", figures.low)
    kilobytes("high:", figures.high)
    text.text("reserved_highatomic:")
    text.number(zones[zone].highAtomic.value * 4)
    text.text("KB ")
    kilobytes("active_anon:", zonePages[zone][LRUKind.activeAnonymous.rawValue])
    kilobytes("inactive_anon:", zonePages[zone][LRUKind.inactiveAnonymous.rawValue])
    kilobytes("active_file:", zonePages[zone][LRUKind.activeFile.rawValue])
    kilobytes("inactive_file:", zonePages[zone][LRUKind.inactiveFile.rawValue])
    kilobytes("unevictable:", zonePages[zone][LRUKind.unevictable.rawValue])
    kilobytes("writepending:", usage.dirty + usage.writeback)
    kilobytes("present:", figures.present)
    kilobytes("managed:", figures.managed)
    kilobytes("mlocked:", usage.locked)
    kilobytes("bounce:", 0)
    kilobytes("free_pcp:", listed)
    kilobytes("local_pcp:", processorPages[pagesIndex(zone, processor)].count)
    text.text("free_cma:")
    text.number(zones[zone].freeContiguous.value * 4)
    text.text("kB\nlowmem_reserve[]:")
    for pages in figures.protection {
      text.text(" ")
      text.number(pages)
    }
    text.newline()
  }

  /// Free blocks by order with the letters of their migration types (`show_migration_types`).
  private func writeBlocks(_ zone: Int, _ text: inout ProcText) {
    writeName(zone, &text)
    text.text(": ")
    var total = 0
    for index in 0..<PageOrder.count {
      let order = PageOrder(index)
      let count = zoneLists[zone].blockCount(order)
      total += count << index
      text.number(count)
      text.text("*")
      text.number(4 << index)
      text.text("kB ")
      if count > 0 {
        text.text("(")
        for type in MigrationType.allCases where zoneLists[zone].blockCount(order, type) > 0 {
          text.character(type.letter)
        }
        text.text(") ")
      }
    }
    text.text("= ")
    text.number(total * 4)
    text.text("kB\n")
  }

  private func writeName(_ zone: Int, _ text: inout ProcText) {
    text.text("Node ")
    text.number(zones[zone].node)
    text.text(" ")
    text.text(zones[zone].kind.name)
  }
}
