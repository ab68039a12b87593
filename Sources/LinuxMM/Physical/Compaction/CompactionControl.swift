/// One run of compaction over a zone. Linux: `struct compact_control`.
struct CompactionControl {
  let zone: Int
  /// The wanted block; `nil` to compact everything.
  let order: PageOrder?
  let type: MigrationType
  let highest: ZoneKind
  let how: AttemptFlags
  let priority: CompactionPriority
  /// Whether a request waits for it, rather than the background compactor or an administrator.
  let isDirect: Bool
  /// Ends as soon as the zone's external fragmentation is at most this, in percent.
  var proactiveGoal: Int?
  /// The next frame to look for pages to move at, upwards.
  var migrate = FrameNumber(0)
  /// The next frame to look for free frames below, downwards.
  var free = FrameNumber(0)
  var isWholeZone = false
  /// Free frames taken as targets, not used yet.
  var targets: [FrameNumber] = []

  /// Pages are moved in clusters of this many. Linux: `COMPACT_CLUSTER_MAX`.
  static let clusterSize = 32

  var ignoresSkips: Bool { order == nil || priority == .full || proactiveGoal != nil }
  var isSynchronous: Bool { priority != .asynchronous }
}
