extension KernelHeap where P: ~Copyable {
  /// The areas of the kernel's addresses in the format of `/proc/vmallocinfo` (`mm/vmalloc.c:s_show`); who made an area is a
  /// number here. Nobody may use the heap meanwhile.
  ///
  /// - Complexity: O(areas, and pages that are mapped).
  public func vmallocInfoText() -> [UInt8] {
    var text = ProcText()
    var unpurged: [(start: VirtualPage, end: VirtualPage)] = []
    for area in areas.with({ $0.all }) {
      if area.isLazy {
        if let last = unpurged.last, last.end == area.start {
          unpurged[unpurged.count - 1].end = area.end
        } else {
          unpurged.append((area.start, area.end))
        }
        continue
      }
      writeRange(area.start, area.end, &text)
      if area.site != 0 {
        text.text(" ")
        text.hexadecimal(area.site)
      }
      if area.frameCount > 0 {
        text.text(" pages=")
        text.number(area.frameCount)
      }
      if area.physical.rawValue != 0 {
        text.text(" phys=0x")
        text.hexadecimal(area.physical.rawValue, digits: 16)
      }
      if area.flags.contains(.device) { text.text(" ioremap") }
      if area.flags.contains(.allocated) { text.text(" vmalloc") }
      if area.flags.contains(.mapped) { text.text(" vmap") }
      if area.flags.contains(.userMappable) { text.text(" user") }
      if area.flags.contains(.coherent) { text.text(" dma-coherent") }
      if isVirtual(area.list) { text.text(" vpages") }
      if area.frameCount > 0 { writeNodes(area, &text) }
      text.newline()
    }
    for range in unpurged {
      writeRange(range.start, range.end, &text)
      text.text(" unpurged vm_area\n")
    }
    return text.bytes
  }

  private func writeRange(_ start: VirtualPage, _ end: VirtualPage, _ text: inout ProcText) {
    text.text("0x")
    text.hexadecimal(start.address.rawValue, digits: 16)
    text.text("-0x")
    text.hexadecimal(end.address.rawValue, digits: 16)
    text.text(" ")
    text.number(Int((end - start) * PageSize.bytes), 7)
  }

  /// How many frames each node has (`mm/vmalloc.c:show_numa_info`).
  private func writeNodes(_ area: borrowing KernelArea, _ text: inout ProcText) {
    var counts = [Int](repeating: 0, count: memory.nodeCount)
    var page = area.start
    while page < area.mappedEnd {
      if let frame = frame(of: page.address) { counts[memory.node(of: frame)] += area.pageOrder.frameCount }
      page = page + UInt64(area.pageOrder.frameCount)
    }
    for (node, count) in counts.enumerated() where count > 0 {
      text.text(" N")
      text.number(node)
      text.text("=")
      text.number(count)
    }
  }
}
