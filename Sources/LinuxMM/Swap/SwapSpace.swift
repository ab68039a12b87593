/// All swap areas: which slots hold pages, how many page-table entries name each, and the pages that are in memory still
/// or again (the swap cache).
struct SwapSpace: ~Copyable {
  /// By number.
  var areas: [SwapArea] = []
  /// Areas from the highest priority down. Linux: `swap_active_head`.
  var order: [Int] = []
  /// How many entries name a slot. Linux: `swap_map`.
  let counts: Table<UInt32>
  /// The frame of a slot, or the shadow of the page that was evicted to it. Linux: `swapper_spaces`.
  let cache: Table<CacheEntry>
  /// The same in nodes of 64 slots.
  private let nodes: Table<SwapNode>
  /// Nodes that are not empty.
  private(set) var nodeCount = 0
  /// The control group that is charged for a slot.
  let groups: Table<UInt16>
  let clusters: Table<SwapCluster>
  /// What compressed areas hold, and what the cache in front of all areas does.
  var zram: CompressedPool
  var compressedCache: CompressedPool
  /// What the slots hold, in words, where data have bytes.
  let contents: Table<UInt64>
  /// The cluster that each processor fills, and where, by processor and area. Linux: `percpu_cluster`.
  var current: [Int]
  private let processors: Int
  /// Slots of areas in use, and those free. Linux: `total_swap_pages`, `nr_swap_pages`.
  private(set) var total = 0
  private(set) var free = 0
  /// The most slots ever in use.
  private(set) var peak = 0
  /// For readahead by slots. Linux: `swapin_readahead_hits`, `prev_offset`, `last_readahead_pages`.
  var hits = 0
  var lastOffset = 0
  var lastWindow = 0

  /// - Returns: `nil` when `source` cannot hold the tables.
  init?(
    _ configurations: [SwapConfiguration], _ compression: CompressionModel, cache settings: CompressedCacheSettings?,
    processors: Int, holdsContents: Bool, from source: MemorySource
  ) {
    let slots = configurations.reduce(0) { $0 + $1.pages }
    guard let counts = Table<UInt32>(zeros: max(slots, 1), from: source),
      let cache = Table<CacheEntry>(zeros: max(slots, 1), from: source),
      let nodes = Table<SwapNode>(zeros: slots / 64 + 1, from: source),
      let groups = Table<UInt16>(zeros: max(slots, 1), from: source),
      let contents = Table<UInt64>(zeros: holdsContents ? slots * 512 : 0, from: source),
      let zram = CompressedPool(
        compression, configurations.contains { $0.isCompressed } ? .zsmalloc : nil, slots: slots, from: source),
      let compressedCache = CompressedPool(compression, settings?.allocator, slots: slots, from: source)
    else { return nil }
    self.zram = zram
    self.compressedCache = compressedCache
    self.counts = counts
    self.cache = cache
    self.nodes = nodes
    self.contents = contents
    self.groups = groups
    self.processors = processors
    var base = 0
    var clusterBase = 0
    var automatic = -1
    for (number, configuration) in configurations.enumerated() {
      if configuration.priority == nil { automatic -= 1 }
      areas.append(
        SwapArea(
          number: number, pages: configuration.pages, base: base, clusterBase: clusterBase,
          priority: configuration.priority ?? automatic,
          device: BlockDevice(configuration.device), isCompressed: configuration.isCompressed))
      areas[number].failure = configuration.failingRequest
      base += configuration.pages
      clusterBase += areas[number].clusters
    }
    clusters = Table(count: clusterBase) { _ in SwapCluster() }
    current = [Int](repeating: 0, count: processors * configurations.count)
    for number in areas.indices {
      total += areas[number].pages - 1
      // The header is never given out.
      clusters[areas[number].clusterBase].used = 1
      for cluster in 1..<max(areas[number].clusters, 1) where Self.isWhole(cluster, areas[number]) {
        appendFree(cluster, number)
      }
    }
    free = total
    order = areas.indices.sorted { areas[$0].priority > areas[$1].priority }
  }

  var isEmpty: Bool { total == 0 }
  /// Linux: `vm_swap_full`.
  var isHalfFull: Bool { 2 * free < total }
  /// Whether a disk with moving heads is among the areas. Linux: `nr_rotate_swap`.
  var isRotational: Bool { areas.contains { $0.isOn && $0.device.model.isRotational } }

  @inline(__always)
  func place(_ slot: SwapSlot) -> Int { areas[slot.area].base + slot.offset }

  /// Takes a free slot for a page, in the first area of the highest priority that has one; areas of one priority take
  /// turns (`mm/swapfile.c:get_swap_pages`).
  ///
  /// - Returns: `nil` if there is none.
  /// - Complexity: O(1) while a cluster is free, else O(clusters + slots of one).
  mutating func take(for processor: Int) -> SwapSlot? {
    guard free > 0 else { return nil }
    for turn in order.indices {
      let number = order[turn]
      guard areas[number].isOn,
        let offset = areas[number].device.model.isRotational ? takeNear(number) : takeOffset(number, processor)
      else { continue }
      rotate(turn)
      areas[number].used += 1
      free -= 1
      peak = max(peak, total - free)
      clusters[areas[number].clusterBase + offset / SwapArea.clusterPages].used += 1
      return SwapSlot(area: number, offset: offset)
    }
    return nil
  }

  /// Moves an area behind those of its priority. Linux: `plist_requeue`.
  private mutating func rotate(_ turn: Int) {
    var place = turn
    while place + 1 < order.count, areas[order[place + 1]].priority == areas[order[turn]].priority { place += 1 }
    if place != turn { order.insert(order.remove(at: turn), at: place) }
  }

  /// The slot at a place in the tables. O(areas).
  func slot(at place: Int) -> SwapSlot {
    var number = 0
    while number + 1 < areas.count && areas[number + 1].base <= place { number += 1 }
    return SwapSlot(area: number, offset: place - areas[number].base)
  }

  /// Gives an area no pages any more; those it has stay.
  mutating func switchOff(_ number: Int) {
    areas[number].isOn = false
    total -= areas[number].pages - 1
    free -= areas[number].pages - 1 - areas[number].used
  }

  mutating func switchOn(_ number: Int) {
    areas[number].isOn = true
    total += areas[number].pages - 1
    free += areas[number].pages - 1 - areas[number].used
  }

  /// A slot is free if nothing names or caches it.
  @inline(__always)
  private func isFree(_ place: Int) -> Bool { counts[place] == 0 && cache[place].frame == nil }

  /// Looks in the processor's own cluster, then takes a new one, then searches all (`scan_swap_map_slots`).
  private mutating func takeOffset(_ number: Int, _ processor: Int) -> Int? {
    let area = areas[number]
    let seat = processor * areas.count + number
    while true {
      var offset = current[seat]
      while offset != 0 {
        let taken = isFree(area.base + offset)
        let next = offset + 1
        current[seat] = next % SwapArea.clusterPages == 0 || next >= area.pages ? 0 : next
        if taken { return offset }
        offset = current[seat]
      }
      guard area.firstFree != SwapCluster.none || areas[number].firstFree != SwapCluster.none else { break }
      let cluster = popFree(number)
      current[seat] = Int(cluster) * SwapArea.clusterPages
    }
    return search(number)
  }

  /// Takes slots that follow each other, 512 at a time from where there are as many in a row, the first such place of the area
  /// (`scan_swap_map_slots` without clusters): seeks are expensive.
  private mutating func takeNear(_ number: Int) -> Int? {
    if areas[number].leftInRun == 0 {
      areas[number].leftInRun = SwapArea.clusterPages
      if areas[number].pages - areas[number].used >= SwapArea.clusterPages {
        areas[number].cursor = firstRun(number)
      }
    }
    areas[number].leftInRun -= 1
    return search(number)
  }

  /// Where the first 512 free slots in a row begin; where the first free one is, if there are none. O(slots).
  private func firstRun(_ number: Int) -> Int {
    let area = areas[number]
    var first = area.pages
    var run = 0
    var offset = 1
    while offset < area.pages {
      let cluster = offset / SwapArea.clusterPages
      if offset % SwapArea.clusterPages == 0, Int(clusters[area.clusterBase + cluster].used) == SwapArea.clusterPages {
        run = 0
        offset += SwapArea.clusterPages
        continue
      }
      if isFree(area.base + offset) {
        first = min(first, offset)
        run += 1
        if run == SwapArea.clusterPages { return offset - run + 1 }
      } else {
        run = 0
      }
      offset += 1
    }
    return first < area.pages ? first : 1
  }

  /// Finds any free slot, from where the last search ended.
  private mutating func search(_ number: Int) -> Int? {
    let area = areas[number]
    guard area.used < area.pages - 1 else { return nil }
    var offset = area.cursor
    var looked = 0
    while looked <= area.pages {
      if offset >= area.pages { offset = 1 }
      let cluster = offset / SwapArea.clusterPages
      let end = min((cluster + 1) * SwapArea.clusterPages, area.pages)
      if Int(clusters[area.clusterBase + cluster].used) >= end - cluster * SwapArea.clusterPages {
        looked += end - offset
        offset = end
        continue
      }
      if isFree(area.base + offset) {
        areas[number].cursor = offset + 1
        return offset
      }
      offset += 1
      looked += 1
    }
    return nil
  }

  /// Sets what the cache has for a slot.
  ///
  /// - Returns: its node.
  mutating func setEntry(_ place: Int, _ entry: CacheEntry) -> Int {
    let old = cache[place]
    cache[place] = entry
    let node = place / 64
    let wasEmpty = nodes[node].used == 0
    if !old.isEmpty { nodes[node].used -= 1 }
    if !entry.isEmpty { nodes[node].used += 1 }
    if old.frame != nil { nodes[node].frames -= 1 }
    if entry.frame != nil { nodes[node].frames += 1 }
    let isEmpty = nodes[node].used == 0
    if wasEmpty != isEmpty { nodeCount += isEmpty ? -1 : 1 }
    return node
  }

  func isUsed(_ node: Int) -> Bool { nodes[node].used > 0 }

  func holdsShadowsOnly(_ node: Int) -> Bool { nodes[node].used > 0 && nodes[node].frames == 0 }

  /// The slots of a node, by their places in the tables.
  func slots(ofNode node: Int) -> Range<Int> { node * 64..<min(node * 64 + 64, cache.count) }

  /// Gives a slot back that nothing names or caches any more, and of which no shadow is left.
  mutating func giveBack(_ slot: SwapSlot) {
    let place = place(slot)
    precondition(isFree(place) && cache[place].isEmpty, "swap slot freed that is in use")
    let number = slot.area
    areas[number].used -= 1
    if areas[number].isOn { free += 1 }
    let cluster = slot.offset / SwapArea.clusterPages
    clusters[areas[number].clusterBase + cluster].used -= 1
    if clusters[areas[number].clusterBase + cluster].used == 0, !areas[number].device.model.isRotational,
      Self.isWhole(cluster, areas[number]),
      !isCurrent(cluster, number)
    {
      appendFree(cluster, number)
    }
  }

  private func isCurrent(_ cluster: Int, _ number: Int) -> Bool {
    for processor in 0..<processors {
      let offset = current[processor * areas.count + number]
      if offset != 0 && offset / SwapArea.clusterPages == cluster { return true }
    }
    return false
  }

  private static func isWhole(_ cluster: Int, _ area: SwapArea) -> Bool {
    (cluster + 1) * SwapArea.clusterPages <= area.pages
  }

  private mutating func appendFree(_ cluster: Int, _ number: Int) {
    let base = areas[number].clusterBase
    clusters[base + cluster].next = SwapCluster.none
    if areas[number].lastFree == SwapCluster.none {
      areas[number].firstFree = UInt32(cluster)
    } else {
      clusters[base + Int(areas[number].lastFree)].next = UInt32(cluster)
    }
    areas[number].lastFree = UInt32(cluster)
  }

  private mutating func popFree(_ number: Int) -> UInt32 {
    let cluster = areas[number].firstFree
    areas[number].firstFree = clusters[areas[number].clusterBase + Int(cluster)].next
    if areas[number].firstFree == SwapCluster.none { areas[number].lastFree = SwapCluster.none }
    return cluster
  }
}
