/// What `checkInvariants()` found wrong.
public struct BrokenInvariant: Error, Sendable {
  public let what: StaticString
  /// The frame, page or count that shows it.
  public let value: UInt64

  init(_ what: StaticString, _ value: some BinaryInteger) {
    self.what = what
    self.value = UInt64(truncatingIfNeeded: value)
  }
}

extension PhysicalMemory {
  /// Checks every free list and recomputes every count from scratch.
  ///
  /// - Complexity: O(free blocks written so far).
  func checkInvariants() throws(BrokenInvariant) {
    for index in 0..<ZoneKind.count {
      var free = zones[index].pristineBlocks * PageOrder.largest.frameCount
      for order in 0..<PageOrder.count {
        let list = zones[index].lists[order]
        var frame = list.first
        var previous = FrameNumber.none
        var count = 0
        while frame != .none {
          let state = frames[frame.index]
          if !state.flags.contains(.buddy) { throw BrokenInvariant("block on a free list is not free", frame.rawValue) }
          if state.order.index != order { throw BrokenInvariant("free block on another order's list", frame.rawValue) }
          if Int(state.zone) != index { throw BrokenInvariant("free block on another zone's list", frame.rawValue) }
          if state.previous != previous { throw BrokenInvariant("free list linked wrongly", frame.rawValue) }
          if frame.rawValue % UInt32(1 << order) != 0 {
            throw BrokenInvariant("free block not aligned to its size", frame.rawValue)
          }
          if frame < zones[index].span.start || frame + (1 << order) > zones[index].span.end {
            throw BrokenInvariant("free block outside its zone", frame.rawValue)
          }
          if order < PageOrder.largest.index && isMergeable(frame, PageOrder(order), index) {
            throw BrokenInvariant("two free buddies not merged", frame.rawValue)
          }
          previous = frame
          frame = state.next
          count += 1
          if count > list.count { throw BrokenInvariant("free list longer than its count", order) }
        }
        if previous != list.last { throw BrokenInvariant("free list ends elsewhere", order) }
        if count != list.count { throw BrokenInvariant("free list shorter than its count", order) }
        free += count << order
      }
      if free != zones[index].free { throw BrokenInvariant("free frames of a zone miscounted", free) }
      if free > zones[index].managed { throw BrokenInvariant("more frames free than managed", free) }
    }
  }

  private func isMergeable(_ frame: FrameNumber, _ order: PageOrder, _ zone: Int) -> Bool {
    let buddy = frame.buddy(order)
    guard buddy < end else { return false }
    let state = frames[buddy.index]
    return state.flags.contains(.buddy) && state.order == order && Int(state.zone) == zone
  }
}
