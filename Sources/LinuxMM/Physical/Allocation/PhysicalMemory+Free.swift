extension PhysicalMemory {
  /// Gives a block of ``allocatePages(_:_:processor:node:nodes:task:)`` back (`__free_pages`).
  ///
  /// - Parameters:
  ///   - frame: the block's first frame.
  ///   - order: as it was allocated.
  ///   - processor: who frees; no two threads use the same number at a time.
  /// - Throws: ``FreeFailure``, with nothing changed, if that is no allocated block or somebody uses it.
  /// - Complexity: O(orders).
  @inline(__always)
  public func freePages(_ frame: FrameNumber, _ order: PageOrder = .single, processor: Int = 0) throws(FreeFailure) {
    guard frame.index < frames.count, frames[frame.index].flags.subtracting(.compound) == .allocated,
      frames[frame.index].order == order, frames[frame.index].references == 1, frames[frame.index].mappings == 0
    else { throw failure(frame, order) }
    free(frame, order, processor: processor)
  }

  @inline(never)
  private func failure(_ frame: FrameNumber, _ order: PageOrder) -> FreeFailure {
    guard frame.index < frames.count, zone(of: frame) != Int(Pageblock.noZone) else { return .notAllocated(frame) }
    let state = frames[frame.index]
    if state.freeOrder != 0 || state.flags == .listed || pageblocks[pageblock(of: frame)].isPristine
      || isInFreeBlock(frame)
    {
      return .alreadyFree(frame)
    }
    guard state.flags.contains(.allocated) else { return .notAllocated(frame) }
    if state.order != order { return .otherOrder(frame, allocated: state.order) }
    return .inUse(frame)
  }

  /// Whether a larger free block contains the frame.
  private func isInFreeBlock(_ frame: FrameNumber) -> Bool {
    for order in 0..<PageOrder.count {
      let head = FrameNumber(frame.rawValue & ~(1 << UInt32(order) - 1))
      if Int(frames[head.index].freeOrder) == order + 1 { return true }
    }
    return false
  }

  /// Frees a block that is known to be allocated with this order and used by nobody.
  @inline(__always)
  func free(_ frame: FrameNumber, _ order: PageOrder, processor: Int) {
    let index = frame.index
    frames[index].references = 0
    let block = frame.index >> pageblockOrder.index
    let zone = Int(pageblocks[block].zone)
    let type = pageblocks[block].type
    if PerProcessorPages.keeps(order) && type != .isolated {
      let pages = pagesIndex(zone, processor)
      if processorPages[pages].lock.tryLock() {
        list(frame, order, type, pages, zone: zone)
        processorPages[pages].lock.unlock()
        return
      }
    }
    freeToZone(frame, order, zone: zone)
  }

  /// Frees a block past the processor's lists (`mm/page_alloc.c:free_one_page`).
  @inline(never)
  func freeToZone(_ frame: FrameNumber, _ order: PageOrder, zone: Int) {
    frames[frame.index].flags = []
    zones[zone].lock.lock()
    zones[zone].events.freed &+= UInt64(order.frameCount)
    merge(frame, order, pageblocks[pageblock(of: frame)].type, zone: zone)
    zones[zone].lock.unlock()
  }
}
