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
    guard order <= .largest, frame < end, states[frame.index] == .allocated(order) else {
      throw failure(frame, order)
    }
    free(frame, order, processor: processor)
  }

  @inline(never)
  private func failure(_ frame: FrameNumber, _ order: PageOrder) -> FreeFailure {
    guard frame < end, zone(of: frame) != Int(Pageblock.noZone) else { return .notAllocated(frame) }
    let state = states[frame.index]
    if state.isListed || pageblocks[pageblock(of: frame)].isPristine || freeBlock(containing: frame) != nil {
      return .alreadyFree(frame)
    }
    guard state.isAllocated else { return .notAllocated(frame) }
    if state.order != order { return .otherOrder(frame, allocated: state.order) }
    return .inUse(frame)
  }

  /// Frees a block that is known to be allocated with this order and used by nobody.
  @inline(__always)
  func free(_ frame: FrameNumber, _ order: PageOrder, processor: Int) {
    let block = frame.index &>> pageblockOrder.index
    let zone = self.zone(of: frame)
    let type = pageblocks[block].type
    if PerProcessorPages.keeps(order) && type != .isolated {
      let pages = pagesIndex(zone, processor)
      list(frame, order, type, pages, zone: zone)
    } else {
      freeToZone(frame, order, zone: zone)
    }
  }

  /// Frees a block past the processor's lists (`mm/page_alloc.c:free_one_page`).
  @inline(never)
  func freeToZone(_ frame: FrameNumber, _ order: PageOrder, zone: Int) {
    zones[zone].lock.lock()
    zoneLists[zone].events.freed &+= UInt64(order.frameCount)
    merge(frame, order, pageblocks[pageblock(of: frame)].type, zone: zone)
    zones[zone].lock.unlock()
  }
}
