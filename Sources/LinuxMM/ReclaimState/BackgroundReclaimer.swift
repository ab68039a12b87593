/// What frees memory of a node before requests have to. Linux: `kswapd`, and what `struct pglist_data` has for it.
struct BackgroundReclaimer: BitwiseCopyable {
  enum Phase: BitwiseCopyable {
    case asleep
    /// The node had enough memory a moment ago; whether it still has is looked at soon.
    case dozing
    case running
    /// Waits for pages to be written.
    case waiting
  }

  /// After so many runs without a page freed it gives up. Linux: `MAX_RECLAIM_RETRIES`.
  static let mostFailures = 16

  var phase = Phase.asleep
  /// When it goes on, in picoseconds on the machine's clock.
  var resumes: UInt64 = 0
  /// How long it has had the only processor for itself, and whether it left that to programs before it was done.
  var ran: UInt64 = 0
  var isPreempted = false
  /// Linux: `kswapd_failures`.
  var failures = 0
  /// All pages looked at were being written. Linux: `PGDAT_WRITEBACK`.
  var isFullOfWriteback = false
  /// All pages of files looked at were dirty and nobody was writing them. Linux: `PGDAT_DIRTY`.
  var isFullOfDirty = false
  /// Whether it looked for private pages when it last went through page tables. Linux: `mm_walk.can_swap`.
  var walkerSwaps = false
  /// Pages written since it waits for that. Linux: `NR_THROTTLED_WRITTEN` less `nr_reclaim_start`.
  var written = 0

  // The run.
  var control = ReclaimControl()
  /// Whether it is in the middle of a round, and where; what it had freed before, and whether the next round looks at more.
  var isScanning = false
  var scan = NodeScan()
  var reclaimedBefore = 0
  var raises = false
  /// The order it was asked for.
  var order = PageOrder.single
  var highest = ZoneKind.movable
  /// What the zones' marks were raised by at the start. Linux: `zone_boosts`.
  var boosts = InlineArray<6, Int>(repeating: 0)
  /// What is left to be freed of that. Linux: `nr_boost_reclaim`.
  var boost = 0
  var wasBoosted = false

  var gaveUp: Bool { failures >= Self.mostFailures }
}
