/// A range of frames of one kind and node with its free blocks. Linux: `struct zone`.
///
/// The lock guards the free lists, the pageblocks' types and every `freeOrder` of the zone's frames. Figures that
/// allocations read without the lock are ``SharedNumber``s. The rest changes only while nobody allocates.
struct Zone: ~Copyable {
  let kind: ZoneKind
  let node: Int
  /// From the first to one past the last frame, holes included. Linux: `spanned_pages`.
  let span: FrameRange
  /// Frames of RAM in the span. Linux: `present_pages`.
  let present: Int
  /// Whether requests that begin here rather go to another zone than mix a pageblock. Linux: `alloc_flags_nofragment`.
  let prefersWholePageblocks: Bool
  /// Frames given to the buddy system. Linux: `managed_pages`.
  var managed = 0
  /// Frames of contiguous areas. Linux: `cma_pages`.
  var contiguous = 0
  var watermarks = Watermarks()
  /// What a processor's list of the zone holds at most, and moves at a time. Linux: `pageset_high`, `pageset_batch`.
  var listHigh = 0
  var listBatch = 1

  /// Raises all marks for a while after a pageblock was mixed. Linux: `watermark_boost`.
  let boost = SharedNumber(0)
  /// Linux: `ZONE_BOOSTED_WATERMARK`.
  let isBoosted = SharedNumber(0)
  /// Frames of the pageblocks kept for requests that cannot wait. Linux: `nr_reserved_highatomic`.
  let highAtomic = SharedNumber(0)
  /// Pageblocks being emptied. Linux: `nr_isolate_pageblock`.
  let isolatedBlocks = SharedNumber(0)
  /// Keeps what every request reads two cache lines apart from what is written under the lock.
  private let padding = InlineArray<16, UInt64>(repeating: 0)

  let lock = SpinLock()
  /// Frames in free blocks. Linux: `NR_FREE_PAGES`.
  let free = SharedNumber(0)
  /// Those of them in contiguous areas. Linux: `NR_FREE_CMA_PAGES`.
  let freeContiguous = SharedNumber(0)
  /// What was done under the lock, without a processor's list.
  var events = ZoneEvents()

  /// Free blocks by order and migration type, see ``place(_:_:)``. Linux: `free_area`.
  var lists = InlineArray<66, FreeList>(repeating: FreeList())
  /// For each migration type the orders whose list is not empty, as bits.
  let orders = InlineArray<6, SharedNumber> { _ in SharedNumber(0) }
  /// Never-used blocks of the largest order: they stand behind the movable list of that order as if they were on
  /// it, so that a machine starts without writing the metadata of every block.
  var pristineBlocks = 0
  /// No never-used block lies below this frame.
  var pristineCursor: FrameNumber
  var compaction = CompactionState()

  init(kind: ZoneKind, node: Int, span: FrameRange, present: Int, prefersWholePageblocks: Bool) {
    self.kind = kind
    self.node = node
    self.span = span
    self.present = present
    self.prefersWholePageblocks = prefersWholePageblocks
    pristineCursor = span.start
    compaction.reset(span)
  }

  /// Position in ``lists``.
  @inline(__always)
  static func place(_ order: PageOrder, _ type: MigrationType) -> Int {
    Int(type.rawValue) * PageOrder.count + order.index
  }

  /// The number of free blocks of an order and type.
  func blockCount(_ order: PageOrder, _ type: MigrationType) -> Int {
    Int(lists[Self.place(order, type)].count) + (order == .largest && type == .movable ? pristineBlocks : 0)
  }

  /// The number of free blocks of an order. Linux: `nr_free`.
  func blockCount(_ order: PageOrder) -> Int {
    var sum = 0
    for type in MigrationType.allCases { sum += blockCount(order, type) }
    return sum
  }
}
