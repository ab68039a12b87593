/// The machine's frames, nodes and zones, and the page allocator that hands frames out.
///
/// Several threads may call ``allocatePages(_:_:processor:node:nodes:task:)``,
/// ``allocatePages(until:in:_:processor:node:)`` and the forms of `freePages` at once, each under its own processor number:
/// what these change belongs to their processor or stands behind the zones' locks. All else, views and counts too, needs
/// that nobody allocates meanwhile. Lend the value (`borrowing`) to the
/// function that works with it; as a property of a class it would be copied for each call.
///
/// Allocation and freeing are O(orders) = O(11), and need no zone lock where a processor's own lists serve.
public struct PhysicalMemory: ~Copyable, Sendable {
  private let place = KeptInPlace()
  /// One element per frame from 0 to the end of RAM, in these three tables.
  let states: FrameStates
  let links: Table<FrameLinks>
  let frames: Table<Frame>
  /// One element per 2^``pageblockOrder`` frames.
  let pageblocks: Table<Pageblock>
  let pageblockOrder: PageOrder
  /// Whether two zones meet inside of a pageblock somewhere.
  let hasSharedPageblocks: Bool
  /// The zones that have frames, by node and kind.
  let zones: Table<Zone>
  /// Their free blocks.
  let zoneLists: Table<ZoneLists>
  /// The processors' lists, one row of ``processorCount`` for each zone.
  let processorPages: Table<PerProcessorPages>
  /// Whether somebody wants them emptied. Linux: the work of `drain_all_pages`.
  let wantedPages: Table<SharedNumber>
  let nodes: Table<Node>
  /// The node of each processor.
  let processorNodes: Table<UInt8>
  /// Each node's zones in the order in which they are tried, rows of ``zoneOrderLength`` ended by `.end`.
  let zoneOrders: Table<ZoneReference>
  let zoneOrderLength: Int
  /// For each node and ``ZoneKind`` the zone that requests up to that kind begin at, or ``Pageblock/noZone``.
  let preferredZones: Table<UInt8>
  let processorCount: Int
  /// What serves devices with 32-bit addresses: Normal memory where there is no DMA32 zone.
  let wideZone: ZoneKind
  let topology: NodeTopology
  public let map: MemoryMap
  var settings: MemorySettings
  public internal(set) var contiguousAreas: [ContiguousArea]
  var statistics = Statistics()
  /// The pages in use by how recently they were used, for each control group and in it for each node.
  var vectors = Pool<LRUVector>()
  var lists = PageLists()
  /// The same by generations, at the same places, where pages are kept so.
  var generations = Pool<Generations>()
  var generationLists = GenerationLists()
  var hasGenerations = false
  /// Whether a page fault is being resolved in an area that is used neither in order nor at random. Linux:
  /// `lru_gen_in_fault`.
  var isInFault = false
  /// The memory control groups; the root is the first.
  var groups = Pool<ControlGroup>()
  /// Pages of each list in each zone. Linux: `NR_ZONE_LRU_BASE`.
  let zonePages: Table<InlineArray<5, Int>>
  /// By nodes.
  let nodeFigures: Table<NodeFigures>
  /// The pages that reclaim has just taken off a list, and those of them that are to go back.
  var taken = FrameBatch()
  var kept = FrameBatch()
  /// The newest request that could not be served.
  var lastFailure: (flags: GFPFlags, order: PageOrder) = (.highUserMovable, .single)
  /// The processor on whose behalf the layers above act.
  var processor = 0
  /// The control group that page tables are charged to.
  var tableGroup: UInt16 = 0
  /// What `vm.min_free_kbytes` is now.
  public internal(set) var minimumFreeKilobytes = 0
  /// Whether there is too little memory to keep kinds of use apart. Linux: `page_group_by_mobility_disabled`.
  private(set) var isGroupingDisabled = false
  /// Frames of RAM.
  public var presentFrames: Int { map.presentFrames }
  var end: FrameNumber { map.end }

  /// Builds zones and free lists.
  ///
  /// - Returns: `nil` when `source` cannot hold the metadata.
  /// - Complexity: O(ranges of the map + pageblocks); the metadata of unused frames is not touched.
  public init?(_ configuration: PhysicalConfiguration, metadata source: MemorySource) {
    let map = configuration.map
    let topology = configuration.topology
    let block = PageOrder.largest.frameCount
    let count = (Int(map.end.rawValue) + block - 1) / block * block
    guard let states = FrameStates(count: count, from: source),
      let links = Table<FrameLinks>(zeros: count, from: source),
      let frames = Table<Frame>(zeros: count, from: source)
    else { return nil }
    self.states = states
    self.links = links
    self.frames = frames
    pageblockOrder = map.architecture.pageblockOrder
    let plans = ZonePlan.plans(for: map)
    // Which pageblock is whose: the parts of the regions by zone.
    var owners: [(range: FrameRange, zone: UInt8)] = []
    for (index, plan) in plans.enumerated() {
      for part in plan.parts { owners.append((part, UInt8(index))) }
    }
    owners.sort { $0.range.start < $1.range.start }
    let blockFrames = UInt32(pageblockOrder.frameCount)
    var owner = 0
    var isShared = false
    pageblocks = Table(count: count >> pageblockOrder.index) { index in
      let first = UInt32(index) * blockFrames
      while owner < owners.count && owners[owner].range.end.rawValue <= first { owner += 1 }
      let isOwned = owner < owners.count && owners[owner].range.start.rawValue < first + blockFrames
      guard isOwned else { return Pageblock(zone: Pageblock.noZone) }
      let zone = owners[owner].zone
      let upper = owners[owner...].first { $0.zone != zone && $0.range.start.rawValue < first + blockFrames }
      // The kernel sets a type when it comes to a first frame; one without keeps 0 (`mm/page_alloc.c:memmap_init_range`).
      let type: MigrationType = owners[owner].range.start.rawValue > first ? .unmovable : .movable
      guard let upper else { return Pageblock(zone: zone, type: type) }
      isShared = true
      return Pageblock(
        zone: zone, type: type, upperZone: upper.zone,
        boundary: UInt16(truncatingIfNeeded: upper.range.start.rawValue - first))
    }
    hasSharedPageblocks = isShared
    zones = Table(count: plans.count) { index in
      let plan = plans[index]
      // Linux: the conditions of alloc_flags_nofragment.
      let hasLower = plans.contains { $0.node == plan.node && $0.kind == .dma32 }
      let prefersWhole = plan.kind == .normal && map.architecture == .x86_64 && (topology.nodeCount == 1 || hasLower)
      return Zone(
        kind: plan.kind, node: plan.node, span: plan.span, present: plan.present,
        prefersWholePageblocks: prefersWhole)
    }
    zoneLists = Table(count: plans.count) { ZoneLists(span: plans[$0].span) }
    let processors = topology.nodeOfProcessor.count
    processorCount = processors
    processorPages = Table(count: plans.count * processors) { index in
      PerProcessorPages(isLocal: plans[index / processors].node == topology.nodeOfProcessor[index % processors])
    }
    wantedPages = Table(count: plans.count * processors) { _ in SharedNumber(0) }
    nodes = Table(count: topology.nodeCount) { Node(number: $0) }
    nodeFigures = Table(count: topology.nodeCount) { _ in NodeFigures() }
    processorNodes = Table(count: processors) { UInt8(topology.nodeOfProcessor[$0]) }
    let hasMemory = (0..<topology.nodeCount).map { node in plans.contains { $0.node == node } }
    let orders = topology.fallbackOrders(hasMemory: hasMemory).map { order in
      order.flatMap { node in
        plans.indices.filter { plans[$0].node == node }.reversed().map {
          ZoneReference(zone: UInt8($0), kind: UInt8(plans[$0].kind.rawValue), node: UInt8(node))
        }
      }
    }
    let length = plans.count + 1
    zoneOrderLength = length
    zoneOrders = Table(count: orders.count * length) { index in
      let order = orders[index / length]
      return index % length < order.count ? order[index % length] : .end
    }
    preferredZones = Table(count: orders.count * ZoneKind.count) { index in
      orders[index / ZoneKind.count].first { Int($0.kind) <= index % ZoneKind.count }?.zone ?? Pageblock.noZone
    }
    zonePages = Table(count: plans.count) { _ in InlineArray(repeating: 0) }
    for _ in 0..<topology.nodeCount {
      _ = vectors.insert(LRUVector())
      lists.append()
    }
    _ = groups.insert(ControlGroup(parent: 0, limits: GroupLimits()))
    wideZone = map.architecture == .x86_64 ? .dma32 : .normal
    self.topology = topology
    self.map = map
    settings = configuration.settings
    contiguousAreas = configuration.contiguousAreas
    let managed = map.regions.reduce(0) { $0 + map.free($1).reduce(0) { $0 + $1.count } }
    isGroupingDisabled = managed < pageblockOrder.frameCount * MigrationType.count
    if isGroupingDisabled {
      for index in 0..<pageblocks.count { pageblocks[index].setType(.movable) }
    }
    for region in map.regions {
      for range in map.free(region) {
        for (index, plan) in plans.enumerated() {
          for part in plan.parts {
            let clipped = range.clipped(to: part)
            if clipped.count > 0 { release(clipped, to: index) }
          }
        }
      }
    }
    for area in contiguousAreas { makeContiguous(area.range) }
    setWatermarksAtBoot()
  }

  deinit {
    for index in processorPages.indices { processorPages[index].release() }
  }

  /// Metadata for each frame, in bytes.
  public static var bytesPerFrame: Int {
    MemoryLayout<Frame>.stride + MemoryLayout<FrameLinks>.stride + MemoryLayout<SharedFrameState>.stride
  }

  /// The number of nodes, memoryless ones included.
  public var nodeCount: Int { nodes.count }

  /// Frames the buddy system was given at boot. Linux: `totalram_pages`.
  public var managedFrames: Int {
    var sum = 0
    for index in 0..<zones.count { sum += zones[index].managed }
    return sum
  }

  /// Frames in free blocks; those on the processors' lists are not among them. Linux: `NR_FREE_PAGES`.
  public var freeFrames: Int {
    var sum = 0
    for index in 0..<zones.count { sum += zones[index].free.value }
    return sum
  }

  /// Frames on the processors' lists: free, but kept by a processor.
  ///
  /// - Complexity: O(zones · processors).
  public var listedFrames: Int {
    var sum = 0
    for index in 0..<processorPages.count { sum += processorPages[index].count }
    return sum
  }

  /// The lists of a processor for a zone.
  ///
  /// - Precondition: the machine has the processor.
  @inline(__always)
  func pagesIndex(_ zone: Int, _ processor: Int) -> Int {
    precondition(UInt(bitPattern: processor) < UInt(bitPattern: processorCount), "the machine has no such processor")
    return zone &* processorCount &+ processor
  }

  /// The index of the zone of a frame of RAM.
  @inline(__always)
  func zone(of frame: FrameNumber) -> Int {
    let block = frame.index &>> pageblockOrder.index
    let zone = pageblocks[block].zone
    return hasSharedPageblocks ? exactZone(of: frame, block) : Int(zone)
  }

  /// The node of a frame of RAM. Linux: `page_to_nid`.
  @inline(__always)
  func node(of frame: FrameNumber) -> Int { zones[zone(of: frame)].node }

  /// The node of a processor. Linux: `cpu_to_node`.
  @inline(__always)
  func node(ofProcessor processor: Int) -> Int { Int(processorNodes[processor]) }

  private func exactZone(of frame: FrameNumber, _ block: Int) -> Int {
    let offset = frame.index - block << pageblockOrder.index
    return Int(offset < Int(pageblocks[block].boundary) ? pageblocks[block].zone : pageblocks[block].upperZone)
  }

  /// The pageblock of a frame, as its place in ``pageblocks``.
  @inline(__always)
  func pageblock(of frame: FrameNumber) -> Int { frame.index &>> pageblockOrder.index }

  /// Gives a range of never-used frames to zone `index`, whole blocks of the largest order unwritten.
  private func release(_ range: FrameRange, to index: Int) {
    let block = UInt32(PageOrder.largest.frameCount)
    zones[index].managed += range.count
    zones[index].free.add(range.count)
    var frame = range.start.rawValue
    let end = range.end.rawValue
    while frame < end {
      if frame % block == 0 && end - frame >= block {
        while end - frame >= block {
          let first = Int(frame) >> pageblockOrder.index
          for place in first..<(first + PageOrder.largest.frameCount >> pageblockOrder.index) {
            pageblocks[place].setPristine(true)
          }
          zoneLists[index].pristineBlocks += 1
          frame += block
        }
        markOrder(.largest, .movable, zone: index)
        continue
      }
      var order = PageOrder.largest
      while frame % UInt32(order.frameCount) != 0 || end - frame < UInt32(order.frameCount) {
        order = PageOrder(order.index - 1)
      }
      let type = pageblocks[Int(frame) >> pageblockOrder.index].type
      insert(FrameNumber(frame), order, type, zone: index, atTail: true)
      frame += UInt32(order.frameCount)
    }
  }
}
