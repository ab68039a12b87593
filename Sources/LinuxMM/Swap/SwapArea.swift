/// A swap area in use. Linux: `struct swap_info_struct`.
struct SwapArea: BitwiseCopyable {
  /// Linux: `SWAPFILE_CLUSTER`.
  static let clusterPages = 512

  let number: Int
  /// In pages, with the header's.
  let pages: Int
  /// Where its slots begin in the tables of ``SwapSpace``.
  let base: Int
  /// Where its clusters begin.
  let clusterBase: Int
  let priority: Int
  var device: BlockDevice
  /// Whether its pages stay in memory, compressed, so that reading ahead is of no use. Linux: `SWP_SYNCHRONOUS_IO`.
  let isCompressed: Bool
  /// Slots that hold a page or are cached. Linux: `inuse_pages`.
  var used = 0
  /// Whether it may be given new pages. Linux: `SWP_WRITEOK`.
  var isOn = true
  /// Clusters without a page, the next one to use first. Linux: `free_clusters`.
  var firstFree: UInt32 = SwapCluster.none
  var lastFree: UInt32 = SwapCluster.none
  /// Where the search goes on when no cluster is free, or on a rotational disk. Linux: `cluster_next`.
  var cursor = 1
  /// On a rotational disk: slots still to be taken near the cursor. Linux: `cluster_nr`.
  var leftInRun = 0
  /// The request to the device that fails, counted down to 1; 0 for none.
  var failure = 0

  /// Counts a request.
  ///
  /// - Returns: whether it is the one that fails.
  mutating func countRequest() -> Bool {
    if failure == 0 { return false }
    failure -= 1
    return failure == 0
  }

  var clusters: Int { (pages + Self.clusterPages - 1) / Self.clusterPages }
}

/// 512 slots that follow each other. Linux: `struct swap_cluster_info`.
struct SwapCluster: BitwiseCopyable {
  static let none: UInt32 = .max

  /// Slots in use.
  var used: UInt16 = 0
  /// The next free cluster of the area.
  var next = SwapCluster.none
}
