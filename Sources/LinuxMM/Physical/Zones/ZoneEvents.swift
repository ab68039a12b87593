/// What one processor did in one zone; the sum over processors is what `/proc` shows.
struct ZoneEvents: BitwiseCopyable {
  /// Blocks allocated, by order. Those that are no `misses` are `numa_hit`, those that are no `other` are `numa_local`.
  var allocations = InlineArray<11, UInt64>(repeating: 0)
  /// Frames freed. Linux: `pgfree`.
  var freed: UInt64 = 0
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

  /// Frames allocated. Linux: `pgalloc_*`.
  var allocated: UInt64 {
    var sum: UInt64 = 0
    for order in 0..<PageOrder.count { sum &+= allocations[order] << UInt64(order) }
    return sum
  }

  /// Blocks allocated.
  var blocks: UInt64 {
    var sum: UInt64 = 0
    for order in 0..<PageOrder.count { sum &+= allocations[order] }
    return sum
  }

  mutating func add(_ events: ZoneEvents) {
    for order in 0..<PageOrder.count { allocations[order] &+= events.allocations[order] }
    freed &+= events.freed
    misses &+= events.misses
    foreign &+= events.foreign
    other &+= events.other
    fallbacks &+= events.fallbacks
    fragmenting &+= events.fragmenting
    retyped &+= events.retyped
  }
}
