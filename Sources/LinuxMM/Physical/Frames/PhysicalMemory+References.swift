/// Uses of frames by the layers above.
extension PhysicalMemory {
  /// Adds a use of `frame`. Linux: `get_page`.
  @inline(__always)
  mutating func retain(_ frame: FrameNumber) { frames[frame.index].references += 1 }

  /// Ends a use of `frame`; the last one gives it back to the buddy system. Linux: `put_page`.
  ///
  /// - Returns: whether the frame was freed.
  @discardableResult
  mutating func release(_ frame: FrameNumber) -> Bool {
    frames[frame.index].references -= 1
    let left = frames[frame.index].references
    precondition(left >= 0, "frame released more often than retained")
    guard left == 0 else { return false }
    precondition(frames[frame.index].mappings == 0, "mapped frame freed")
    if frames[frame.index].flags.contains(.anonymous) { setUse(frame, []) }
    free(frame, frames[frame.index].order, processor: processor)
    return true
  }

  /// Sets what an allocated frame is used for, and counts it as movable in its pageblock if it is private memory or
  /// page cache.
  mutating func setUse(_ frame: FrameNumber, _ use: FrameFlags) {
    let movable: FrameFlags = [.anonymous, .cached]
    let old = frames[frame.index].flags
    let kept = old.intersection([.allocated, .compound])
    frames[frame.index].flags = kept.union(use)
    let block = pageblock(of: frame)
    let frameCount = UInt16(frames[frame.index].order.frameCount)
    if !old.isDisjoint(with: movable) { pageblocks[block].movableFrames &-= frameCount }
    if !use.isDisjoint(with: movable) { pageblocks[block].movableFrames &+= frameCount }
  }
}
