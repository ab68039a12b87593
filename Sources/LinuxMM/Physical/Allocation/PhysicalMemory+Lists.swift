/// The processors' own lists of free blocks.
extension PhysicalMemory {
  /// Takes a block from a processor's list, refilling it from the zone when it is empty
  /// (`mm/page_alloc.c:rmqueue_pcplist`).
  ///
  /// - Returns: `.none` if the zone has none either, or the list is just being emptied by someone else.
  @inline(__always)
  func takeListed(_ request: PageRequest, zone: Int, _ how: AttemptFlags) -> FrameNumber {
    let index = pagesIndex(zone, request.processor)
    guard processorPages[index].lock.tryLock() else { return .none }
    processorPages[index].freeFactor >>= 1
    let place = PerProcessorPages.place(request.order, request.type)
    if processorPages[index].lists[place].isEmpty { refill(index, place, request, zone: zone, how) }
    let frame = processorPages[index].lists[place].first
    if frame != .none {
      processorPages[index].lists[place].remove(frame, in: frames)
      processorPages[index].count &-= request.order.frameCount
      count(request, zone: zone, &processorPages[index].events)
    }
    processorPages[index].lock.unlock()
    return frame
  }

  /// Counts an allocation (`mm/page_alloc.c:zone_statistics`).
  @inline(__always)
  func count(_ request: PageRequest, zone: Int, _ events: inout ZoneEvents) {
    let frames = UInt64(request.order.frameCount)
    events.allocated &+= frames
    let node = zones[zone].node
    if node == request.node { events.hits &+= 1 } else { events.misses &+= 1 }
    if node == topology.nodeOfProcessor[request.processor] { events.local &+= 1 } else { events.other &+= 1 }
  }

  /// Fills a list with a batch of blocks (`mm/page_alloc.c:rmqueue_bulk`). The list's lock is held.
  ///
  /// The zone's lock is held only to cut the blocks out; they are linked after that.
  @inline(never)
  private func refill(_ index: Int, _ place: Int, _ request: PageRequest, zone: Int, _ how: AttemptFlags) {
    var wanted = zones[zone].listBatch
    if request.order > .single && wanted > 1 { wanted = max(wanted >> request.order.index, 2) }
    var list = processorPages[index].lists[place]
    let size = request.order.frameCount
    var filled = 0
    var runs = InlineArray<64, UInt64>(repeating: 0)
    while filled < wanted {
      var runCount = 0
      zones[zone].lock.lock()
      while filled < wanted && runCount < 64 {
        let (frame, blocks) = takeBlocks(request, limit: wanted - filled, zone: zone, how)
        if blocks == 0 { break }
        runs[runCount] = UInt64(frame.rawValue) << 32 | UInt64(blocks)
        runCount += 1
        filled += blocks
      }
      zones[zone].lock.unlock()
      if runCount == 0 { break }
      for run in 0..<runCount {
        var frame = FrameNumber(UInt32(truncatingIfNeeded: runs[run] >> 32))
        let type = frames[frame.index].type
        var blocks = runs[run] & 0xffff_ffff
        while blocks > 0 {
          frames[frame.index].set(request.order, type)
          frames[frame.index].flags = .listed
          list.append(frame, in: frames)
          frame = frame + size
          blocks -= 1
        }
      }
    }
    processorPages[index].lists[place] = list
    processorPages[index].count += filled * size
  }

  /// Takes one or more blocks that follow each other. Under the zone's lock.
  private func takeBlocks(
    _ request: PageRequest, limit: Int, zone: Int, _ how: AttemptFlags
  ) -> (FrameNumber, Int) {
    if !how.contains(.contiguous) || zones[zone].contiguous == 0 {
      let (frame, blocks) = takeRun(request.order, request.type, limit: limit, zone: zone)
      if blocks > 0 {
        countFree(-blocks << request.order.index, request.type, zone: zone)
        frames[frame.index].set(request.order, request.type)
        return (frame, blocks)
      }
    }
    let frame = take(request.order, request.type, zone: zone, how)
    return (frame, frame == .none ? 0 : 1)
  }

  /// Puts a block on a processor's list, and the oldest ones back into the zone when the lists are full
  /// (`mm/page_alloc.c:free_unref_page_commit`). The list's lock is held.
  @inline(__always)
  func list(_ frame: FrameNumber, _ order: PageOrder, _ type: MigrationType, _ index: Int, zone: Int) {
    frames[frame.index].set(order, type)
    frames[frame.index].flags = .listed
    let place = PerProcessorPages.place(order, type.isRequested ? type : .movable)
    processorPages[index].lists[place].prepend(frame, in: frames)
    processorPages[index].count &+= order.frameCount
    processorPages[index].events.freed &+= UInt64(order.frameCount)
    if processorPages[index].count >= zones[zone].listHigh || processorPages[index].freeFactor != 0 {
      trim(order, place, index, zone: zone)
    }
  }

  @inline(never)
  private func trim(_ order: PageOrder, _ place: Int, _ index: Int, zone: Int) {
    // Blocks of several frames that follow frees are wanted back as a whole.
    let frees = processorPages[index].freeFactor != 0 && order > .single && order.index <= 3
    let high = frees ? 0 : zones[zone].listHigh
    if processorPages[index].count < high { return }
    empty(freeCount(index, high: high, frees: frees, zone: zone), from: place, index, zone: zone)
  }

  /// How many frames go back (`mm/page_alloc.c:nr_pcp_free`).
  private func freeCount(_ index: Int, high: Int, frees: Bool, zone: Int) -> Int {
    if frees { return processorPages[index].count }
    let batch = zones[zone].listBatch
    if high < batch { return 1 }
    let scaled = batch << Int(processorPages[index].freeFactor)
    if scaled < high - batch && processorPages[index].freeFactor < 5 { processorPages[index].freeFactor += 1 }
    return min(max(scaled, batch), max(high - batch, batch))
  }

  /// Gives frames of a processor's lists back to the zone, the longest unused first, beginning with the list at
  /// `place` (`mm/page_alloc.c:free_pcppages_bulk`). The list's lock is held.
  func empty(_ wanted: Int, from place: Int, _ index: Int, zone: Int) {
    var left = min(wanted, processorPages[index].count)
    var place = place
    while left > 0 {
      while processorPages[index].lists[place].isEmpty {
        place = place + 1 == PerProcessorPages.listCount ? 0 : place + 1
      }
      left -= emptyList(left, place, index, zone: zone)
    }
  }

  /// Gives up to `wanted` frames of one list back, at least one block.
  ///
  /// Blocks that follow each other are joined before the zone's lock is taken: 64 frames freed in order cost one merge.
  private func emptyList(_ wanted: Int, _ place: Int, _ index: Int, zone: Int) -> Int {
    let order = PerProcessorPages.order(at: place)
    var list = processorPages[index].lists[place]
    var taken = 0
    while taken < wanted && !list.isEmpty {
      var blocks = InlineArray<64, FreedBlock>(repeating: FreedBlock())
      var count = 0
      while taken < wanted && !list.isEmpty && count < 64 {
        let frame = list.last
        var block = FreedBlock(frame: frame, order: order, type: frames[frame.index].type)
        list.remove(frame, in: frames)
        frames[frame.index].flags = []
        taken += order.frameCount
        while count > 0 && block.order < pageblockOrder && blocks[count - 1].frame == block.frame.buddy(block.order)
          && blocks[count - 1].order == block.order && blocks[count - 1].type == block.type
        {
          count -= 1
          block.frame = min(block.frame, blocks[count].frame)
          block.order = PageOrder(block.order.index + 1)
        }
        blocks[count] = block
        count += 1
      }
      zones[zone].lock.lock()
      let isolates = zones[zone].isolatedBlocks.value > 0
      for position in 0..<count {
        let block = blocks[position]
        let type = isolates ? pageblocks[pageblock(of: block.frame)].type : block.type
        merge(block.frame, block.order, type, zone: zone)
      }
      zones[zone].lock.unlock()
    }
    processorPages[index].lists[place] = list
    processorPages[index].count -= taken
    return taken
  }

  /// Gives all blocks that processors keep back to the zones. Linux: `drain_all_pages`.
  ///
  /// - Complexity: O(zones · processors + frames given back).
  public func drainProcessorPages() {
    for zone in 0..<zones.count { drain(zone: zone) }
  }

  func drain(zone: Int) {
    for processor in 0..<processorCount {
      let index = pagesIndex(zone, processor)
      processorPages[index].lock.lock()
      empty(processorPages[index].count, from: 0, index, zone: zone)
      processorPages[index].lock.unlock()
    }
  }
}

/// A block on its way back into the zone.
private struct FreedBlock: BitwiseCopyable {
  var frame: FrameNumber = .none
  var order: PageOrder = .single
  var type: MigrationType = .movable
}
