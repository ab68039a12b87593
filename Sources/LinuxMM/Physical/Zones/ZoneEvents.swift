/// What one processor did in one zone; the sum over processors is what `/proc` shows.
struct ZoneEvents: BitwiseCopyable {
  /// Frames allocated. Linux: `pgalloc_*`.
  var allocated: UInt64 = 0
  /// Frames freed. Linux: `pgfree`.
  var freed: UInt64 = 0
  /// Blocks allocated: those that are no `misses` are `numa_hit`, those that are no `other` are `numa_local`.
  var blocks: UInt64 = 0
  /// Blocks from here that another node was wanted for. Linux: `numa_miss`.
  var misses: UInt64 = 0
  /// Blocks wanted from here that came from elsewhere. Linux: `numa_foreign`.
  var foreign: UInt64 = 0
  /// Blocks for a processor of another node. Linux: `numa_other`.
  var other: UInt64 = 0
  /// Times that memory of another migration type was taken. Linux: tracepoint `mm_page_alloc_extfrag`.
  var fallbacks: UInt64 = 0
  /// Those that took less than a pageblock.
  var fragmenting: UInt64 = 0
  /// Those after which the pageblock has the new type.
  var retyped: UInt64 = 0

  mutating func add(_ events: ZoneEvents) {
    allocated &+= events.allocated
    freed &+= events.freed
    blocks &+= events.blocks
    misses &+= events.misses
    foreign &+= events.foreign
    other &+= events.other
    fallbacks &+= events.fallbacks
    fragmenting &+= events.fragmenting
    retyped &+= events.retyped
  }
}
