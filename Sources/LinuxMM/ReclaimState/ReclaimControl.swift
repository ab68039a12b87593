/// What one run of reclaim is to do, and how far it has come. Linux: `struct scan_control`.
struct ReclaimControl: BitwiseCopyable {
  /// Pages looked at are the lists' sizes divided by 2 to the power of it: 12 at first, 0 for everything. Linux:
  /// `DEF_PRIORITY`.
  static let firstPriority = 12
  /// Pages looked at at a time, and wanted by a request that reclaims itself. Linux: `SWAP_CLUSTER_MAX`.
  static let batch = FrameBatch.capacity

  /// Pages wanted.
  var goal = ReclaimControl.batch
  var priority = ReclaimControl.firstPriority
  var order = PageOrder.single
  /// Pages in zones above it do not help. Linux: `reclaim_idx`.
  var highest = ZoneKind.movable
  /// The group that memory is taken from, with those below it; 0 for the whole machine. Linux: `target_mem_cgroup`.
  var group: UInt16 = 0
  /// Whether this is the background reclaimer of a node.
  var isBackground = false
  /// Whether transfers may be begun. Linux: `__GFP_IO`.
  var permitsTransfers = true
  /// Linux: `__GFP_FS`.
  var permitsFiles = true
  var mayWrite = true
  var mayUnmap = true
  var maySwap = true
  /// Pages are taken whether they were used or not. Linux: `ignore_references`.
  var ignoresUses = false
  /// Active pages are taken in any case.
  var forcesDeactivation = false
  /// Active pages would have been there, but were left alone.
  var skippedActive = false

  /// Memory below their low marks is taken from groups, too. Linux: `memcg_low_reclaim`, `memcg_low_skipped`.
  var ignoresLow = false
  var skippedLow = false

  var scanned = 0
  var reclaimed = 0
  /// Pages reclaimed when the background reclaimer's round began. Linux: `last_reclaimed`.
  var reclaimedBefore = 0
  /// Whether the background reclaimer is to look whether new generations are due. Linux: `memcgs_need_aging`.
  var looksForAging = false

  // What holds for the node that is looked at.
  var deactivatesAnonymous = false
  var deactivatesFile = false
  /// Linux: `cache_trim_mode`.
  var trimsCache = false
  /// Linux: `file_is_tiny`.
  var hasFewFilePages = false
  var anonymousCost = 0
  var fileCost = 0
  var taken = ReclaimTally()

  /// Begins anew with less regard, if anything was spared (`do_try_to_free_pages`).
  ///
  /// - Returns: whether there was.
  mutating func retries() -> Bool {
    if skippedActive {
      forcesDeactivation = true
      skippedActive = false
    } else if skippedLow {
      forcesDeactivation = false
      ignoresLow = true
      skippedLow = false
    } else {
      return false
    }
    priority = Self.firstPriority
    return true
  }

  func deactivates(file: Bool) -> Bool { file ? deactivatesFile : deactivatesAnonymous }
}

/// What was found among pages taken from the lists. Linux: `struct reclaim_stat` and `sc->nr`.
struct ReclaimTally: BitwiseCopyable {
  var dirty = 0
  var unqueuedDirty = 0
  var congested = 0
  var writeback = 0
  var immediate = 0
  var taken = 0
  var fileTaken = 0
  /// Pages whose writing was begun.
  var written = 0
}
