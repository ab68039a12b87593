/// What frames are used for: those of a zone, or those that a control group is charged for.
struct FrameUsage {
  var anonymous = 0
  var file = 0
  var sharedMemory = 0
  var mapped = 0
  var dirty = 0
  var pageTables = 0
  var writeback = 0
  var locked = 0
  var swapCached = 0

  mutating func add(_ frame: Frame) {
    let flags = frame.flags
    if flags.contains(.writeback) { writeback += 1 }
    if flags.contains(.mlocked) { locked += 1 }
    if flags.contains(.swapCache) {
      file += 1
      swapCached += 1
    }
    if flags.contains(.anonymous) {
      if frame.mappings > 0 { anonymous += 1 }
    } else if flags.contains(.cached) {
      file += 1
      if flags.contains(.sharedMemory) {
        // It has no disk that it could be newer than.
        sharedMemory += 1
      } else if flags.contains(.dirty) {
        dirty += 1
      }
      if frame.mappings > 0 { mapped += 1 }
    } else if flags.contains(.pageTable) {
      pageTables += 1
    }
  }

  mutating func add(_ usage: FrameUsage) {
    anonymous += usage.anonymous
    file += usage.file
    sharedMemory += usage.sharedMemory
    mapped += usage.mapped
    dirty += usage.dirty
    pageTables += usage.pageTables
    writeback += usage.writeback
    locked += usage.locked
    swapCached += usage.swapCached
  }
}

extension PhysicalMemory {
  /// Looks at every frame of a zone that was ever used.
  ///
  /// - Complexity: O(frames of the zone used so far).
  func usage(zone: Int) -> FrameUsage {
    var usage = FrameUsage()
    for block in pageblocks.indices where Int(pageblocks[block].zone) == zone { add(block, to: &usage) { _ in true } }
    return usage
  }

  /// Looks at every frame that was ever used, and adds those that a group and those below it are charged for.
  ///
  /// - Complexity: O(frames used so far).
  func usage(group: UInt16) -> FrameUsage {
    var usage = FrameUsage()
    for block in pageblocks.indices { add(block, to: &usage) { isGroup($0.group, within: group) } }
    return usage
  }

  private func add(_ block: Int, to usage: inout FrameUsage, where isWanted: (Frame) -> Bool) {
    guard !pageblocks[block].isPristine else { return }
    let start = block << pageblockOrder.index
    for index in start..<(start + pageblockOrder.frameCount) where states[index].isUsed && isWanted(frames[index]) {
      usage.add(frames[index])
    }
  }
}
