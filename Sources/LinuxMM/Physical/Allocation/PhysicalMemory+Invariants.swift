extension PhysicalMemory {
  /// Checks every list and recomputes every count from scratch.
  ///
  /// - Precondition: nobody allocates or frees meanwhile.
  /// - Complexity: O(free blocks written so far + pageblocks).
  public func checkInvariants() throws(BrokenInvariant) {
    for index in 0..<zones.count { try checkZone(index) }
    for zone in 0..<zones.count {
      for processor in 0..<processorCount { try checkLists(pagesIndex(zone, processor), zone: zone) }
    }
    for block in 0..<pageblocks.count where pageblocks[block].movableFrames > pageblockOrder.frameCount {
      throw BrokenInvariant("more movable frames in a pageblock than frames", block)
    }
  }

  private func checkZone(_ index: Int) throws(BrokenInvariant) {
    var free = zoneLists[index].pristineBlocks * PageOrder.largest.frameCount
    var contiguous = 0
    for type in MigrationType.allCases {
      for order in 0..<PageOrder.count {
        let size = PageOrder(order)
        let list = zoneLists[index].lists[ZoneLists.place(size, type)]
        var frame = list.first
        var previous = FrameNumber.none
        var count = 0
        while frame != .none {
          let state = states[frame.index]
          if state != .free(size, type) { throw BrokenInvariant("free block on another list", frame.rawValue) }
          if zone(of: frame) != index { throw BrokenInvariant("free block on another zone's list", frame.rawValue) }
          if links[frame.index].previous != previous {
            throw BrokenInvariant("free list linked wrongly", frame.rawValue)
          }
          if frame.rawValue % UInt32(1 << order) != 0 {
            throw BrokenInvariant("free block not aligned to its size", frame.rawValue)
          }
          if frame < zones[index].span.start || frame + (1 << order) > zones[index].span.end {
            throw BrokenInvariant("free block outside its zone", frame.rawValue)
          }
          if order < pageblockOrder.index && states[frame.buddy(size).index].isFree(size)
            && zone(of: frame.buddy(size)) == index
          {
            throw BrokenInvariant("two free buddies not merged", frame.rawValue)
          }
          previous = frame
          frame = links[frame.index].next
          count += 1
          if count > list.count { throw BrokenInvariant("free list longer than its count", order) }
        }
        if previous != list.last { throw BrokenInvariant("free list ends elsewhere", order) }
        if count != list.count { throw BrokenInvariant("free list shorter than its count", order) }
        let marked = zones[index].orders[Int(type.rawValue)].value >> order & 1 != 0
        if marked != (zoneLists[index].blockCount(size, type) > 0) {
          throw BrokenInvariant("order of a zone marked wrongly", order)
        }
        if type != .isolated { free += count << order }
        if type == .contiguous { contiguous += count << order }
      }
    }
    if free != zones[index].free.value { throw BrokenInvariant("free frames of a zone miscounted", free) }
    if contiguous != zones[index].freeContiguous.value {
      throw BrokenInvariant("free frames of contiguous areas miscounted", contiguous)
    }
    if free > zones[index].managed { throw BrokenInvariant("more frames free than managed", free) }
    var pristine = 0
    var isolated = 0
    for block in 0..<pageblocks.count where Int(pageblocks[block].zone) == index {
      if pageblocks[block].isPristine { pristine += 1 }
      if pageblocks[block].type == .isolated { isolated += 1 }
    }
    if pristine << pageblockOrder.index != zoneLists[index].pristineBlocks * PageOrder.largest.frameCount {
      throw BrokenInvariant("never-used blocks miscounted", pristine)
    }
    if isolated != zones[index].isolatedBlocks.value {
      throw BrokenInvariant("isolated pageblocks miscounted", isolated)
    }
  }

  private func checkLists(_ index: Int, zone: Int) throws(BrokenInvariant) {
    var sum = 0
    for place in 0..<PerProcessorPages.listCount {
      let order = PerProcessorPages.order(at: place)
      for position in 0..<processorPages[index].lists[place].count {
        let frame = processorPages[index].lists[place][position]
        let state = states[frame.index]
        if !state.isListed || state.order != order {
          throw BrokenInvariant("block on a processor's list is not marked so", frame.rawValue)
        }
        if self.zone(of: frame) != zone {
          throw BrokenInvariant("block on another zone's processor list", frame.rawValue)
        }
        sum += order.frameCount
      }
    }
    if sum != processorPages[index].count { throw BrokenInvariant("frames of a processor's lists miscounted", sum) }
  }
}
