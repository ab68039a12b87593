/// For replays of real kernels: particular frames are taken, and figures read.
extension PhysicalMemory {
  /// The memory that the buddy system was given at boot, ascending.
  public var freeRanges: [FrameRange] { map.regions.flatMap { map.free($0) } }

  /// Takes one particular free frame, as a block of order 0.
  ///
  /// - Returns: whether it was free.
  /// - Complexity: O(orders).
  public mutating func occupy(_ frame: FrameNumber) -> Bool {
    guard frame < end, zone(of: frame) != Int(Pageblock.noZone) else { return false }
    let zone = zone(of: frame)
    writePristine(around: frame, zone: zone)
    guard let order = freeBlock(containing: frame) else { return false }
    var head = FrameNumber(frame.rawValue & ~UInt32(order.frameCount - 1))
    let type = states[head.index].type
    remove(head, order, type, zone: zone)
    countFree(-1, type, zone: zone)
    var size = order.index
    while size > 0 {
      size -= 1
      let upper = head + 1 << size
      if frame < upper {
        insert(upper, PageOrder(size), type, zone: zone, atTail: false)
      } else {
        insert(head, PageOrder(size), type, zone: zone, atTail: false)
        head = upper
      }
    }
    states[frame.index] = .allocated(.single)
    return true
  }

  /// Takes free frames of a zone as requests of a migration type take them, so that they stand in pageblocks of their own.
  ///
  /// - Returns: how many there were, at most `count`.
  mutating func occupy(_ count: Int, _ type: MigrationType, zone: Int) -> Int {
    zones[zone].lock.lock()
    var taken = 0
    while taken < count {
      let frame = take(.single, isGroupingDisabled ? .movable : type, zone: zone, []).frame
      if frame == .none { break }
      states[frame.index] = .allocated(.single)
      taken += 1
    }
    // Nobody waits yet for what that has mixed.
    zones[zone].boost.set(0)
    zones[zone].isBoosted.set(0)
    zones[zone].lock.unlock()
    return taken
  }

  /// The number of processors.
  public var processorTotal: Int { processorCount }
  /// The nodes with memory in the order in which requests near one of them try them.
  func nodes(from node: Int) -> [Int] {
    var nodes: [Int] = []
    var position = node * zoneOrderLength
    while zoneOrders[position].zone != .max {
      let next = Int(zoneOrders[position].node)
      if !nodes.contains(next) { nodes.append(next) }
      position += 1
    }
    return nodes
  }

  /// The nodes there are.
  public var nodeTotal: Int { nodeCount }

  /// Free blocks of each order, all zones together.
  public var freeBlockCounts: [Int] {
    (0..<PageOrder.count).map { order in
      zones.indices.reduce(0) { $0 + zoneLists[$1].blockCount(PageOrder(order)) }
    }
  }

  /// How often memory of another migration type was taken, and how often less than a pageblock of it.
  public var fallbackCounts: (fallbacks: UInt64, fragmenting: UInt64) {
    let events = events()
    return (events.fallbacks, events.fragmenting)
  }
}
