extension PhysicalMemory {
  /// Whether a zone may give a block and keep its mark (`mm/page_alloc.c:zone_watermark_fast`).
  @inline(__always)
  func keepsWatermark(_ zone: Int, _ request: PageRequest, _ how: AttemptFlags) -> Bool {
    let free = zones[zone].free.value
    if request.order == .single {
      let unusable = unusableFrames(zone, .single, how)
      let mark = zones[zone].watermarks.mark(how.level) &+ zones[zone].boost.value
      if free &- min(free, unusable) > mark &+ zones[zone].watermarks.reserve[request.highest.rawValue] { return true }
    }
    return keepsWatermarkExactly(zone, request, how, free: free)
  }

  @inline(never)
  private func keepsWatermarkExactly(_ zone: Int, _ request: PageRequest, _ how: AttemptFlags, free: Int) -> Bool {
    let mark = zones[zone].watermarks.mark(how.level)
    let boost = zones[zone].boost.value
    if keeps(zone, request.order, mark: mark + boost, request.highest, how, free: free) { return true }
    // Who cannot wait need not respect a boost that only serves against fragmentation.
    if request.order == .single && request.flags.contains(.atomic) && boost > 0 && how.level == .minimum {
      return keeps(zone, request.order, mark: mark, request.highest, how, free: free)
    }
    return false
  }

  /// Whether a zone with `free` free frames may give a block and keep `mark` frames plus what it reserves
  /// against requests that could use a higher zone (`mm/page_alloc.c:__zone_watermark_ok`).
  func keeps(
    _ zone: Int, _ order: PageOrder, mark: Int, _ highest: ZoneKind, _ how: AttemptFlags, free: Int
  ) -> Bool {
    var minimum = mark
    if !how.isDisjoint(with: .reserves) {
      if how.contains(.minimumReserve) {
        minimum -= minimum / 2
        if how.contains(.nonBlocking) { minimum -= minimum / 4 }
      }
      if how.contains(.outOfMemoryVictim) { minimum -= minimum / 2 }
    }
    let usable = free - unusableFrames(zone, order, how)
    if usable <= minimum + zones[zone].watermarks.reserve[highest.rawValue] { return false }
    if order == .single { return true }
    var orders =
      zones[zone].orders[0].value | zones[zone].orders[1].value | zones[zone].orders[2].value
    if how.contains(.contiguous) { orders |= zones[zone].orders[Int(MigrationType.contiguous.rawValue)].value }
    if !how.isDisjoint(with: [.highAtomic, .outOfMemoryVictim]) {
      orders |= zones[zone].orders[Int(MigrationType.highAtomic.rawValue)].value
    }
    return orders >> order.index != 0
  }

  /// Free frames that the request cannot have (`mm/page_alloc.c:__zone_watermark_unusable_free`).
  @inline(__always)
  private func unusableFrames(_ zone: Int, _ order: PageOrder, _ how: AttemptFlags) -> Int {
    var unusable = order.frameCount &- 1
    if how.isDisjoint(with: .reserves) { unusable &+= zones[zone].highAtomic.value }
    if !how.contains(.contiguous) { unusable &+= zones[zone].freeContiguous.value }
    return unusable
  }
}
