extension KernelHeap where P: ~Copyable {
  /// Makes a cache of objects, or lets an existing one serve (`mm/slab_common.c:kmem_cache_create`).
  ///
  /// - Throws: `EINVAL` if no slab can hold such objects, or the alignment is no power of two up to a page; `ENOMEM` if there
  ///   are too many caches.
  public mutating func createCache(_ request: SlabCacheRequest) throws(Errno) -> SlabCacheIndex {
    guard request.objectSize > 0, request.objectSize <= SizeClass.largestRequest, request.alignment >= 0,
      request.alignment & (request.alignment - 1) == 0, request.alignment <= Int(PageSize.bytes)
    else { throw .EINVAL }
    // The oldest that serves.
    for index in descriptions.indices where descriptions[index]?.serves(request, caches.settings) == true {
      descriptions[index]?.add(request)
      caches.shapes[index].layout = descriptions[index]!.layout
      return SlabCacheIndex(index)
    }
    guard let description = SlabCacheDescription(request, caches.settings) else { throw .EINVAL }
    guard descriptions.count < SlabCacheIndex.most - 3 else { throw .ENOMEM }
    let cache = SlabCacheIndex(descriptions.count)
    descriptions.append(description)
    setUp(cache, description, request.constructor)
    return cache
  }

  /// Ends a cache, or one use of it if several share it (`mm/slab_common.c:kmem_cache_destroy`).
  ///
  /// - Throws: ``CacheInUse`` with the objects that somebody still has; the cache stays as it is then. Caches of kmalloc
  ///   never end.
  public mutating func destroyCache(_ cache: SlabCacheIndex) throws(CacheInUse) {
    guard let description = descriptions[cache.index] else { preconditionFailure("the cache was destroyed") }
    if description.users > 1 {
      descriptions[cache.index]?.users -= 1
      return
    }
    shrinkAll(cache)
    var left: [CacheInUse.Object] = []
    var isWhole = cache.index >= SlabCacheIndex.kmallocCount
    do throws(BrokenInvariant) {
      let usage = try usage(cache) { object in
        left.append(
          CacheInUse.Object(
            address: DirectMap.address(of: PhysicalAddress(object)),
            allocated: caches.allocation(of: object, cache, platform)))
      }
      isWhole = isWhole && (usage.slabs == 0 || usage.activeObjects > 0)
    } catch {
      isWhole = false
    }
    guard isWhole && left.isEmpty else { throw CacheInUse(objects: left) }
    descriptions[cache.index] = nil
    caches.end(cache)
  }

  /// (`mm/slab_common.c:create_kmalloc_caches`)
  mutating func createKmallocCaches() {
    if caches.settings.allocator == .slob { return }
    for kind in KmallocKind.allCases {
      for sizeClass in SizeClass.all where sizeClass.size >= caches.settings.smallestSize {
        let isKeptApart = kind == .normal && caches.settings.chargesObjects
        let request = SlabCacheRequest.kmalloc(kind, sizeClass)
        guard let description = SlabCacheDescription(request, isKeptApart: isKeptApart, caches.settings) else {
          preconditionFailure("no slab holds an object of kmalloc")
        }
        let cache = SlabCacheIndex(kind, sizeClass)
        descriptions[cache.index] = description
        setUp(cache, description, nil)
      }
    }
  }

  /// The caches that there are, the oldest first.
  public var allCaches: [SlabCacheIndex] {
    descriptions.indices.filter { descriptions[$0] != nil }.map { SlabCacheIndex($0) }
  }

  /// What a cache is, `nil` if it was destroyed.
  public func description(of cache: SlabCacheIndex) -> SlabCacheDescription? { descriptions[cache.index] }

  /// What is used of a cache.
  ///
  /// - Throws: what is wrong with its slabs and lists, if something has written to free objects.
  /// - Complexity: O(frames of the machine, and objects of the cache).
  public func usage(of cache: SlabCacheIndex) throws(BrokenInvariant) -> SlabCacheUsage {
    try usage(cache) { _ in }
  }

  /// Gives all slabs of a cache that are empty back to the page allocator (`kmem_cache_shrink`).
  public func shrink(_ cache: SlabCacheIndex) { shrinkAll(cache) }

  /// Checks every cache's slabs and lists, the areas of vmalloc, and the page allocator.
  public func checkInvariants() throws(BrokenInvariant) {
    for cache in allCaches { _ = try usage(of: cache) }
    if caches.settings.allocator == .slob { try blocks.checkInvariants(caches, platform) }
    try areas.with { areas throws(BrokenInvariant) in try areas.checkInvariants() }
    try memory.checkInvariants()
  }
}
