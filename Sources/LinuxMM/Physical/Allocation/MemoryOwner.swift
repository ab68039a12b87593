/// Who owns physical memory and can make room in it: the layers above the page allocator.
///
/// The allocator's slow path, compaction and contiguous allocation are extensions of this protocol; a conforming
/// type says what only it can do.
protocol MemoryOwner: ~Copyable {
  var memory: PhysicalMemory { get set }

  /// Frees some frames that a request may have.
  ///
  /// - Returns: the number of frames freed.
  mutating func reclaim(for request: PageRequest) -> Int

  /// Whether requests free memory of near nodes before they go to farther ones. Linux: `node_reclaim_enabled`.
  var reclaimsNodes: Bool { get }

  /// Frees memory of one node for a request (`node_reclaim`).
  ///
  /// - Returns: whether it looked for some.
  mutating func reclaimNode(_ node: Int, for request: PageRequest) -> Bool

  /// Lets the background reclaimers go on that requests have woken.
  mutating func letReclaimersRun()

  /// Frames of a zone that reclaim could still free. Linux: `zone_reclaimable_pages`.
  func reclaimableFrames(zone: Int) -> Int

  /// Moves the contents and all mappings of a movable page to another frame.
  ///
  /// - Parameters:
  ///   - frame: a movable page; allocated but used for nothing if this succeeds.
  ///   - target: an allocated frame that is used for nothing.
  /// - Returns: whether it was moved; if not, nothing has changed.
  mutating func move(_ frame: FrameNumber, to target: FrameNumber) -> Bool

  /// Ends a process to free its memory. Linux: `out_of_memory`.
  ///
  /// - Returns: whether there was one to end.
  mutating func killForMemory(_ request: PageRequest) -> Bool
}
