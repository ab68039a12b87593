/// A range of frames of one kind and node with its free blocks. Linux: `struct zone`.
///
/// The lock guards the zone's ``ZoneLists``, its pageblocks' types and the states of its free frames. Figures that
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
  /// ``listHigh``, or less while the background reclaimer works for the zone, so that the pages it frees are to be had by
  /// all. Linux: `nr_pcp_high`, `ZONE_RECLAIM_ACTIVE`.
  var listLimit = 0

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
  /// For each migration type the orders whose list is not empty, as bits.
  let orders = InlineArray<6, SharedNumber> { _ in SharedNumber(0) }
  init(kind: ZoneKind, node: Int, span: FrameRange, present: Int, prefersWholePageblocks: Bool) {
    self.kind = kind
    self.node = node
    self.span = span
    self.present = present
    self.prefersWholePageblocks = prefersWholePageblocks
  }

  /// Sets ``listLimit`` (`mm/page_alloc.c:nr_pcp_high`).
  mutating func limitLists(isReclaimed: Bool) {
    listLimit = isReclaimed ? min(4 * listBatch, listHigh) : listHigh
  }
}
