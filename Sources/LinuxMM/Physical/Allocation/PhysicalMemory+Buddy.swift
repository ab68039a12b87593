/// The buddy system. All of it under the lock of the zone, or before anyone else has the value.
extension PhysicalMemory {
  /// Notes that a list of a zone holds something.
  @inline(__always)
  func markOrder(_ order: PageOrder, _ type: MigrationType, zone: Int) {
    let place = Int(type.rawValue)
    let marks = zones[zone].orders[place].value
    if marks >> order.index & 1 == 0 { zones[zone].orders[place].set(marks | 1 << order.index) }
  }

  /// Puts a free block on its list; the zone's count of free frames is the caller's.
  @inline(__always)
  func insert(_ frame: FrameNumber, _ order: PageOrder, _ type: MigrationType, zone: Int, atTail: Bool) {
    states[frame.index] = .free(order, type)
    let place = ZoneLists.place(order, type)
    if atTail {
      zoneLists[zone].lists[place].append(frame, in: links)
    } else {
      zoneLists[zone].lists[place].prepend(frame, in: links)
    }
    markOrder(order, type, zone: zone)
  }

  /// Takes a free block out of its list.
  @inline(__always)
  func remove(_ frame: FrameNumber, _ order: PageOrder, _ type: MigrationType, zone: Int) {
    states[frame.index] = .nothing
    let place = ZoneLists.place(order, type)
    zoneLists[zone].lists[place].remove(frame, in: links)
    if zoneLists[zone].lists[place].isEmpty
      && !(order == .largest && type == .movable && zoneLists[zone].pristineBlocks > 0)
    {
      let type = Int(type.rawValue)
      zones[zone].orders[type].set(zones[zone].orders[type].value & ~(1 << order.index))
    }
  }

  /// Takes the first block of a list that is not empty.
  @inline(__always)
  func removeFirst(_ order: PageOrder, _ type: MigrationType, zone: Int) -> FrameNumber {
    let frame = first(order, type, zone: zone)
    remove(frame, order, type, zone: zone)
    return frame
  }

  /// The first block of a list that is not empty.
  func first(_ order: PageOrder, _ type: MigrationType, zone: Int) -> FrameNumber {
    let place = ZoneLists.place(order, type)
    if zoneLists[zone].lists[place].isEmpty { writePristine(nextPristine(zone), zone: zone) }
    return zoneLists[zone].lists[place].first
  }

  /// The lowest never-used block of a zone that has one.
  private func nextPristine(_ zone: Int) -> FrameNumber {
    let mask = UInt32(PageOrder.largest.frameCount - 1)
    var frame = FrameNumber((zoneLists[zone].pristineCursor.rawValue + mask) & ~mask)
    while !pageblocks[pageblock(of: frame)].isPristine || self.zone(of: frame) != zone {
      frame = frame + PageOrder.largest.frameCount
    }
    zoneLists[zone].pristineCursor = frame
    return frame
  }

  /// Makes a never-used block an ordinary free block at the end of its list.
  func writePristine(_ block: FrameNumber, zone: Int) {
    let first = pageblock(of: block)
    for place in first..<(first + PageOrder.largest.frameCount >> pageblockOrder.index) {
      pageblocks[place].setPristine(false)
    }
    zoneLists[zone].pristineBlocks -= 1
    insert(block, .largest, .movable, zone: zone, atTail: true)
  }

  /// Removes a block from the smallest sufficient list of one type and splits it: the upper halves go back
  /// (`mm/page_alloc.c:__rmqueue_smallest`, `expand`).
  @inline(__always)
  func takeSmallest(_ order: PageOrder, _ type: MigrationType, zone: Int) -> FrameNumber {
    let larger = zones[zone].orders[Int(type.rawValue)].value >> order.index
    if larger == 0 { return .none }
    var found = order.index + larger.trailingZeroBitCount
    let frame = removeFirst(PageOrder(found), type, zone: zone)
    while found > order.index {
      found -= 1
      insert(frame + (1 << found), PageOrder(found), type, zone: zone, atTail: false)
    }
    return frame
  }

  /// Removes up to `limit` blocks that follow each other, all from the smallest sufficient block: the same
  /// blocks in the same order as as many calls of ``takeSmallest(_:_:zone:)``.
  ///
  /// - Returns: the first frame and the number of blocks, 0 if there is none.
  /// - Complexity: O(orders), however many blocks it takes.
  func takeRun(_ order: PageOrder, _ type: MigrationType, limit: Int, zone: Int) -> (FrameNumber, Int) {
    let larger = zones[zone].orders[Int(type.rawValue)].value >> order.index
    if larger == 0 { return (.none, 0) }
    let found = order.index + larger.trailingZeroBitCount
    let frame = removeFirst(PageOrder(found), type, zone: zone)
    let blocks = 1 << (found - order.index)
    if blocks <= limit { return (frame, blocks) }
    // The rest goes back in the largest blocks that fit; all lists below were empty.
    var offset = limit << order.index
    while offset < 1 << found {
      let size = offset.trailingZeroBitCount
      insert(frame + offset, PageOrder(size), type, zone: zone, atTail: false)
      offset += 1 << size
    }
    return (frame, limit)
  }

  /// Counts frames of a type that became free, or are free no more (`__mod_zone_freepage_state`).
  @inline(__always)
  func countFree(_ change: Int, _ type: MigrationType, zone: Int) {
    if type == .isolated { return }
    zones[zone].free.add(change)
    if type == .contiguous { zones[zone].freeContiguous.add(change) }
  }

  /// Gives a block back and merges it with its free buddies (`mm/page_alloc.c:__free_one_page`).
  ///
  /// - Parameter atTail: whether it is to be used late, whatever its neighbours are.
  @inline(__always)
  func merge(_ frame: FrameNumber, _ order: PageOrder, _ type: MigrationType, zone: Int, atTail: Bool = false) {
    countFree(order.frameCount, type, zone: zone)
    mergeUncounted(frame, order, type, zone: zone, atTail: atTail)
  }

  /// The same, for callers that count many blocks at once.
  @inline(__always)
  func mergeUncounted(
    _ frame: FrameNumber, _ order: PageOrder, _ type: MigrationType, zone: Int, atTail: Bool = false
  ) {
    var block = frame
    var size = order
    while size < .largest {
      let buddy = block.buddy(size)
      let state = states[buddy.index]
      guard state.isFree(size) else { break }
      let buddyType = state.type
      if hasSharedPageblocks && self.zone(of: buddy) != zone { break }
      if size >= pageblockOrder {
        let other = pageblock(of: buddy)
        guard Int(pageblocks[other].zone) == zone else { break }
        let kind = pageblocks[other].type
        if kind != type && !(kind.isRequested && type.isRequested) { break }
      }
      remove(buddy, size, buddyType, zone: zone)
      countMergedType(buddyType, type, size, zone: zone)
      block = FrameNumber(block.rawValue & ~UInt32(size.frameCount))
      size = PageOrder(size.index + 1)
    }
    insert(block, size, type, zone: zone, atTail: atTail || mergesNext(block, size))
  }

  /// A buddy that joins a block of another type takes its type; frames of isolated blocks are not counted as free.
  @inline(__always)
  private func countMergedType(_ old: MigrationType, _ new: MigrationType, _ order: PageOrder, zone: Int) {
    if old != new && !(old.isRequested && new.isRequested) {
      countFree(-order.frameCount, old, zone: zone)
      countFree(order.frameCount, new, zone: zone)
    }
  }

  /// Whether the block's own merge partner one order up is free, so that a merge is likely soon: such
  /// a block goes to the list's end (`mm/page_alloc.c:buddy_merge_likely`).
  @inline(__always)
  private func mergesNext(_ block: FrameNumber, _ order: PageOrder) -> Bool {
    guard order.index < PageOrder.largest.index - 1 else { return false }
    let parent = FrameNumber(block.rawValue & ~UInt32(order.frameCount))
    let next = PageOrder(order.index + 1)
    return states[parent.buddy(next).index].isFree(next)
  }

  /// Moves a free block to the end of another type's list (`move_to_free_list`).
  func moveBlock(_ frame: FrameNumber, _ order: PageOrder, to type: MigrationType, zone: Int) {
    let old = states[frame.index].type
    remove(frame, order, old, zone: zone)
    countMergedType(old, type, order, zone: zone)
    insert(frame, order, type, zone: zone, atTail: true)
  }
}
