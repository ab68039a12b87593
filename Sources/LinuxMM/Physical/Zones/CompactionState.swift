/// Where compaction of a zone stands, and whether it is worth a try. Linux: the `compact_*` fields of `struct zone`.
struct CompactionState: BitwiseCopyable {
  /// Where the next migration scan begins, for asynchronous and for synchronous runs.
  /// Linux: `compact_cached_migrate_pfn`.
  var migrateCursors = InlineArray<2, FrameNumber>(repeating: FrameNumber(0))
  /// Where the next scan for free frames begins. Linux: `compact_cached_free_pfn`.
  var freeCursor = FrameNumber(0)
  /// Tries left out since the last failure. Linux: `compact_considered`.
  var considered = 0
  /// 2^this tries are left out. Linux: `compact_defer_shift`.
  var deferShift = 0
  /// The smallest order that failed. Linux: `compact_order_failed`.
  var orderFailed = 0
  /// Both scanners met: the skip marks are to be forgotten. Linux: `compact_blockskip_flush`.
  var forgetsSkips = false

  /// Begins both scans at the zone's ends (`mm/compaction.c:__reset_isolation_suitable`).
  mutating func reset(_ span: FrameRange) {
    migrateCursors = InlineArray(repeating: span.start)
    freeCursor = span.end
  }
}
