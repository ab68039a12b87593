/// The kernel's own calls to the page allocator.
extension Machine where P: ~Copyable {
  /// Takes a block of 2^`order` frames for the kernel (`alloc_pages`).
  ///
  /// - Parameters:
  ///   - order: at most ``PageOrder/largest``.
  ///   - highest: the highest zone that will do.
  /// - Throws: ``AllocationFailure`` when no permitted zone can give it and keep its watermark, clean page-cache
  ///   frames having been taken back first.
  /// - Complexity: O(orders).
  public mutating func allocateFrames(
    _ order: PageOrder = .single, from highest: ZoneKind = .normal
  ) throws(AllocationFailure) -> FrameNumber {
    precondition(order <= .largest, "no block is larger than the largest order")
    let frame = try spaces.retrying { (spaces) throws(AllocationFailure) in
      try spaces.translation.memory.allocate(order, from: highest)
    }
    kernelFrames += order.frameCount
    return frame
  }

  /// Gives a block of ``allocateFrames(_:from:)`` back (`__free_pages`).
  ///
  /// - Precondition: the block is allocated, with this order. Anything else traps and says so.
  public mutating func freeFrames(_ frame: FrameNumber, _ order: PageOrder = .single) {
    spaces.translation.memory.free(frame, order)
    kernelFrames -= order.frameCount
  }
}
