/// The processors' own lists of free blocks.
extension PhysicalMemory {
  /// Takes a block from a processor's list, refilling it from the zone when it is empty
  /// (`mm/page_alloc.c:rmqueue_pcplist`).
  ///
  /// - Returns: `.none` if the zone has none either.
  func takeListed(_ request: PageRequest, zone: Int, _ how: AttemptFlags) -> FrameNumber {
    let index = pagesIndex(zone, request.processor)
    if wantedPages[index].value != 0 { emptyAsWanted(index, zone: zone) }
    let place = PerProcessorPages.place(request.order, request.type)
    if processorPages[index].lists[place].isEmpty { refill(index, place, request, zone: zone, how) }
    return processorPages[index].lists[place].isEmpty ? .none : pop(request, place, index, zone: zone)
  }

  /// Takes the newest block of a list that is not empty.
  @inline(__always)
  func pop(_ request: PageRequest, _ place: Int, _ index: Int, zone: Int) -> FrameNumber {
    let frame = processorPages[index].lists[place].popNewest()
    if processorPages[index].freeFactor != 0 { processorPages[index].freeFactor >>= 1 }
    processorPages[index].count &-= request.order.frameCount
    processorPages[index].events.allocations[request.order.index] &+= 1
    if !processorPages[index].isLocal { processorPages[index].events.other &+= 1 }
    return frame
  }

  /// Empties the lists of the processor that asks itself, because another one wants it.
  @inline(never)
  func emptyAsWanted(_ index: Int, zone: Int) {
    wantedPages[index].set(0)
    empty(processorPages[index].count, from: 0, index, zone: zone)
  }

  /// Fills a list with a batch of blocks, the first one found to be taken first (`mm/page_alloc.c:rmqueue_bulk`). The
  /// processor's own.
  ///
  /// The zone's lock is held only to cut runs of blocks out; they are listed one by one after that.
  @inline(never)
  private func refill(_ index: Int, _ place: Int, _ request: PageRequest, zone: Int, _ how: AttemptFlags) {
    var wanted = zones[zone].listBatch
    if request.order > .single && wanted > 1 { wanted = max(wanted >> request.order.index, 2) }
    let size = request.order.frameCount
    var filled = 0
    // At most 63 runs, as no batch is larger; `leaving` is not in use now.
    var runs = 0
    zones[zone].lock.lock()
    while filled < wanted && runs < 64 {
      let run = takeRun(request, limit: wanted - filled, zone: zone, how)
      if run.blocks == 0 { break }
      processorPages[index].leaving[runs].frame = run.frame
      processorPages[index].leaving[runs].type = run.type
      processorPages[index].runLengths[runs] = UInt8(truncatingIfNeeded: run.blocks)
      runs += 1
      filled += run.blocks
    }
    zones[zone].lock.unlock()
    while runs > 0 {
      runs -= 1
      let type = processorPages[index].leaving[runs].type
      let first = processorPages[index].leaving[runs].frame
      var block = Int(processorPages[index].runLengths[runs])
      while block > 0 {
        block -= 1
        let frame = first + block * size
        states[frame.index] = .listed(request.order, type)
        processorPages[index].lists[place].push(frame)
      }
    }
    processorPages[index].count += filled * size
  }

  /// Takes one or more blocks that follow each other. Under the zone's lock.
  private func takeRun(
    _ request: PageRequest, limit: Int, zone: Int, _ how: AttemptFlags
  ) -> (frame: FrameNumber, blocks: Int, type: MigrationType) {
    if !how.contains(.contiguous) || zones[zone].contiguous == 0 {
      let (frame, blocks) = takeRun(request.order, request.type, limit: limit, zone: zone)
      if blocks > 0 {
        countFree(-blocks << request.order.index, request.type, zone: zone)
        return (frame, blocks, request.type)
      }
    }
    let (frame, type) = take(request.order, request.type, zone: zone, how)
    return (frame, frame == .none ? 0 : 1, type)
  }

  /// Puts a block on a processor's list, and the oldest ones back into the zone when the lists are full
  /// (`mm/page_alloc.c:free_unref_page_commit`).
  @inline(__always)
  func list(_ frame: FrameNumber, _ order: PageOrder, _ type: MigrationType, _ index: Int, zone: Int) {
    states[frame.index] = .listed(order, type)
    let place = PerProcessorPages.place(order, type.isRequested ? type : .movable)
    processorPages[index].lists[place].push(frame)
    processorPages[index].count &+= order.frameCount
    processorPages[index].events.freed &+= UInt64(order.frameCount)
    let isFull =
      processorPages[index].count >= zones[zone].listLimit
      || (processorPages[index].freeFactor != 0 && order > .single && order.index <= 3)
    if isFull || wantedPages[index].value != 0 { trim(order, place, index, zone: zone) }
  }

  @inline(never)
  private func trim(_ order: PageOrder, _ place: Int, _ index: Int, zone: Int) {
    if wantedPages[index].value != 0 {
      emptyAsWanted(index, zone: zone)
      return
    }
    // Blocks of several frames that follow frees are wanted back as a whole.
    let frees = processorPages[index].freeFactor != 0 && order > .single && order.index <= 3
    empty(
      freeCount(index, high: frees ? 0 : zones[zone].listLimit, frees: frees, zone: zone), from: place, index,
      zone: zone
    )
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
  /// `place` (`mm/page_alloc.c:free_pcppages_bulk`).
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
    var taken = 0
    while taken < wanted && !processorPages[index].lists[place].isEmpty {
      var count = 0
      while taken < wanted && count < 64 && !processorPages[index].lists[place].isEmpty {
        let frame = processorPages[index].lists[place].popOldest()
        var block = LeavingBlock(frame: frame, order: order, type: states[frame.index].type)
        states[frame.index] = .nothing
        taken += order.frameCount
        while count > 0 && block.order < pageblockOrder
          && processorPages[index].leaving[count - 1].frame == block.frame.buddy(block.order)
          && processorPages[index].leaving[count - 1].order == block.order
          && processorPages[index].leaving[count - 1].type == block.type
        {
          count -= 1
          block.frame = min(block.frame, processorPages[index].leaving[count].frame)
          block.order = PageOrder(block.order.index + 1)
        }
        processorPages[index].leaving[count] = block
        count += 1
      }
      zones[zone].lock.lock()
      let isolates = zones[zone].isolatedBlocks.value > 0
      var plain = 0
      for position in 0..<count {
        let block = processorPages[index].leaving[position]
        let type = isolates ? pageblocks[pageblock(of: block.frame)].type : block.type
        if type.isRequested {
          plain += block.order.frameCount
          mergeUncounted(block.frame, block.order, type, zone: zone)
        } else {
          merge(block.frame, block.order, type, zone: zone)
        }
      }
      zones[zone].free.add(plain)
      zones[zone].lock.unlock()
    }
    processorPages[index].count -= taken
    return taken
  }

  /// Gives all blocks that processors keep back to the zones. Linux: `drain_all_pages`.
  ///
  /// - Complexity: O(zones · processors + frames given back).
  public mutating func drainProcessorPages() {
    for zone in 0..<zones.count { drain(zone: zone) }
  }

  mutating func drain(zone: Int) {
    for processor in 0..<processorCount { emptyAsWanted(pagesIndex(zone, processor), zone: zone) }
  }

  /// Gives the blocks that a processor keeps back, and asks the others to do the same at their next request.
  func drain(processor: Int) {
    for zone in 0..<zones.count {
      for other in 0..<processorCount where other != processor { wantedPages[pagesIndex(zone, other)].set(1) }
      emptyAsWanted(pagesIndex(zone, processor), zone: zone)
    }
  }
}
