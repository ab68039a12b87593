/// One attempt to find a block in the zones that a request permits.
extension PhysicalMemory {
  /// Walks the zones of the request's node order and takes a block from the first that may give one
  /// (`mm/page_alloc.c:get_page_from_freelist`).
  ///
  /// - Returns: the block's first frame, or `.none`.
  func attempt(_ request: PageRequest, _ how: AttemptFlags) -> FrameNumber {
    var walk = ZoneWalk(how)
    return attempt(request, &walk, stopsShort: false)
  }

  /// The same, going on from where it stopped.
  ///
  /// - Parameter stopsShort: whether to stop at each zone that has too little, ``ZoneWalk/short`` then.
  @inline(__always)
  func attempt(_ request: PageRequest, _ walk: inout ZoneWalk, stopsShort: Bool) -> FrameNumber {
    let start = request.node * zoneOrderLength
    while true {
      let reference = zoneOrders[start + walk.position]
      if reference.zone == .max {
        if !walk.how.contains(.noFragment) { return .none }
        walk = ZoneWalk(walk.how.subtracting(.noFragment))
        continue
      }
      walk.position += 1
      if !permits(request, reference) { continue }
      let zone = Int(reference.zone)
      if walk.preferred < 0 { walk.preferred = zone }
      if walk.how.contains(.noFragment) && nodeCount > 1 && zones[zone].node != zones[walk.preferred].node {
        // Memory of the own node is better than whole pageblocks.
        walk = ZoneWalk(walk.how.subtracting(.noFragment))
        continue
      }
      if !walk.how.contains(.noWatermarks) && !keepsWatermark(zone, request, walk.how) {
        if !stopsShort { continue }
        walk.short = zone
        return .none
      }
      let frame = take(request, zone: zone, walk.how)
      if frame != .none {
        if walk.how.contains(.highAtomic) { reserveHighAtomic(frame, zone: zone) }
        if zones[zone].node != zones[walk.preferred].node { countMiss(zone, preferred: walk.preferred) }
        return frame
      }
    }
  }

  /// Notes that memory of one node was wanted and another's was given (`mm/page_alloc.c:zone_statistics`).
  @inline(never)
  private func countMiss(_ zone: Int, preferred: Int) {
    zones[preferred].lock.lock()
    zoneLists[preferred].events.foreign &+= 1
    zones[preferred].lock.unlock()
    zones[zone].lock.lock()
    zoneLists[zone].events.misses &+= 1
    zones[zone].lock.unlock()
  }

  @inline(__always)
  func permits(_ request: PageRequest, _ reference: ZoneReference) -> Bool {
    Int(reference.kind) <= request.highest.rawValue && request.nodes >> UInt64(reference.node) & 1 != 0
      && (!request.flags.contains(.thisNode) || Int(reference.node) == request.node)
  }

  /// The zone that a request gets its memory from as long as it has some, or `nil`.
  @inline(__always)
  func preferredZone(_ request: PageRequest) -> Int? {
    if request.nodes == PageRequest.allNodes && !request.flags.contains(.thisNode) {
      let zone = preferredZones[request.node &* ZoneKind.count &+ request.highest.rawValue]
      return zone == Pageblock.noZone ? nil : Int(zone)
    }
    return preferredZoneAmong(request)
  }

  @inline(never)
  private func preferredZoneAmong(_ request: PageRequest) -> Int? {
    var position = request.node * zoneOrderLength
    while zoneOrders[position].zone != .max {
      if permits(request, zoneOrders[position]) { return Int(zoneOrders[position].zone) }
      position += 1
    }
    return nil
  }

  /// Takes a block from a zone, from the processor's lists where they serve (`mm/page_alloc.c:rmqueue`).
  @inline(__always)
  private func take(_ request: PageRequest, zone: Int, _ how: AttemptFlags) -> FrameNumber {
    var frame = FrameNumber.none
    if isListed(request, zone: zone, how) { frame = takeListed(request, zone: zone, how) }
    if frame == .none { frame = takeFromZone(request, zone: zone, how) }
    if how.contains(.kswapd) && zones[zone].isBoosted.value != 0 { wakeForBoost(zone) }
    return frame
  }

  /// Whether the processors' lists serve a request.
  @inline(__always)
  func isListed(_ request: PageRequest, zone: Int, _ how: AttemptFlags) -> Bool {
    PerProcessorPages.keeps(request.order)
      && (zones[zone].contiguous == 0 || how.contains(.contiguous) || request.type != .movable)
  }

  @inline(never)
  func wakeForBoost(_ zone: Int) {
    zones[zone].isBoosted.set(0)
    nodes[zones[zone].node].wake(.single, zones[zone].kind)
  }

  /// Takes a block under the zone's lock (`mm/page_alloc.c:rmqueue_buddy`).
  @inline(never)
  private func takeFromZone(_ request: PageRequest, zone: Int, _ how: AttemptFlags) -> FrameNumber {
    zones[zone].lock.lock()
    var frame = FrameNumber.none
    if how.contains(.highAtomic) { frame = takeHighAtomic(request.order, zone: zone) }
    if frame == .none { frame = take(request.order, request.type, zone: zone, how).frame }
    if frame == .none && !how.isDisjoint(with: [.outOfMemoryVictim, .nonBlocking]) {
      frame = takeHighAtomic(request.order, zone: zone)
    }
    if frame != .none {
      zoneLists[zone].events.allocations[request.order.index] &+= 1
      if zones[zone].node != Int(processorNodes[request.processor]) { zoneLists[zone].events.other &+= 1 }
    }
    zones[zone].lock.unlock()
    return frame
  }

  private func takeHighAtomic(_ order: PageOrder, zone: Int) -> FrameNumber {
    let frame = takeSmallest(order, .highAtomic, zone: zone)
    return frame == .none ? frame : counted(frame, order, .highAtomic, zone: zone)
  }
}

/// How far an attempt has come along its zones.
struct ZoneWalk: BitwiseCopyable {
  var how: AttemptFlags
  var position = 0
  /// The first zone that the request permits, -1 before it.
  var preferred = -1
  /// The zone it has stopped at since that has too little memory.
  var short = -1

  @inline(__always)
  init(_ how: AttemptFlags) { self.how = how }
}
