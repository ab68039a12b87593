/// What SLAB adds to a cache's layout: its arrays of free objects, where each slab keeps the numbers of its free ones, and
/// how slabs differ so that their objects share no lines of the processor's cache. Linux: `array_cache`, `colour` and
/// `freelist_size` of SLAB's `struct kmem_cache`.
struct ArrayLayout: BitwiseCopyable {
  /// Where a slab's list of free objects is, one byte each.
  enum ListPlace: UInt8 {
    /// In one of the free objects. Linux: `CFLGS_OBJFREELIST_SLAB`.
    case object
    /// In memory of kmalloc. Linux: `CFLGS_OFF_SLAB`.
    case outside
    /// Behind the last object.
    case slab
  }

  var place = ListPlace.object
  /// Of a slab. Linux: `num`.
  var objects = 0
  /// In how many places a slab's first object can be, and how far these are from each other.
  var colours = 0
  var colourDistance = 0
  /// The most objects of a processor's array, and how many come and go at a time. Linux: `limit`, `batchcount`.
  var limit = 0
  var batch = 0
  /// The most objects of a node's shared array. Linux: `shared * batchcount`.
  var sharedLimit = 0

  /// The most objects of a slab: their numbers are bytes. Linux: `SLAB_OBJ_MAX_NUM`.
  private static let mostObjects = 255
  /// The smallest object. Linux: `SLAB_OBJ_MIN_SIZE`.
  private static let smallestSize = 16

  /// Lays out a cache's slabs (`mm/slab.c:__kmem_cache_create`, `enable_cpucache`).
  ///
  /// - Parameter alignment: what ``SlabLayout/alignment(_:wanted:size:_:)`` says.
  /// - Returns: `nil` if no slab can hold such an object.
  static func layouts(
    objectSize: Int, alignment: Int, _ flags: SlabCacheFlags, isConstructed: Bool, _ settings: HeapSettings
  ) -> (slab: SlabLayout, arrays: ArrayLayout)? {
    var size = SlabLayout.aligned(SlabLayout.aligned(objectSize, settings.wordSize), alignment)
    if size < smallestSize { size = SlabLayout.aligned(smallestSize, alignment) }
    var places: [ListPlace] = []
    if !isConstructed && !flags.contains(.typeSafe) { places.append(.object) }
    if !flags.contains(.noLeakTrace) { places.append(.outside) }
    places.append(.slab)
    for place in places {
      guard let (order, objects) = order(size, objectSize, place, flags, settings) else { continue }
      let left = order.byteCount - objects * (size + (place == .slab ? 1 : 0))
      if place == .object && objects > objectSize { continue }
      // There is room for it inside.
      if place == .outside && left >= objects { continue }
      var arrays = ArrayLayout()
      arrays.place = place
      arrays.objects = objects
      arrays.colourDistance = max(settings.cacheLine, alignment)
      arrays.colours = left / arrays.colourDistance
      arrays.limit = size > 131_072 ? 1 : size > Int(PageSize.bytes) ? 8 : size > 1024 ? 24 : size > 256 ? 54 : 120
      arrays.batch = (arrays.limit + 1) / 2
      arrays.sharedLimit = size <= Int(PageSize.bytes) && settings.processors > 1 ? 8 * arrays.batch : 0
      return (SlabLayout(objectSize: objectSize, alignment: alignment, size: size, order: order), arrays)
    }
    return nil
  }

  /// The size of slabs and how many objects they have (`mm/slab.c:calculate_slab_order`).
  private static func order(
    _ size: Int, _ objectSize: Int, _ place: ListPlace, _ flags: SlabCacheFlags, _ settings: HeapSettings
  ) -> (PageOrder, Int)? {
    var found: (PageOrder, Int)?
    for index in 0...PageOrder.largest.index {
      let order = PageOrder(index)
      let each = size + (place == .slab ? 1 : 0)
      let objects = order.byteCount / each
      if objects == 0 { continue }
      if objects > mostObjects { break }
      if place == .outside && SizeClass(serving: max(objects, smallestSize * 2)).size > objectSize / 2 { continue }
      found = (order, objects)
      if flags.contains(.reclaimable) || order >= settings.slabMaximumOrder ?? PageOrder(1) { break }
      if order.byteCount % each * 8 <= order.byteCount { break }
    }
    return found
  }
}
