import LinuxMM

/// Carries the allocations and frees of a real kernel's heap out on the model, and follows who has what.
///
/// Each object that the kernel gave is asked of the model with the same size and flags on the same processor; caches are made
/// as they come, laid out from the sizes of their objects. What the kernel gave before the recording begins is not known.
public struct HeapEventReplay: ~Copyable {
  /// What was asked for at one place of the kernel's code.
  public struct Site: Sendable, Codable, Equatable {
    public var site: String
    /// Of a cache's objects, or of kmalloc.
    public var cache: String
    public var allocations = 0
    /// Of these objects, wherever they were freed.
    public var frees = 0
    /// What is outstanding at the end: objects, their bytes, and the bytes that were asked for.
    public var objects = 0
    public var bytes = 0
    public var requestedBytes = 0
    /// When the oldest outstanding object was allocated.
    public var oldestMicroseconds: UInt64?
  }

  public struct Counts: Sendable, Codable, Equatable {
    public var allocations = 0
    public var frees = 0
    /// Frees of objects that no event had allocated.
    public var unknownFrees = 0
    /// Allocations of objects that are not free as far as events tell.
    public var unknownAllocations = 0
    /// The model had no memory where the kernel had.
    public var modelFailures = 0
    /// The model gave more or fewer bytes than the kernel.
    public var differingSizes = 0
    /// Bytes outstanding at the end, and the most there were at a time.
    public var liveBytes = 0
    public var peakBytes = 0
  }

  private struct Live {
    var object: VirtualAddress
    var cache: SlabCacheIndex?
    var site: Int
    var requested: Int
    var granted: Int
    var microseconds: UInt64
  }

  /// What a cache looks like from outside.
  private struct Shape: Hashable {
    var name: String
    var requested: Int
    var granted: Int
    var isCharged: Bool
  }

  /// Which objects go by the same names.
  private struct NameKey: Hashable {
    var granted: Int
    var isCharged: Bool
  }

  private struct SiteKey: Hashable {
    var site: String
    var cache: String
  }

  public private(set) var heap: KernelHeap<SimulatedPlatform>
  public private(set) var counts = Counts()
  public private(set) var start: UInt64?
  public private(set) var end: UInt64 = 0
  private var live: [UInt64: Live] = [:]
  /// What the kernel had and the model has not, by site.
  private var failed: [UInt64: Int] = [:]
  private var caches: [Shape: SlabCacheIndex] = [:]
  private var places: [SiteKey: Int] = [:]
  private var allSites: [Site] = []
  private let names: [NameKey: String]

  /// - Parameter events: those to come. Before 6.2 the kernel says a cache's name only when an object is freed; caches that
  ///   it let share their slabs have several.
  public init(_ heap: consuming KernelHeap<SimulatedPlatform>, for events: [HeapEvent]) {
    self.heap = heap
    var names: [NameKey: Set<String>] = [:]
    var live: [UInt64: NameKey] = [:]
    for event in events {
      switch event.kind {
      case .allocation(let isCache, let name, _, let granted, _, _, let isCharged):
        let key = NameKey(granted: granted, isCharged: isCharged)
        live[event.pointer] = isCache ? key : nil
        if isCache, let name { names[key, default: []].insert(name) }
      case .free(_, let name):
        if let key = live.removeValue(forKey: event.pointer), let name { names[key, default: []].insert(name) }
      }
    }
    self.names = names.mapValues { $0.sorted().joined(separator: "|") }
  }

  public mutating func carryOut(_ event: HeapEvent) {
    if start == nil { start = event.microseconds }
    end = max(end, event.microseconds)
    let processor = event.processor % heap.memory.processorTotal
    switch event.kind {
    case .allocation(let isCache, let name, let requested, let granted, let flags, let node, let isCharged):
      counts.allocations += 1
      failed[event.pointer] = nil
      if let old = live.removeValue(forKey: event.pointer) {
        counts.unknownAllocations += 1
        give(old, processor)
      }
      let known = names[NameKey(granted: granted, isCharged: isCharged)]
      let cacheName = name ?? known ?? "size-\(granted)" + (isCharged ? "-charged" : "")
      let site = place(event.site, isCache ? cacheName : "kmalloc-\(granted)")
      allSites[site].allocations += 1
      let near = node.flatMap { $0 < heap.memory.nodeTotal ? $0 : nil }
      do {
        let cache =
          isCache
          ? try cache(Shape(name: cacheName, requested: requested, granted: granted, isCharged: isCharged)) : nil
        let object = try take(cache, requested, flags, processor, near)
        let size = cache.flatMap { heap.description(of: $0)?.layout.size } ?? heap.size(of: object)
        if size != granted { counts.differingSizes += 1 }
        live[event.pointer] = Live(
          object: object, cache: cache, site: site, requested: requested, granted: granted,
          microseconds: event.microseconds)
        counts.liveBytes += granted
        counts.peakBytes = max(counts.peakBytes, counts.liveBytes)
      } catch {
        counts.modelFailures += 1
        failed[event.pointer] = site
      }
    case .free:
      counts.frees += 1
      guard let object = live.removeValue(forKey: event.pointer) else {
        if let site = failed.removeValue(forKey: event.pointer) {
          allSites[site].frees += 1
        } else {
          counts.unknownFrees += 1
        }
        return
      }
      allSites[object.site].frees += 1
      give(object, processor)
    }
  }

  private func take(
    _ cache: SlabCacheIndex?, _ bytes: Int, _ flags: GFPFlags, _ processor: Int, _ node: Int?
  ) throws(AllocationFailure) -> VirtualAddress {
    // Clearing has no effect on what is shown.
    let flags = flags.subtracting(.zero)
    switch (cache, node) {
    case (let cache?, let node?): return try heap.allocate(cache, flags, processor: processor, onNode: node)
    case (let cache?, nil): return try heap.allocate(cache, flags, processor: processor)
    case (nil, let node?): return try heap.allocate(bytes: bytes, flags, processor: processor, onNode: node)
    case (nil, nil): return try heap.allocate(bytes: bytes, flags, processor: processor)
    }
  }

  private mutating func give(_ object: Live, _ processor: Int) {
    counts.liveBytes -= object.granted
    do throws(ObjectFault) {
      if let cache = object.cache {
        try heap.free(object.object, cache, processor: processor)
      } else {
        try heap.free(object.object, processor: processor)
      }
    } catch {
      preconditionFailure("an object of the replay could not be freed")
    }
  }

  /// The cache of such objects: laid out by their size alone if that gives what the kernel gave, or aligned to lines, or with
  /// as much room.
  private mutating func cache(_ shape: Shape) throws(Errno) -> SlabCacheIndex {
    if let cache = caches[shape] { return cache }
    let flags: SlabCacheFlags = shape.isCharged ? .account : []
    var candidates = [
      SlabCacheRequest(name: shape.name, objectSize: shape.requested, flags: flags),
      SlabCacheRequest(name: shape.name, objectSize: shape.requested, flags: flags.union(.cacheLineAligned)),
    ]
    for (index, candidate) in candidates.enumerated().reversed() {
      let layout = SlabCacheDescription(candidate, heap.settings)?.layout
      if layout?.size != shape.granted { candidates.remove(at: index) }
    }
    let request = candidates.first ?? SlabCacheRequest(name: shape.name, objectSize: shape.granted, flags: flags)
    let cache = try heap.createCache(request)
    caches[shape] = cache
    return cache
  }

  private mutating func place(_ site: String, _ cache: String) -> Int {
    let key = SiteKey(site: site, cache: cache)
    if let place = places[key] { return place }
    places[key] = allSites.count
    allSites.append(Site(site: site, cache: cache))
    return allSites.count - 1
  }

  /// All places, those with most outstanding bytes first.
  public var sites: [Site] {
    var sites = allSites
    for object in live.values {
      sites[object.site].objects += 1
      sites[object.site].bytes += object.granted
      sites[object.site].requestedBytes += object.requested
      let oldest = sites[object.site].oldestMicroseconds ?? object.microseconds
      sites[object.site].oldestMicroseconds = min(oldest, object.microseconds)
    }
    return sites.sorted { ($0.bytes, $0.allocations, $1.site) > ($1.bytes, $1.allocations, $0.site) }
  }
}
