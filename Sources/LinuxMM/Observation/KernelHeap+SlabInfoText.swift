extension KernelHeap where P: ~Copyable {
  /// The caches in the format of `/proc/slabinfo`, the newest first (`mm/slab_common.c:cache_show`). Objects are active if
  /// somebody has them; Linux counts those too that processors keep. Nothing is known of SLOB's objects.
  ///
  /// - Throws: what is wrong with slabs and lists.
  /// - Precondition: nobody uses the heap meanwhile.
  /// - Complexity: O(caches * frames of the machine, and objects)
  public func slabInfoText() throws(BrokenInvariant) -> [UInt8] {
    var text = ProcText()
    text.text("slabinfo - version: 2.1\n")
    text.text("# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>")
    text.text(" : tunables <limit> <batchcount> <sharedfactor>")
    text.text(" : slabdata <active_slabs> <num_slabs> <sharedavail>\n")
    for cache in allCaches.reversed() {
      guard let description = description(of: cache) else { continue }
      let usage = try usage(of: cache)
      let arrays = description.arrays
      text.left(description.name, 17)
      text.text(" ")
      text.number(usage.activeObjects, 6)
      text.text(" ")
      text.number(usage.objects, 6)
      text.text(" ")
      text.number(description.layout.size, 6)
      text.text(" ")
      text.number(description.objectsPerSlab, 4)
      text.text(" ")
      text.number(description.layout.pagesPerSlab, 4)
      text.text(" : tunables ")
      text.number(arrays.limit, 4)
      text.text(" ")
      text.number(arrays.batch, 4)
      text.text(" ")
      text.number(arrays.batch > 0 ? arrays.sharedLimit / arrays.batch : 0, 4)
      text.text(" : slabdata ")
      text.number(usage.activeSlabs, 6)
      text.text(" ")
      text.number(usage.slabs, 6)
      text.text(" ")
      var shared = 0
      if description.allocator == .slab {
        for node in 0..<memory.nodeCount { shared += sharedObjects(cache, node) }
      }
      text.number(shared, 6)
      text.newline()
    }
    return text.bytes
  }

  /// Objects in a node's shared array.
  private func sharedObjects(_ cache: SlabCacheIndex, _ node: Int) -> Int {
    arrays.nodes[arrays.node(cache, node)].shared
  }

  /// The caches as `slabtop -o` shows them, those with most objects first (procps, `slabtop.c`).
  ///
  /// - Throws: what is wrong with slabs and lists.
  /// - Precondition: nobody uses the heap meanwhile.
  /// - Complexity: O(caches * frames of the machine, and objects)
  public func slabTopText() throws(BrokenInvariant) -> [UInt8] {
    var rows: [(cache: SlabCacheDescription, usage: SlabCacheUsage)] = []
    for cache in allCaches {
      if let description = description(of: cache) { rows.append((description, try usage(of: cache))) }
    }
    rows.sort {
      $0.usage.objects != $1.usage.objects ? $0.usage.objects > $1.usage.objects : $0.cache.name < $1.cache.name
    }
    var total = SlabCacheUsage()
    var activeBytes = 0
    var bytes = 0
    for row in rows {
      total.add(row.usage)
      activeBytes += row.usage.activeObjects * row.cache.layout.size
      bytes += row.usage.objects * row.cache.layout.size
    }
    var text = ProcText()
    func share(_ name: StaticString, _ active: Int, _ all: Int, kilobytes: Bool = false) {
      text.text(" Active / Total ")
      text.left(name, 19)
      text.text(": ")
      if kilobytes { text.kilobytes(active) } else { text.number(active) }
      text.text(" / ")
      if kilobytes { text.kilobytes(all) } else { text.number(all) }
      text.text(" (")
      text.tenths(all > 0 ? active * 1000 / all : 0)
      text.text("%)\n")
    }
    share("Objects (% used)", total.activeObjects, total.objects)
    share("Slabs (% used)", total.activeSlabs, total.slabs)
    share("Caches (% used)", rows.count { $0.usage.activeObjects > 0 }, rows.count)
    share("Size (% used)", activeBytes, bytes, kilobytes: true)
    let sizes = rows.filter { $0.usage.objects > 0 }.map(\.cache.layout.size)
    text.text(" Minimum / Average / Maximum Object : ")
    text.kilobytes(sizes.min() ?? 0)
    text.text(" / ")
    text.kilobytes(total.objects > 0 ? bytes / total.objects : 0)
    text.text(" / ")
    text.kilobytes(sizes.max() ?? 0)
    text.text("\n\n  OBJS ACTIVE  USE OBJ SIZE  SLABS OBJ/SLAB CACHE SIZE NAME\n")
    for (cache, usage) in rows {
      text.number(usage.objects, 6)
      text.text(" ")
      text.number(usage.activeObjects, 6)
      text.text(" ")
      text.number(usage.objects > 0 ? usage.activeObjects * 100 / usage.objects : 0, 3)
      text.text("% ")
      text.kilobytes(cache.layout.size, 7)
      text.text(" ")
      text.number(usage.slabs, 6)
      text.text(" ")
      text.number(cache.objectsPerSlab, 8)
      text.text(" ")
      text.number(usage.frames << 2, 9)
      text.text("K ")
      text.bytes(Array(cache.name.utf8))
      text.newline()
    }
    return text.bytes
  }
}

extension ProcText {
  /// Bytes as `%.2fK` prints them.
  fileprivate mutating func kilobytes(_ value: Int, _ width: Int = 0) {
    let hundredths = (value * 100 + 512) >> 10
    number(hundredths / 100, width - 3)
    text(".")
    if hundredths % 100 < 10 { text("0") }
    number(hundredths % 100)
    text("K")
  }

  /// Thousandths as `%.1f` prints percents.
  fileprivate mutating func tenths(_ value: Int) {
    number(value / 10)
    text(".")
    number(value % 10)
  }

  /// A text at the left of `width` columns: `%-17s`.
  fileprivate mutating func left(_ text: String, _ width: Int) {
    let characters = Array(text.utf8)
    bytes(characters)
    var column = characters.count
    while column < width {
      character(UInt8(ascii: " "))
      column += 1
    }
  }
}
