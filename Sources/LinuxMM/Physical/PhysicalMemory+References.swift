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
    free(frame, frames[frame.index].order)
    return true
  }
}
