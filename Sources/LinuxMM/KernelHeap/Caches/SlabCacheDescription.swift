/// What somebody wants a cache of objects to be. Linux: the parameters of `kmem_cache_create_usercopy`.
public struct SlabCacheRequest: Sendable {
  /// For views and reports; two caches may have the same.
  public var name: String
  /// Bytes of an object, above 0.
  public var objectSize: Int
  /// A power of two, or 0 for any.
  public var alignment: Int
  public var flags: SlabCacheFlags
  /// Whether free objects keep what a constructor wrote.
  public var isConstructed: Bool
  /// What it writes; a cache may be laid out for one that is not here.
  public var constructor: ObjectConstructor?
  /// Whether parts of objects may be copied to and from user space. Linux: `usersize` above 0.
  public var isCopiedToUser: Bool
  /// Where in an object of a ``SlabCacheFlags/typeSafe`` cache its users never look, so that the pointer to the next free one
  /// can be there; behind the object if `nil`. Linux, from 6.12 on: `freeptr_offset`.
  public var freePointerOffset: Int?

  public init(
    name: String, objectSize: Int, alignment: Int = 0, flags: SlabCacheFlags = [], isConstructed: Bool = false,
    isCopiedToUser: Bool = false, constructor: ObjectConstructor? = nil
  ) {
    self.constructor = constructor
    self.name = name
    self.objectSize = objectSize
    self.alignment = alignment
    self.flags = flags
    self.isConstructed = isConstructed || constructor != nil
    self.isCopiedToUser = isCopiedToUser
  }

  /// A cache of kmalloc (`mm/slab_common.c:new_kmalloc_cache`).
  public static func kmalloc(_ kind: KmallocKind, _ sizeClass: SizeClass) -> SlabCacheRequest {
    SlabCacheRequest(
      name: kind.prefix + sizeClass.name, objectSize: sizeClass.size, alignment: sizeClass.alignment,
      flags: kind.cacheFlags, isCopiedToUser: true)
  }
}

/// A cache of objects, as far as its slabs look alike. Linux: `struct kmem_cache`.
public struct SlabCacheDescription: Sendable {
  /// Who created it first.
  public let name: String
  public let flags: SlabCacheFlags
  public let isConstructed: Bool
  public let isCopiedToUser: Bool
  public internal(set) var layout: SlabLayout
  /// Whether the kernel keeps it to itself. Linux: a `refcount` below 0.
  public let isKeptApart: Bool
  let allocator: HeapAllocator
  let arrays: ArrayLayout
  /// Who uses it. Linux: `refcount`.
  var users = 1

  /// - Returns: `nil` if no slab can hold such objects.
  public init?(_ request: SlabCacheRequest, isKeptApart: Bool = false, _ settings: HeapSettings) {
    var flags = request.flags.union(settings.debugging)
    let alignment = SlabLayout.alignment(flags, wanted: request.alignment, size: request.objectSize, settings)
    var arrays = ArrayLayout()
    switch settings.allocator {
    case .slab where flags.isDisjoint(with: .debugging):
      let layouts = ArrayLayout.layouts(
        objectSize: request.objectSize, alignment: alignment, flags, isConstructed: request.isConstructed, settings)
      guard let layouts else { return nil }
      (layout, arrays) = layouts
      allocator = .slab
    case .slob:
      flags.subtract(.debugging)
      layout = SlabLayout(blockOf: request.objectSize, alignment: alignment, flags)
      allocator = .slob
    case .slub, .slab:
      let layout = SlabLayout(
        objectSize: request.objectSize, alignment: alignment, flags, isConstructed: request.isConstructed,
        givenPointerOffset: request.flags.contains(.typeSafe) ? request.freePointerOffset : nil, settings)
      guard let layout else { return nil }
      self.layout = layout
      allocator = .slub
    }
    self.arrays = arrays
    self.flags = flags
    name = request.name
    isConstructed = request.isConstructed
    isCopiedToUser = request.isCopiedToUser
    self.isKeptApart = isKeptApart
  }

  /// In a slab of the usual size.
  public var objectsPerSlab: Int { allocator == .slab ? arrays.objects : layout.objectsPerSlab }

  var shape: SlabCacheShape {
    SlabCacheShape(layout: layout, flags: flags, allocator: allocator, isConstructed: isConstructed, arrays: arrays)
  }

  /// Whether others may share its slabs (`mm/slab_common.c:slab_unmergeable`).
  public func isMergeable(_ settings: HeapSettings) -> Bool {
    !settings.keepsCachesApart && flags.isDisjoint(with: .unmergeable) && !isConstructed && !isCopiedToUser
      && !isKeptApart && allocator != .slob
  }

  /// Whether it can serve as the cache that is asked for: with slabs that fit, and less than a word wasted
  /// (`mm/slab_common.c:find_mergeable`).
  public func serves(_ request: SlabCacheRequest, _ settings: HeapSettings) -> Bool {
    let flags = request.flags.union(settings.debugging)
    guard isMergeable(settings), flags.isDisjoint(with: .unmergeable), !request.isConstructed, !request.isCopiedToUser
    else { return false }
    var size = SlabLayout.aligned(request.objectSize, settings.wordSize)
    let alignment = SlabLayout.alignment(flags, wanted: request.alignment, size: size, settings)
    size = SlabLayout.aligned(size, alignment)
    // SLAB takes no larger alignment over.
    if allocator == .slab && alignment > layout.alignment { return false }
    return size <= layout.size && layout.size - size < settings.wordSize && layout.size & (alignment - 1) == 0
      && flags.intersection(.mergeRelevant) == self.flags.intersection(.mergeRelevant)
  }

  /// Takes another user in, whose objects may be larger. Linux: `__kmem_cache_alias`.
  public mutating func add(_ request: SlabCacheRequest) {
    layout.objectSize = max(layout.objectSize, request.objectSize)
    users += 1
  }

  /// What a cache that others may share is called in `/sys/kernel/slab`: its flags and its size
  /// (`mm/slub.c:create_unique_id`).
  public var sharedName: String {
    var letters = ""
    if flags.contains(.dma) { letters += "d" }
    if flags.contains(.dma32) { letters += "D" }
    if flags.contains(.reclaimable) { letters += "a" }
    if flags.contains(.checked) { letters += "F" }
    if flags.contains(.account) { letters += "A" }
    let digits = "\(layout.size)"
    return ":" + letters + (letters.isEmpty ? "" : "-") + String(repeating: "0", count: max(7 - digits.utf8.count, 0))
      + digits
  }
}
