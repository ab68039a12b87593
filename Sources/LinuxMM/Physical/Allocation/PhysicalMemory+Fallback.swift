/// What happens when the lists of a request's own migration type are empty. Under the zone's lock.
extension PhysicalMemory {
  /// Moves free memory of another type to the request's own lists (`mm/page_alloc.c:__rmqueue_fallback`).
  ///
  /// The largest blocks are taken first, so that kinds of use mix as rarely as possible.
  ///
  /// - Returns: whether there was any.
  func steal(for order: PageOrder, _ type: MigrationType, zone: Int, _ how: AttemptFlags) -> Bool {
    let smallest = how.contains(.noFragment) && order < pageblockOrder ? pageblockOrder.index : order.index
    var size = PageOrder.largest.index
    while size >= smallest {
      if let victim = fallback(PageOrder(size), type, zone: zone) {
        let whole = stealsWhole(PageOrder(size), type)
        if !whole && type == .movable && size > order.index {
          // A movable page does no harm in a small block: the smallest that will do.
          size = order.index
          while fallback(PageOrder(size), type, zone: zone) == nil { size += 1 }
        }
        let from = fallback(PageOrder(size), type, zone: zone) ?? victim
        let frame = first(PageOrder(size), from, zone: zone)
        take(frame, PageOrder(size), for: type, zone: zone, how, whole: whole, wanted: order)
        return true
      }
      size -= 1
    }
    return false
  }

  /// The type whose list of this order is taken from first (`find_suitable_fallback`).
  private func fallback(_ order: PageOrder, _ type: MigrationType, zone: Int) -> MigrationType? {
    let (first, second) = type.fallbacks
    if zones[zone].orders[Int(first.rawValue)].value >> order.index & 1 != 0 { return first }
    if zones[zone].orders[Int(second.rawValue)].value >> order.index & 1 != 0 { return second }
    return nil
  }

  /// Whether the rest of the pageblock comes along (`can_steal_fallback`).
  func stealsWhole(_ order: PageOrder, _ type: MigrationType) -> Bool {
    order >= pageblockOrder || order.index >= pageblockOrder.index / 2 || type != .movable || isGroupingDisabled
  }

  /// `steal_suitable_fallback`.
  private func take(
    _ frame: FrameNumber, _ order: PageOrder, for type: MigrationType, zone: Int, _ how: AttemptFlags, whole: Bool,
    wanted: PageOrder
  ) {
    let block = pageblock(of: frame)
    let old = pageblocks[block].type
    var changed = false
    defer {
      zoneLists[zone].events.fallbacks &+= 1
      // The kernel's tracepoint calls it fragmenting when less than a pageblock is taken.
      if order < pageblockOrder { zoneLists[zone].events.fragmenting &+= 1 }
      if changed { zoneLists[zone].events.retyped &+= 1 }
    }
    if old != .highAtomic {
      if order >= pageblockOrder {
        for place in block..<(block + 1 << (order.index - pageblockOrder.index)) { pageblocks[place].setType(type) }
        changed = true
      } else {
        if boost(zone: zone) && how.contains(.kswapd) { zones[zone].isBoosted.set(1) }
        if whole {
          let free = moveFree(ofPageblock: block, from: frame, to: type, zone: zone)
          if free > 0 {
            let frames = pageblockOrder.frameCount
            let movable = Int(pageblocks[block].movableFrames)
            let alike = type == .movable ? movable : old == .movable ? frames - free - movable : 0
            if free + alike >= frames / 2 || isGroupingDisabled {
              pageblocks[block].setType(type)
              changed = true
            }
            return
          }
        }
      }
    }
    moveBlock(frame, order, to: type, zone: zone)
  }

  /// Moves the free blocks of a pageblock to the lists of a type (`move_freepages_block`).
  ///
  /// - Parameter first: where to begin if the pageblock begins before its zone; the zone's first frame if not given.
  /// - Returns: the frames moved; 0 if the pageblock reaches beyond its zone.
  @discardableResult
  func moveFree(
    ofPageblock block: Int, from first: FrameNumber? = nil, to type: MigrationType, zone: Int
  ) -> Int {
    let start = FrameNumber(UInt32(block << pageblockOrder.index))
    let end = start + pageblockOrder.frameCount
    var frame = start
    if frame < zones[zone].span.start { frame = first ?? zones[zone].span.start }
    if zones[zone].span.end < end { return 0 }
    var moved = 0
    while frame < end {
      let state = states[frame.index]
      if !state.isFree {
        frame = frame + 1
        continue
      }
      let order = state.order
      moveBlock(frame, order, to: type, zone: zone)
      moved += order.frameCount
      frame = frame + order.frameCount
    }
    return moved
  }

  /// Raises the marks for a while, so that the background reclaimer makes whole pageblocks free
  /// (`mm/page_alloc.c:boost_watermark`).
  private func boost(zone: Int) -> Bool {
    let factor = settings.watermarkBoostFactor
    let blockFrames = pageblockOrder.frameCount
    if factor == 0 || blockFrames * 4 > zones[zone].managed { return false }
    var most = zones[zone].watermarks.high * factor / 10000
    if most == 0 { return false }
    most = max(most, blockFrames)
    zones[zone].boost.set(min(zones[zone].boost.value + blockFrames, most))
    return true
  }

  /// Takes one block for a request, from other types if need be (`mm/page_alloc.c:__rmqueue`).
  ///
  /// - Returns: the block and its type, `.none` if there is none.
  @inline(__always)
  func take(
    _ order: PageOrder, _ type: MigrationType, zone: Int, _ how: AttemptFlags
  ) -> (frame: FrameNumber, type: MigrationType) {
    if how.contains(.contiguous) && zones[zone].contiguous > 0 {
      // Both kinds are used up evenly: contiguous areas first once they are more than half of what is free.
      if zones[zone].freeContiguous.value > zones[zone].free.value / 2 {
        let frame = takeSmallest(order, .contiguous, zone: zone)
        if frame != .none { return (counted(frame, order, .contiguous, zone: zone), .contiguous) }
      }
    }
    while true {
      let frame = takeSmallest(order, type, zone: zone)
      if frame != .none { return (counted(frame, order, type, zone: zone), type) }
      if how.contains(.contiguous) && zones[zone].contiguous > 0 {
        let frame = takeSmallest(order, .contiguous, zone: zone)
        if frame != .none { return (counted(frame, order, .contiguous, zone: zone), .contiguous) }
      }
      if !steal(for: order, type, zone: zone, how) { return (.none, type) }
    }
  }

  @inline(__always)
  func counted(_ frame: FrameNumber, _ order: PageOrder, _ type: MigrationType, zone: Int) -> FrameNumber {
    countFree(-order.frameCount, type, zone: zone)
    return frame
  }
}
