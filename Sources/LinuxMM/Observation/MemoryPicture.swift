/// Every pageblock of the machine, for a picture of its memory.
public struct MemoryPicture: Sendable {
  /// The pageblocks of one zone, ascending.
  public struct Zone: Sendable {
    public let node: Int
    public let kind: ZoneKind
    public let start: FrameNumber
    public var blocks: [Block] = []

    public init(node: Int, kind: ZoneKind, start: FrameNumber) {
      self.node = node
      self.kind = kind
      self.start = start
    }
  }

  public struct Block: Sendable, Equatable {
    public var type: MigrationType
    /// Frames of RAM that the buddy system has never had: the kernel's own, or none at all.
    public var reserved: Int
    /// On the zone's lists.
    public var free: Int
    /// Free, but kept by a processor.
    public var listed: Int
    /// Private memory and page cache.
    public var movable: Int
    public var pageTables: Int
    /// Everything else that is allocated.
    public var other: Int
    /// The order of the largest free block that begins in it or contains it; `nil` if nothing is free.
    public var largestFree: Int?

    public init(
      type: MigrationType, reserved: Int = 0, free: Int = 0, listed: Int = 0, movable: Int = 0, pageTables: Int = 0,
      other: Int = 0, largestFree: Int? = nil
    ) {
      self.type = type
      self.reserved = reserved
      self.free = free
      self.listed = listed
      self.movable = movable
      self.pageTables = pageTables
      self.other = other
      self.largestFree = largestFree
    }
  }

  public let pageblockFrames: Int
  public var zones: [Zone]

  public init(pageblockFrames: Int, zones: [Zone]) {
    self.pageblockFrames = pageblockFrames
    self.zones = zones
  }
}

extension PhysicalMemory {
  /// - Complexity: O(frames used so far + pageblocks).
  public var picture: MemoryPicture {
    var picture = MemoryPicture(pageblockFrames: pageblockOrder.frameCount, zones: [])
    for index in zones.indices {
      var zone = MemoryPicture.Zone(node: zones[index].node, kind: zones[index].kind, start: zones[index].span.start)
      for block in pageblocks.indices where Int(pageblocks[block].zone) == index { zone.blocks.append(pictured(block)) }
      picture.zones.append(zone)
    }
    return picture
  }

  private func pictured(_ block: Int) -> MemoryPicture.Block {
    let count = pageblockOrder.frameCount
    var result = MemoryPicture.Block(type: pageblocks[block].type)
    if pageblocks[block].isPristine {
      result.free = count
      result.largestFree = PageOrder.largest.index
      return result
    }
    let start = FrameNumber(UInt32(block << pageblockOrder.index))
    if let order = freeBlock(containing: start), order >= pageblockOrder {
      result.free = count
      result.largestFree = order.index
      return result
    }
    // The second half of an allocated block of two pageblocks.
    let head = FrameNumber(start.rawValue & ~UInt32(PageOrder.largest.frameCount - 1))
    if head < start, states[head.index].isAllocated, states[head.index].order > pageblockOrder {
      result.other = count
      return result
    }
    var frame = start
    while frame < start + count {
      let state = states[frame.index]
      if state == .nothing {
        result.reserved += 1
        frame = frame + 1
        continue
      }
      let size = min(state.order.frameCount, count)
      if state.isFree {
        result.free += size
        result.largestFree = max(result.largestFree ?? 0, state.order.index)
      } else if state.isListed {
        result.listed += size
      } else if !state.isUsed {
        result.other += size
      } else {
        let flags = frames[frame.index].flags
        if !flags.isDisjoint(with: [.anonymous, .cached]) {
          result.movable += size
        } else if flags.contains(.pageTable) {
          result.pageTables += size
        } else {
          result.other += size
        }
      }
      frame = frame + size
    }
    return result
  }
}
