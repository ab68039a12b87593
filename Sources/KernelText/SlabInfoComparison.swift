import LinuxMM

/// The caches of a real kernel's heap beside the model's layout of them.
public struct SlabInfoComparison: Sendable {
  /// One figure of one cache.
  public struct Row: Sendable {
    public let cache: String
    public let figure: String
    public let kernel: String
    public let model: String
    public var differs: Bool { kernel != model }
  }

  public private(set) var rows: [Row] = []
  public var differences: Int { rows.count { $0.differs } }
  /// Caches compared.
  public private(set) var cacheCount = 0

  /// - Parameters:
  ///   - apart: the text of the same kernel with `slab_nomerge`: which caches become one is compared too.
  public init(_ text: SlabInfoText, apart: SlabInfoText? = nil, _ settings: HeapSettings) {
    var settings = settings
    // A kernel that watches objects says so at each cache.
    settings.debugging = []
    let described = Set(text.values.map(\.name))
    for cache in text.caches where !described.contains(text.links[cache.name] ?? cache.name) {
      compare(cache, settings)
    }
    for values in text.values { compare(values, settings) }
    for cache in text.caches { compareClass(cache.name, ["slab_size": cache.size]) }
    let sizes = Dictionary(text.caches.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    // Both texts are of one cache: they say the same of it.
    for values in text.values {
      if let cache = sizes[values.name], let size = values.numbers["slab_size"] {
        add(values.name, "slabinfo's size", cache.size, size)
      }
    }
    if let apart { compareMerging(text, apart, settings) }
  }

  private mutating func add(_ cache: String, _ figure: String, _ kernel: Int, _ model: Int?) {
    rows.append(Row(cache: cache, figure: figure, kernel: "\(kernel)", model: model.map { "\($0)" } ?? "none"))
  }

  /// What slabinfo alone says: how many objects of a size a slab has.
  private mutating func compare(_ cache: SlabInfoText.Cache, _ settings: HeapSettings) {
    cacheCount += 1
    let layout = SlabLayout(objectSize: cache.size, alignment: 1, [], isConstructed: false, settings)
    add(cache.name, "objects per slab", cache.objectsPerSlab, layout?.objectsPerSlab)
    add(cache.name, "pages per slab", cache.pagesPerSlab, layout?.pagesPerSlab)
  }

  private mutating func compare(_ values: SlabInfoText.Values, _ settings: HeapSettings) {
    cacheCount += 1
    let request = Self.request(values)
    let alignment = SlabLayout.alignment(request.flags, wanted: request.alignment, size: request.objectSize, settings)
    func layout(_ givenPointerOffset: Int?) -> SlabLayout? {
      SlabLayout(
        objectSize: request.objectSize, alignment: alignment, request.flags, isConstructed: request.isConstructed,
        givenPointerOffset: givenPointerOffset, settings)
    }
    var modelled = layout(nil)
    // Newer kernels' caches can name a place for the pointer, which only the size tells.
    if request.flags.contains(.typeSafe), settings.rules.contains(.keepsRequestedSize),
      let size = values.numbers["slab_size"], let other = layout(0), size == other.size
    {
      modelled = other
    }
    let figures: [(String, Int?)] = [
      ("align", alignment), ("slab_size", modelled?.size), ("objs_per_slab", modelled?.objectsPerSlab),
      ("order", modelled.map { Int($0.order.rawValue) }), ("min_partial", modelled?.keptSlabs),
      ("cpu_partial", modelled.map { $0.keptObjects(request.flags) }),
    ]
    for (name, model) in figures {
      if let kernel = values.numbers[name] { add(values.name, name, kernel, model) }
    }
    compareClass(values.name, values.numbers)
  }

  /// A cache of kmalloc has the size that its name says.
  private mutating func compareClass(_ name: String, _ numbers: [String: Int]) {
    guard let known = Self.kmallocCaches[name] else { return }
    if let size = numbers["object_size"] { add(name, "object_size", size, known.objectSize) }
  }

  private static let kmallocCaches: [String: SlabCacheRequest] = {
    var result: [String: SlabCacheRequest] = [:]
    for kind in KmallocKind.allCases {
      for sizeClass in SizeClass.all {
        let request = SlabCacheRequest.kmalloc(kind, sizeClass)
        result[request.name] = request
      }
    }
    return result
  }()

  /// What a cache was created as, as far as its values tell.
  private static func request(_ values: SlabInfoText.Values) -> SlabCacheRequest {
    let flags: [(String, SlabCacheFlags)] = [
      ("cache_dma", .dma), ("destroy_by_rcu", .typeSafe), ("hwcache_align", .cacheLineAligned), ("poison", .poison),
      ("reclaim_account", .reclaimable), ("red_zone", .redZone), ("store_user", .storeUser), ("trace", .trace),
      ("sanity_checks", .checked),
    ]
    var request = SlabCacheRequest(
      name: values.name, objectSize: values.numbers["object_size"] ?? 0, alignment: values.numbers["align"] ?? 0,
      isConstructed: values.isConstructed, isCopiedToUser: values.numbers["usersize", default: 0] > 0)
    for (name, flag) in flags where values.numbers[name, default: 0] != 0 { request.flags.insert(flag) }
    if kmallocCaches[values.name] != nil { request.flags.insert(.kmalloc) }
    return request
  }

  /// Creates the caches of a kernel that keeps them apart, in its order, and looks which of them become one.
  private mutating func compareMerging(_ text: SlabInfoText, _ apart: SlabInfoText, _ settings: HeapSettings) {
    let values = Dictionary(apart.values.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let known = Set(text.links.keys).union(text.values.map(\.name))
    var caches: [SlabCacheDescription] = []
    for cache in apart.caches.reversed() {
      guard let values = values[cache.name], known.contains(cache.name) else { continue }
      var request = Self.request(values)
      // Nothing but the name of a shared cache tells that its objects are charged.
      let link = text.links[cache.name]
      if let link, link.dropLast(8).contains("A") { request.flags.insert(.account) }
      if let place = caches.firstIndex(where: { $0.serves(request, settings) }) {
        caches[place].add(request)
        rows.append(
          Row(cache: cache.name, figure: "shares", kernel: link ?? "nothing", model: caches[place].sharedName))
        continue
      }
      let isFirst = Self.bootCaches.contains(cache.name)
      let isPlain = request.flags.contains(.kmalloc) && cache.name.hasPrefix(KmallocKind.normal.prefix)
      guard let created = SlabCacheDescription(request, isKeptApart: isFirst || isPlain, settings) else { continue }
      let model = created.isMergeable(settings) ? created.sharedName : "nothing"
      rows.append(Row(cache: cache.name, figure: "shares", kernel: link ?? "nothing", model: model))
      caches.append(created)
    }
  }

  /// What the heap itself needs, which is there before any other cache (`mm/slub.c:kmem_cache_init`).
  private static let bootCaches: Set<String> = ["kmem_cache", "kmem_cache_node"]
}
