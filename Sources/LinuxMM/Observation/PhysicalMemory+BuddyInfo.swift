extension PhysicalMemory {
  /// The text of `/proc/buddyinfo`: free blocks by order, a line for each zone (`mm/vmstat.c:frag_show_print`).
  public var buddyInfo: [UInt8] {
    var text = ProcText()
    for zone in zones.indices {
      text.text("Node ")
      text.number(zones[zone].node)
      text.text(", zone ")
      text.right(zones[zone].kind.name, 8)
      text.text(" ")
      for order in 0..<PageOrder.count {
        text.number(zoneLists[zone].blockCount(PageOrder(order)), 6)
        text.text(" ")
      }
      text.newline()
    }
    return text.bytes
  }

  /// The text of `/proc/pagetypeinfo`: the same by migration type, and how many pageblocks each type has, node by node
  /// (`mm/vmstat.c:pagetypeinfo_show`). The CMA lines appear on machines with contiguous areas.
  public var pageTypeInfo: [UInt8] {
    var text = ProcText()
    for node in nodes.indices where zones.indices.contains(where: { zones[$0].node == node }) {
      writePageTypes(node, &text)
    }
    return text.bytes
  }

  private func writePageTypes(_ node: Int, _ text: inout ProcText) {
    text.text("Page block order: ")
    text.number(pageblockOrder.index)
    text.text("\nPages per block:  ")
    text.number(pageblockOrder.frameCount)
    text.text("\n\n")
    text.left("Free pages count per migrate type at order", 43)
    text.text(" ")
    for order in 0..<PageOrder.count {
      text.number(order, 6)
      text.text(" ")
    }
    text.newline()
    for zone in zones.indices where zones[zone].node == node {
      for type in shownTypes {
        text.text("Node ")
        text.number(zones[zone].node, 4)
        text.text(", zone ")
        text.right(zones[zone].kind.name, 8)
        text.text(", type ")
        text.right(type.name, 12)
        text.text(" ")
        for order in 0..<PageOrder.count {
          // The kernel stops counting there.
          let count = zoneLists[zone].blockCount(PageOrder(order), type)
          if count >= 100_000 { text.text(">") }
          text.number(min(count, 100_000), 6)
          text.text(" ")
        }
        text.newline()
      }
    }
    text.newline()
    text.left("Number of blocks type ", 23)
    for type in shownTypes {
      text.right(type.name, 12)
      text.text(" ")
    }
    text.newline()
    for zone in zones.indices where zones[zone].node == node {
      text.text("Node ")
      text.number(zones[zone].node)
      text.text(", zone ")
      text.right(zones[zone].kind.name, 8)
      text.text(" ")
      for type in shownTypes {
        var count = 0
        for block in pageblocks.indices where Int(pageblocks[block].zone) == zone && pageblocks[block].type == type {
          count += 1
        }
        text.number(count, 12)
        text.text(" ")
      }
      text.newline()
    }
  }

  private var shownTypes: [MigrationType] {
    MigrationType.allCases.filter { $0 != .contiguous || !contiguousAreas.isEmpty }
  }
}
