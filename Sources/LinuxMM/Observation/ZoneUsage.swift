/// What the frames of a zone are used for.
struct ZoneUsage {
  var anonymous = 0
  var file = 0
  var sharedMemory = 0
  var mapped = 0
  var dirty = 0
  var pageTables = 0
  var writeback = 0
  var locked = 0

  mutating func add(_ usage: ZoneUsage) {
    anonymous += usage.anonymous
    file += usage.file
    sharedMemory += usage.sharedMemory
    mapped += usage.mapped
    dirty += usage.dirty
    pageTables += usage.pageTables
    writeback += usage.writeback
    locked += usage.locked
  }
}

extension PhysicalMemory {
  /// Looks at every frame of a zone that was ever used.
  ///
  /// - Complexity: O(frames of the zone used so far).
  func usage(zone: Int) -> ZoneUsage {
    var usage = ZoneUsage()
    for block in pageblocks.indices where Int(pageblocks[block].zone) == zone && !pageblocks[block].isPristine {
      let start = block << pageblockOrder.index
      for index in start..<(start + pageblockOrder.frameCount) {
        if !states[index].isUsed { continue }
        let flags = frames[index].flags
        if flags.contains(.writeback) { usage.writeback += 1 }
        if flags.contains(.mlocked) { usage.locked += 1 }
        if flags.contains(.swapCache) { usage.file += 1 }
        if flags.contains(.anonymous) {
          if frames[index].mappings > 0 { usage.anonymous += 1 }
        } else if flags.contains(.cached) {
          usage.file += 1
          if flags.contains(.sharedMemory) { usage.sharedMemory += 1 }
          if flags.contains(.dirty) { usage.dirty += 1 }
          if frames[index].mappings > 0 { usage.mapped += 1 }
        } else if flags.contains(.pageTable) {
          usage.pageTables += 1
        }
      }
    }
    return usage
  }
}
