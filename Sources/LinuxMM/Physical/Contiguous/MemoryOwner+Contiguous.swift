/// Contiguous blocks of any size.
extension MemoryOwner where Self: ~Copyable {
  /// Takes `count` frames that follow each other from an area, moving the pages that are there
  /// (`mm/cma.c:cma_alloc`).
  ///
  /// - Parameters:
  ///   - area: the area's number, in the order of the configuration.
  ///   - alignment: a power of two, in frames.
  /// - Returns: the first frame; each is allocated by itself.
  /// - Throws: ``ContiguousFailure``; the area is as it was then, but pages may lie elsewhere now.
  mutating func allocateContiguous(
    _ count: Int, alignment: Int = 1, area: Int
  ) throws(ContiguousFailure) -> FrameNumber {
    guard memory.contiguousAreas.indices.contains(area) else { throw .noArea }
    let range = memory.contiguousAreas[area].range
    guard count > 0, count <= range.count, alignment > 0, alignment & (alignment - 1) == 0 else { throw .invalidSize }
    var start = 0
    while let offset = memory.contiguousAreas[area].room(count, alignment: alignment, from: start) {
      let first = range.start + offset
      if takeRange(FrameRange(first, first + count)) {
        memory.contiguousAreas[area].set(offset, count, taken: true)
        memory.statistics.contiguousAllocations += UInt64(count)
        return first
      }
      start = offset + alignment
    }
    memory.statistics.contiguousFailures += UInt64(count)
    throw .busy
  }

  /// Gives frames of ``allocateContiguous(_:alignment:area:)`` back to their area (`mm/cma.c:cma_release`).
  mutating func releaseContiguous(_ first: FrameNumber, _ count: Int, area: Int) throws(ContiguousFailure) {
    guard memory.contiguousAreas.indices.contains(area) else { throw .noArea }
    let range = memory.contiguousAreas[area].range
    guard count > 0, first >= range.start, first < range.end, count <= Int(range.end.rawValue - first.rawValue) else {
      throw .notTaken
    }
    let offset = Int(first.rawValue - range.start.rawValue)
    guard memory.contiguousAreas[area].isTaken(offset, count) else { throw .notTaken }
    memory.contiguousAreas[area].set(offset, count, taken: false)
    for part in 0..<count { memory.free(first + part, .single, processor: memory.processor) }
  }

  /// Takes all frames of a range of one zone, moving the pages that are there (`mm/page_alloc.c:alloc_contig_range`).
  ///
  /// - Returns: whether it could; if not, everything is as it was but for pages that lie elsewhere now.
  mutating func takeRange(_ range: FrameRange) -> Bool {
    let first = memory.pageblock(of: range.start)
    let last = memory.pageblock(of: FrameNumber(range.end.rawValue - 1))
    var types: [MigrationType] = []
    for block in first...last {
      guard let type = memory.isolate(pageblock: block, wanted: range) else { break }
      types.append(type)
    }
    var isTaken = false
    if types.count == last - first + 1 {
      memory.drain(zone: memory.zone(of: range.start))
      isTaken = emptyRange(range) && memory.takeIsolated(range)
    }
    for (index, type) in types.enumerated() { memory.release(pageblock: first + index, to: type) }
    return isTaken
  }

  /// Moves all pages out of an isolated range, at most five tries for each
  /// (`__alloc_contig_migrate_range`).
  private mutating func emptyRange(_ range: FrameRange) -> Bool {
    for _ in 0..<5 {
      var left = 0
      var frame = range.start
      while frame < range.end {
        if let order = memory.freeBlock(containing: frame) {
          frame = FrameNumber(frame.rawValue & ~UInt32(order.frameCount - 1)) + order.frameCount
          continue
        }
        if !moveAway(frame) { left += 1 }
        frame = frame + 1
      }
      if left == 0 { return true }
    }
    return false
  }

  private mutating func moveAway(_ frame: FrameNumber) -> Bool {
    guard memory.isMovable(frame) else { return false }
    let target: FrameNumber
    do throws(AllocationFailure) {
      target = try allocatePages(
        .single, [.highUserMovable, .retryMayFail, .noWarn], processor: memory.processor)
    } catch {
      return false
    }
    if move(frame, to: target) {
      memory.statistics.pagesMigrated += 1
      memory.freeToZone(frame, .single, zone: memory.zone(of: frame))
      return true
    }
    memory.statistics.migrationFailures += 1
    memory.free(target, .single, processor: memory.processor)
    return false
  }
}
