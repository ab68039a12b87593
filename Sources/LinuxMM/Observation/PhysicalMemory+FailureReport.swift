extension PhysicalMemory {
  /// What the kernel's log would say of a failed allocation: the request, then the state of nodes, zones and free blocks
  /// (`mm/page_alloc.c:warn_alloc`, `show_free_areas`). Empty for requests that want no report.
  ///
  /// - Parameter command: the name of the program that asked.
  /// - Complexity: O(frames used so far).
  public func report(of failure: AllocationFailure, command: StaticString) -> [UInt8] {
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
    text.text("\nMem-Info:\n")
    for zone in zones.indices { writeZone(zone, &text) }
    for zone in zones.indices { writeBlocks(zone, &text) }
    text.number(statistics.filePages)
    text.text(" total pagecache pages\n")
    text.number(presentFrames)
    text.text(" pages RAM\n")
    var high = 0
    for zone in zones.indices where zones[zone].kind == .highmem || zones[zone].kind == .movable {
      high += zones[zone].present
    }
    text.number(high)
    text.text(" pages HighMem/MovableOnly\n")
    text.number(presentFrames - managedFrames)
    text.text(" pages reserved\n")
    return text.bytes
  }

  private func writeZone(_ zone: Int, _ text: inout ProcText) {
    func kilobytes(_ name: StaticString, _ pages: Int) {
      text.text(name)
      text.number(pages * 4)
      text.text("kB ")
    }
    writeName(zone, &text)
    let figures = figures(zones[zone].node, zones[zone].kind)
    let usage = usage(zone: zone)
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
    kilobytes("active_anon:", 0)
    kilobytes("inactive_anon:", usage.anonymous + usage.sharedMemory)
    kilobytes("active_file:", 0)
    kilobytes("inactive_file:", usage.file - usage.sharedMemory)
    kilobytes("unevictable:", 0)
    kilobytes("writepending:", usage.dirty)
    kilobytes("present:", figures.present)
    kilobytes("managed:", figures.managed)
    kilobytes("mlocked:", 0)
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
