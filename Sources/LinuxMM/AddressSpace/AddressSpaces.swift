/// All address spaces of the machine, on top of translation and page cache.
///
/// The verbs of the mmap family, fork and exit are extensions of this type, one file each.
struct AddressSpaces<P: Platform & ~Copyable>: ~Copyable {
  var translation: Translation<P>
  var cache: PageCache
  var descriptors: Pool<MemoryDescriptor>
  var areas: Pool<Area>
  /// The nodes of all trees of areas.
  var areaNodes = Pool<AreaNode>()
  /// Raised whenever an area moves its bounds or goes: what was noted of areas before need not hold any more.
  var areaChanges: UInt64 = 0
  var reverse = ReverseMap()
  /// The page of zeros, see ``FrameFlags/zeroPage``.
  let zeroPage: FrameNumber
  private var lastContext: UInt64 = 0

  /// The userfaultfds, and what they have not been told of yet.
  var watchers = Pool<Watcher>()
  var unreadEvents: [UnreadEvent] = []

  var settings: VirtualMemorySettings
  /// The fault that ended as ``FaultOutcome/hint``.
  var hintFault = HintFault()
  /// The memory promised to programs.
  var commit = CommitAccount()
  /// Pages that programs cannot be promised without being administrators, or one program alone. Linux:
  /// `admin_reserve_kbytes`, `user_reserve_kbytes`.
  let administratorReserve: UInt64
  let userReserve: UInt64

  // Reclaim.
  var swap: SwapSpace
  var reclaimSettings = ReclaimSettings()
  /// One for each node.
  var reclaimers: [BackgroundReclaimer]
  /// Pages being read or written.
  var transfers = Transfers()
  /// Where files are.
  var disk: BlockDevice
  let costs: CostModel
  /// In picoseconds since boot; it begins again after 213 days.
  var clock: UInt64 = 0
  /// When a background reclaimer has something to do.
  var nextStep: UInt64 = .max
  /// Until when nobody needs the processor but reclaimers, if that is so.
  var restsUntil: UInt64?
  /// Time that whoever runs has waited for disks and reclaim, until it is asked for.
  var waited: UInt64 = 0
  /// Whether memory is being reclaimed: that does not reclaim for itself.
  var isReclaiming = false
  /// Whether what is done now is done by another processor, and how long that takes.
  var worksAside = false
  var asideTime: UInt64 = 0
  /// Whose group pages of files are charged to, and the group that a charge failed at.
  var currentGroup: UInt16 = 0
  var fullGroup: UInt16 = 0
  /// Whether the next charge succeeds whatever the limit is, since nobody can be killed to make room.
  var forcesCharge = false
  /// Whether a group has more than its high mark.
  var isGroupHigh = false
  /// What is known of page tables where pages are kept by generations.
  var aging = AgingState()
  /// Whether somebody is to be killed, since the background reclaimer finds nothing but pages that were used just now.
  var isThrashing = false
  /// Who waits for memory.
  var stalls = Stalls()
  /// Pages made dirty since it was looked how many there are, and when it is looked for old ones.
  var sinceBalance = 0
  var nextFlush: UInt64 = .max
  /// The frames of the nodes of the trees of page cache and swap cache.
  var treeSlabs: PackedSlabs
  /// Those of the buffers of pages of files.
  var bufferSlabs: PackedSlabs
  /// Whether a page of the compressed cache is to go to its disk. Linux: the queued `shrink_work`.
  var shrinksCompressedCache = false
  /// Shadows that were to be dropped and were not. Linux: `nr_deferred`.
  var deferredShadows = 0
  /// Whether the present fault or call need not wait for pages that are being read, since others can run meanwhile.
  var leavesWaits = false
  /// Pages whose writing is about to be requested.
  var prepared: [FrameNumber] = []
  /// What ``findMappings(of:)`` found, and what it looks at.
  var mappings: [FrameMapping] = []
  var candidates: [UInt32] = []

  init(
    translation: consuming Translation<P>, cache: consuming PageCache, swap: consuming SwapSpace,
    settings: VirtualMemorySettings, costs: CostModel, heap: HeapSettings
  ) throws(AllocationFailure) {
    let zero = try translation.memory.allocatePages(.single, [.kernel, .zero])
    translation.memory.beginUse(zero, .zeroPage)
    translation.clearContents(of: zero)
    zeroPage = zero
    let free = UInt64(translation.memory.freeFrames)
    administratorReserve = min(free / 32, PageSize.pages(8 << 20))
    userReserve = min(free / 32, PageSize.pages(128 << 20))
    self.settings = settings
    self.swap = swap
    self.costs = costs
    disk = BlockDevice(DeviceModel(request: costs.diskRequest, page: costs.diskPage))
    reclaimers = [BackgroundReclaimer](repeating: BackgroundReclaimer(), count: translation.memory.nodeCount)
    self.translation = translation
    self.cache = cache
    treeSlabs = .treeNodes(heap)
    bufferSlabs = .buffers(heap)
    descriptors = Pool()
    areas = Pool()
  }

  /// Makes an empty address space. Linux: `mm_alloc`.
  mutating func makeSpace() throws(AllocationFailure) -> SpaceIndex {
    var tables = 0
    if memory.tableGroup != 0 { makeRoomForTables(1) }
    let root = try retrying { (spaces) throws(AllocationFailure) in
      try spaces.translation.makeRoot(
        for: UInt32(truncatingIfNeeded: spaces.descriptors.count), allocated: &tables)
    }
    lastContext += 1
    var descriptor = MemoryDescriptor(
      context: TranslationContext(root: root, identifier: lastContext), areas: AreaTree())
    descriptor.tables = tables
    descriptor.end = translation.geometry.userEnd
    return SpaceIndex(descriptors.insert(descriptor))
  }

  /// Runs `attempt` and, as long as it fails for want of frames, reclaims some.
  mutating func retrying<Result>(
    _ attempt: (inout Self) throws(AllocationFailure) -> Result
  ) throws(AllocationFailure) -> Result {
    var failures = 0
    while true {
      do throws(AllocationFailure) {
        return try attempt(&self)
      } catch {
        let request = try memory.request(error.order, error.flags, memory.processor, nil, .max, [])
        failures = reclaimDirectly(for: request) > 0 ? 0 : failures + 1
        if failures > 0 { throw error }
      }
    }
  }

  /// Notes that translations of `start ..< end` changed, and drops them from the processors.
  mutating func flush(_ space: SpaceIndex, _ start: VirtualPage, _ end: VirtualPage, freesTables: Bool = false) {
    descriptors[space.rawValue].context.generation += 1
    translation.processors.flush(
      descriptors[space.rawValue].context, start, end, freesTables: freesTables, by: translation.memory.processor)
  }

  /// Drops all translations of a space from the processors.
  mutating func flushAll(_ space: SpaceIndex, freesTables: Bool = false) {
    flush(space, VirtualPage(0), translation.geometry.userEnd, freesTables: freesTables)
  }
}
