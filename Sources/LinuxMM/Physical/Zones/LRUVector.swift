/// The pages of one control group on one node by their use, the most recently used first, and what reclaim has learned of
/// them. Linux: `struct lruvec`.
struct LRUVector: BitwiseCopyable {
  var lists = InlineArray<5, FrameList>(repeating: FrameList())
  /// Pages by list and ``ZoneKind``. Linux: `lru_zone_size`.
  var sizes = InlineArray<5, InlineArray<6, Int>>(repeating: InlineArray<6, Int>(repeating: 0))
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

  /// Pages of a list.
  func count(_ kind: LRUKind) -> Int { Int(lists[kind.rawValue].count) }

  /// Pages of a list in zones up to a kind. Linux: `lruvec_lru_size`.
  func count(_ kind: LRUKind, upTo highest: ZoneKind) -> Int {
    var sum = 0
    for zone in 0...highest.rawValue { sum += sizes[kind.rawValue][zone] }
    return sum
  }

  /// Whether there are so few inactive pages that active ones should follow (`mm/vmscan.c:inactive_is_low`).
  func hasFewInactive(file: Bool) -> Bool {
    let inactive = count(file ? .inactiveFile : .inactiveAnonymous)
    let active = count(file ? .activeFile : .activeAnonymous)
    let gigabytes = (inactive + active) >> (30 - PageSize.shift)
    let ratio = gigabytes > 0 ? squareRoot(10 * gigabytes) : 1
    return inactive * ratio < active
  }
}
