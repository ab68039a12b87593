/// Uses of frames by the layers above.
extension PhysicalMemory {
  /// Says what an allocated frame is used for from now on, with one reference.
  mutating func beginUse(_ frame: FrameNumber, _ use: FrameFlags) {
    let order = states[frame.index].order
    states[frame.index] = .used(order)
    frames[frame.index] = Frame(references: 1)
    setUse(frame, use)
  }

  /// Makes single frames of an allocated block, which are given back one by one. Linux: `split_page`.
  func split(_ frame: FrameNumber, _ order: PageOrder) {
    for index in 0..<order.frameCount { states[frame.index + index] = .allocated(.single) }
  }

  /// Changes what a used frame is used for, and counts it as movable in its pageblock if it is private memory or
  /// page cache.
  mutating func setUse(_ frame: FrameNumber, _ use: FrameFlags) {
    let movable: FrameFlags = [.anonymous, .cached]
    var old = frames[frame.index].flags
    if old == use { return }
    if old.contains(.listed) && !use.contains(.listed) {
      removeFromList(frame)
      old = frames[frame.index].flags
    }
    frames[frame.index].flags = use
    let block = pageblock(of: frame)
    let frameCount = UInt16(states[frame.index].order.frameCount)
    if !old.isDisjoint(with: movable) { pageblocks[block].movableFrames &-= frameCount }
    if !use.isDisjoint(with: movable) { pageblocks[block].movableFrames &+= frameCount }
  }

  /// Ends the use of a frame, which stays allocated.
  mutating func endUse(_ frame: FrameNumber) {
    setUse(frame, [])
    if frames[frame.index].group != 0 { uncharge(frames[frame.index].group) }
    frames[frame.index] = Frame()
    states[frame.index] = .allocated(states[frame.index].order)
  }

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
    endUse(frame)
    free(frame, states[frame.index].order, processor: processor)
    return true
  }
}
