/// Pageblocks being emptied: nothing is allocated from them, and their free memory is not counted.
extension PhysicalMemory {
  /// Keeps a pageblock from being allocated from, if all in it is free or can be moved
  /// (`mm/page_isolation.c:set_migratetype_isolate`, `has_unmovable_pages`).
  ///
  /// - Returns: the type it had, or `nil` if something in `wanted` cannot be moved.
  func isolate(pageblock block: Int, wanted: FrameRange) -> MigrationType? {
    let zone = Int(pageblocks[block].zone)
    guard zone != Int(Pageblock.noZone), pageblocks[block].type != .isolated else { return nil }
    zones[zone].lock.lock()
    defer { zones[zone].lock.unlock() }
    let start = FrameNumber(UInt32(block << pageblockOrder.index))
    writePristine(around: start, zone: zone)
    var frame = max(start, wanted.start)
    let end = min(start + pageblockOrder.frameCount, wanted.end)
    while frame < end {
      if let order = freeBlock(containing: frame) {
        frame = FrameNumber(frame.rawValue & ~UInt32(order.frameCount - 1)) + order.frameCount
        continue
      }
      if !isMovable(frame) && !isListed(frame) { return nil }
      frame = frame + 1
    }
    let old = pageblocks[block].type
    cutOut(pageblock: block, zone: zone)
    pageblocks[block].setType(.isolated)
    zones[zone].isolatedBlocks.add(1)
    moveFree(ofPageblock: block, to: .isolated, zone: zone)
    return old
  }

  /// Lets a pageblock be allocated from again (`unset_migratetype_isolate`).
  func release(pageblock block: Int, to type: MigrationType) {
    let zone = Int(pageblocks[block].zone)
    zones[zone].lock.lock()
    pageblocks[block].setType(type)
    zones[zone].isolatedBlocks.add(-1)
    moveFree(ofPageblock: block, to: type, zone: zone)
    joinBlocks(at: block, zone: zone)
    zones[zone].lock.unlock()
  }

  /// The order of the free block that contains a frame. O(orders).
  func freeBlock(containing frame: FrameNumber) -> PageOrder? {
    for order in 0..<PageOrder.count {
      let head = FrameNumber(frame.rawValue & ~(1 << UInt32(order) - 1))
      if states[head.index].isFree(PageOrder(order)) { return PageOrder(order) }
    }
    return nil
  }

  /// Whether a frame belongs to a block on a processor's list.
  private func isListed(_ frame: FrameNumber) -> Bool {
    for order in [0, 1, 2, 3, 9] {
      let head = FrameNumber(frame.rawValue & ~(1 << UInt32(order) - 1))
      let state = states[head.index]
      if state.isListed && state.order.index >= order { return true }
    }
    return false
  }

  /// Writes the never-used block that contains a frame, if there is one.
  func writePristine(around frame: FrameNumber, zone: Int) {
    if pageblocks[pageblock(of: frame)].isPristine {
      writePristine(FrameNumber(frame.rawValue & ~UInt32(PageOrder.largest.frameCount - 1)), zone: zone)
    }
  }

  /// Splits a free block larger than a pageblock, so that this pageblock stands alone.
  private func cutOut(pageblock block: Int, zone: Int) {
    let start = FrameNumber(UInt32(block << pageblockOrder.index))
    guard let order = freeBlock(containing: start), order > pageblockOrder else { return }
    let head = FrameNumber(start.rawValue & ~UInt32(order.frameCount - 1))
    let type = states[head.index].type
    remove(head, order, type, zone: zone)
    var part = head
    while part < head + order.frameCount {
      insert(part, pageblockOrder, type, zone: zone, atTail: false)
      part = part + pageblockOrder.frameCount
    }
  }

  /// Merges a wholly free pageblock with its free neighbour, when their types permit it.
  private func joinBlocks(at block: Int, zone: Int) {
    let start = FrameNumber(UInt32(block << pageblockOrder.index))
    guard pageblockOrder < .largest, states[start.index].isFree(pageblockOrder) else { return }
    let type = states[start.index].type
    remove(start, pageblockOrder, type, zone: zone)
    countFree(-pageblockOrder.frameCount, type, zone: zone)
    merge(start, pageblockOrder, type, zone: zone)
  }

  /// Makes pageblocks that are free at boot an area's (`mm/page_alloc.c:init_cma_reserved_pageblock`).
  func makeContiguous(_ range: FrameRange) {
    var frame = range.start
    while frame < range.end {
      let block = pageblock(of: frame)
      let zone = Int(pageblocks[block].zone)
      zones[zone].lock.lock()
      writePristine(around: frame, zone: zone)
      cutOut(pageblock: block, zone: zone)
      pageblocks[block].setType(.contiguous)
      moveFree(ofPageblock: block, to: .contiguous, zone: zone)
      joinBlocks(at: block, zone: zone)
      zones[zone].contiguous += pageblockOrder.frameCount
      zones[zone].lock.unlock()
      frame = frame + pageblockOrder.frameCount
    }
  }

  /// Takes all frames of a range, which must be free and isolated (`mm/compaction.c:isolate_freepages_range`).
  ///
  /// - Returns: whether all were free; if not, nothing has changed.
  func takeIsolated(_ range: FrameRange) -> Bool {
    let zone = zone(of: range.start)
    zones[zone].lock.lock()
    defer { zones[zone].lock.unlock() }
    var frame = range.start
    while frame < range.end {
      guard let order = freeBlock(containing: frame) else { return false }
      frame = FrameNumber(frame.rawValue & ~UInt32(order.frameCount - 1)) + order.frameCount
    }
    frame = range.start
    while frame < range.end {
      guard let order = freeBlock(containing: frame) else { return false }
      let head = FrameNumber(frame.rawValue & ~UInt32(order.frameCount - 1))
      takeFree(head, order, zone: zone)
      // What lies outside of the range goes back.
      for part in 0..<order.frameCount where head + part < range.start || head + part >= range.end {
        states[(head + part).index] = .nothing
        merge(head + part, .single, .isolated, zone: zone)
      }
      frame = head + order.frameCount
    }
    return true
  }
}
