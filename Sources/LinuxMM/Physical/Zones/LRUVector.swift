/// What reclaim has learned of the pages of one control group on one node; their lists are those of ``PageLists``. Linux:
/// `struct lruvec`.
struct LRUVector: BitwiseCopyable {
  /// What it cost lately to take pages of each kind back: pages written, and those that soon came again. Linux:
  /// `anon_cost`, `file_cost`.
  var anonymousCost = 0
  var fileCost = 0
  /// Evictions and activations so far. Linux: `nonresident_age`.
  var age: UInt64 = 0
  /// Refaults of pages that would have stayed with a little more memory. Linux: `WORKINGSET_ACTIVATE_*`.
  var anonymousActivations: UInt64 = 0
  var fileActivations: UInt64 = 0
  /// The same when reclaim was over last. Linux: `refaults`.
  var seenAnonymousActivations: UInt64 = 0
  var seenFileActivations: UInt64 = 0
  /// Whether dirty pages come around faster than they are written. Linux: `LRUVEC_CONGESTED`.
  var isCongested = false
  var events = VectorEvents()
}
