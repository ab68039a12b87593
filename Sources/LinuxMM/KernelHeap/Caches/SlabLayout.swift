/// Where things lie in the slabs of a cache: how large an object is with all that belongs to it, and how many of them fill
/// a slab. Linux: `size`, `inuse`, `offset`, `red_left_pad`, `oo` and `min` of `struct kmem_cache`.
public struct SlabLayout: Equatable, Sendable, BitwiseCopyable {
  /// Bytes that the user of an object asked for. Linux: `object_size`.
  public var objectSize: Int
  /// A power of two. Linux: `align`.
  public var alignment: Int
  /// From one object to the next, in bytes. Linux: `size`.
  public let size: Int
  /// Bytes up to what is kept behind the object. Linux: `inuse`.
  public let inUse: Int
  /// Where the pointer to the next free object is kept. Linux: `offset`.
  public let freePointerOffset: Int
  /// Bytes before each object that nobody may write. Linux: `red_left_pad`.
  public let leftPadding: Int
  /// The usual size of a slab.
  public let order: PageOrder
  /// The smallest slab, for when memory is short: one object's.
  public let smallestOrder: PageOrder

  /// In a slab of the usual size.
  public var objectsPerSlab: Int { order.byteCount / size }
  public var pagesPerSlab: Int { order.frameCount }

  /// Slabs with objects on them that a node keeps even if they are empty. Linux: `min_partial`.
  public var keptSlabs: Int { min(max((Int.bitWidth - 1 - size.leadingZeroBitCount) / 2, 5), 10) }

  /// About how many free objects a processor keeps for itself, on slabs that are taken for half full. Linux: `cpu_partial`
  /// (`mm/slub.c:set_cpu_partial`).
  public func keptObjects(_ flags: SlabCacheFlags) -> Int {
    guard flags.isDisjoint(with: .debugging) else { return 0 }
    if size >= 4096 { return 6 }
    if size >= 1024 { return 24 }
    return size >= 256 ? 52 : 120
  }

  /// How many slabs those are. Linux: `cpu_partial_slabs`.
  public func slabsKeptByProcessor(_ flags: SlabCacheFlags) -> Int {
    (2 * keptObjects(flags) + objectsPerSlab - 1) / objectsPerSlab
  }

  /// Bytes of one of the two notes that a watched object has of who allocated and who freed it. Linux: `struct track`.
  static func noteSize(wordSize: Int) -> Int { wordSize == 8 ? 32 : 20 }

  /// Lays out a cache's slabs (`mm/slub.c:calculate_sizes`).
  ///
  /// - Parameters:
  ///   - objectSize: in bytes, above 0.
  ///   - alignment: what ``alignment(_:wanted:size:_:)`` says.
  ///   - flags: the cache's, with those of debugging.
  ///   - isConstructed: whether objects keep what their constructor wrote while they are free.
  ///   - givenPointerOffset: where in an object that stays as it is the pointer may be nevertheless.
  /// - Returns: `nil` if no slab can hold such an object.
  public init?(
    objectSize: Int, alignment: Int, _ flags: SlabCacheFlags, isConstructed: Bool, givenPointerOffset: Int? = nil,
    _ settings: HeapSettings
  ) {
    let word = settings.wordSize
    let keepsSize = flags.isSuperset(of: [.storeUser, .kmalloc]) && settings.rules.contains(.keepsRequestedSize)
    self.objectSize = objectSize
    self.alignment = alignment
    var size = Self.aligned(objectSize, word)
    if flags.contains(.redZone) && size == objectSize { size += word }
    inUse = size
    if (flags.contains(.typeSafe) && givenPointerOffset == nil) || flags.contains(.poison) || isConstructed
      || (flags.contains(.redZone) && (objectSize < word || keepsSize))
    {
      // The object must stay as it is while it is free.
      freePointerOffset = size
      size += word
    } else {
      freePointerOffset = givenPointerOffset ?? objectSize / 2 & ~(word - 1)
    }
    if flags.contains(.storeUser) {
      size += 2 * Self.noteSize(wordSize: word)
      if flags.contains(.kmalloc) { size += settings.rules.contains(.keepsRequestedSize) ? word : 4 }
    }
    if flags.contains(.redZone) {
      leftPadding = Self.aligned(word, alignment)
      size += word + leftPadding
    } else {
      leftPadding = 0
    }
    size = Self.aligned(size, alignment)
    guard let order = Self.order(size, settings) else { return nil }
    self.size = size
    self.order = order
    smallestOrder = PageOrder(covering: size)
  }

  /// Lays out slabs that have nothing but objects, for SLAB.
  init(objectSize: Int, alignment: Int, size: Int, order: PageOrder) {
    self.objectSize = objectSize
    self.alignment = alignment
    self.size = size
    inUse = objectSize
    freePointerOffset = 0
    leftPadding = 0
    self.order = order
    smallestOrder = order
  }

  /// Bytes that a block of SLOB is a multiple of. Linux: `SLOB_UNIT`.
  static let blockUnit = 2

  /// The block of an object, for SLOB; one that must stay for a while has a note of its size (`mm/slob.c:__kmem_cache_create`).
  init(blockOf objectSize: Int, alignment: Int, _ flags: SlabCacheFlags) {
    let size = Self.aligned(objectSize + (flags.contains(.typeSafe) ? 24 : 0), Self.blockUnit)
    self.init(objectSize: objectSize, alignment: alignment, size: size, order: PageOrder(covering: size))
  }

  /// The alignment of a cache's objects (`mm/slab_common.c:calculate_alignment`).
  ///
  /// - Parameters:
  ///   - wanted: 0, or a power of two.
  ///   - size: of an object, in bytes.
  public static func alignment(
    _ flags: SlabCacheFlags, wanted: Int, size: Int, _ settings: HeapSettings
  ) -> Int {
    var alignment = wanted
    if flags.contains(.cacheLineAligned) {
      var line = settings.cacheLine
      while size <= line / 2 { line /= 2 }
      alignment = max(alignment, line)
    }
    // The least is a long long's, on 32-bit machines a word's.
    return aligned(max(alignment, settings.wordSize), settings.wordSize)
  }

  @inline(__always)
  static func aligned(_ size: Int, _ alignment: Int) -> Int { (size + alignment - 1) & ~(alignment - 1) }

  /// The most objects of a slab: their number is kept in 15 bits. Linux: `MAX_OBJS_PER_PAGE`.
  static let mostObjects = 32767

  /// The usual size of slabs for objects that are `size` bytes apart (`mm/slub.c:calculate_order`).
  private static func order(_ size: Int, _ settings: HeapSettings) -> PageOrder? {
    let largest = settings.maximumOrder
    let wanted = min(settings.wantedObjects, largest.byteCount / size)
    if settings.rules.contains(.keepsWantedObjects) {
      let smallest = max(settings.minimumOrder, PageOrder(covering: max(wanted, 1) * size))
      if smallest.byteCount / size > mostObjects { return PageOrder(PageOrder(covering: size * mostObjects).index - 1) }
      for fraction in [16, 8, 4, 2] {
        if let order = order(size, from: smallest, to: largest, fraction) { return order }
      }
      return size <= PageOrder.largest.byteCount ? PageOrder(covering: size) : nil
    }
    if settings.minimumOrder.byteCount / size > mostObjects {
      return PageOrder(PageOrder(covering: size * mostObjects).index - 1)
    }
    func smallest(_ objects: Int) -> PageOrder { max(settings.minimumOrder, PageOrder(covering: objects * size)) }
    for objects in stride(from: wanted, to: 1, by: -1) {
      for fraction in [16, 8, 4] {
        if let order = order(size, from: smallest(objects), to: largest, fraction) { return order }
      }
    }
    guard size <= PageOrder.largest.byteCount else { return nil }
    return order(size, from: smallest(1), to: .largest, 1)
  }

  /// The first order of a range at which no more than one part in `fraction` of a slab is left over
  /// (`mm/slub.c:calc_slab_order`).
  private static func order(
    _ size: Int, from smallest: PageOrder, to largest: PageOrder, _ fraction: Int
  ) -> PageOrder? {
    var order = smallest
    while order <= largest {
      if order.byteCount % size <= order.byteCount / fraction { return order }
      order = PageOrder(order.index + 1)
    }
    return nil
  }
}
