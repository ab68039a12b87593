extension PhysicalMemory {
  /// Takes a block of 2^`order` frames, from the highest zone that `highest` permits and that keeps
  /// its watermark, falling back to lower zones (`mm/page_alloc.c:get_page_from_freelist`).
  ///
  /// First every zone is asked to keep its low mark, then its minimum.
  ///
  /// - Returns: the block's first frame, with one reference and no mapping.
  /// - Throws: ``AllocationFailure`` if no zone can give it.
  mutating func allocate(
    _ order: PageOrder = .single, from highest: ZoneKind = .normal
  ) throws(AllocationFailure) -> FrameNumber {
    for pass in 0..<2 {
      var index = highest.rawValue
      while index >= 0 {
        if zones[index].free > 0 {
          let marks = zones[index].watermarks
          let mark = pass == 0 ? marks.low : marks.minimum
          if marks.allow(
            free: zones[index].free, order: order, mark: mark, highest: highest.rawValue,
            largestFree: largestFree(inZone: index)),
            let frame = take(order, fromZone: index)
          {
            return frame
          }
        }
        index -= 1
      }
    }
    throw AllocationFailure(order: order)
  }

  /// The order of the largest free block of a zone.
  func largestFree(inZone index: Int) -> PageOrder? {
    if zones[index].firstPristine < zones[index].pristine.count { return .largest }
    var order = PageOrder.count - 1
    while order >= 0 {
      if zones[index].lists[order].count > 0 { return PageOrder(order) }
      order -= 1
    }
    return nil
  }

  /// Removes a block from the smallest sufficient free list and splits it
  /// (`mm/page_alloc.c:__rmqueue_smallest`, `expand`).
  private mutating func take(_ order: PageOrder, fromZone index: Int) -> FrameNumber? {
    var found = order.index
    while found < PageOrder.count && zones[index].lists[found].count == 0 { found += 1 }
    let frame: FrameNumber
    if found < PageOrder.count {
      frame = zones[index].lists[found].first
      unlink(frame, order: PageOrder(found), zone: index)
    } else if let pristine = takePristine(fromZone: index) {
      frame = pristine
      found = PageOrder.largest.index
    } else {
      return nil
    }
    while found > order.index {
      found -= 1
      append(frame + (1 << found), order: PageOrder(found), zone: index, atTail: false)
    }
    zones[index].free -= order.frameCount
    frames[frame.index] = Frame(
      flags: .allocated, order: order, zone: UInt8(truncatingIfNeeded: index), references: 1)
    statistics.pagesAllocated[index] &+= UInt64(order.frameCount)
    return frame
  }

  /// The lowest never-used block of the largest order.
  private mutating func takePristine(fromZone index: Int) -> FrameNumber? {
    let run = zones[index].firstPristine
    guard run < zones[index].pristine.count else { return nil }
    let frame = zones[index].pristine[run].start
    zones[index].pristine[run].start = frame + PageOrder.largest.frameCount
    if zones[index].pristine[run].count == 0 { zones[index].firstPristine += 1 }
    return frame
  }

  /// Gives a block back and merges it with its free buddies (`mm/page_alloc.c:__free_one_page`).
  ///
  /// - Precondition: `frame` is the first frame of an allocated block of `order`.
  mutating func free(_ frame: FrameNumber, _ order: PageOrder = .single) {
    let state = frames[frame.index]
    precondition(state.flags.contains(.allocated), "frame freed that is not allocated")
    precondition(state.order == order, "block freed with another order than it was allocated with")
    let zone = Int(state.zone)
    zones[zone].free += order.frameCount
    statistics.pagesFreed &+= UInt64(order.frameCount)
    frames[frame.index].flags = []
    var block = frame
    var size = order
    while size < .largest {
      let buddy = block.buddy(size)
      guard isFree(buddy, size, zone) else { break }
      unlink(buddy, order: size, zone: zone)
      block = min(block, buddy)
      size = PageOrder(size.index + 1)
    }
    append(block, order: size, zone: zone, atTail: mergesNext(block, size, zone))
  }

  /// Whether the block's own merge partner one order up is free, so that a merge is likely soon: such
  /// a block goes to the list's end (`mm/page_alloc.c:buddy_merge_likely`).
  private func mergesNext(_ block: FrameNumber, _ order: PageOrder, _ zone: Int) -> Bool {
    guard order.index < PageOrder.largest.index - 1 else { return false }
    let parent = FrameNumber(block.rawValue & ~UInt32(order.frameCount))
    let next = PageOrder(order.index + 1)
    return isFree(parent.buddy(next), next, zone)
  }

  private func isFree(_ frame: FrameNumber, _ order: PageOrder, _ zone: Int) -> Bool {
    guard frame < end else { return false }
    let state = frames[frame.index]
    return state.flags.contains(.buddy) && state.order == order && Int(state.zone) == zone
  }

  /// Puts a free block on its list.
  mutating func append(_ frame: FrameNumber, order: PageOrder, zone: Int, atTail: Bool) {
    var state = Frame(flags: .buddy, order: order, zone: UInt8(truncatingIfNeeded: zone))
    var list = zones[zone].lists[order.index]
    if list.count == 0 {
      list.first = frame
      list.last = frame
    } else if atTail {
      state.previous = list.last
      frames[list.last.index].next = frame
      list.last = frame
    } else {
      state.next = list.first
      frames[list.first.index].previous = frame
      list.first = frame
    }
    list.count += 1
    zones[zone].lists[order.index] = list
    frames[frame.index] = state
  }

  private mutating func unlink(_ frame: FrameNumber, order: PageOrder, zone: Int) {
    let state = frames[frame.index]
    var list = zones[zone].lists[order.index]
    if state.previous == .none {
      list.first = state.next
    } else {
      frames[state.previous.index].next = state.next
    }
    if state.next == .none {
      list.last = state.previous
    } else {
      frames[state.next.index].previous = state.previous
    }
    list.count -= 1
    zones[zone].lists[order.index] = list
    frames[frame.index].flags = []
  }
}
