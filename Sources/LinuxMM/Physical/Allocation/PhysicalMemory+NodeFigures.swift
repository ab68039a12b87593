/// Pages of files, by nodes.
extension PhysicalMemory {
  /// Counts a page that came to page cache or swap cache, or left them.
  @inline(__always)
  mutating func countCached(_ frame: FrameNumber, _ change: Int) {
    statistics.filePages += change
    nodeFigures[node(of: frame)].cached += change
  }

  /// Counts a page of a file that is mapped now, or no longer.
  @inline(__always)
  mutating func countMapped(_ frame: FrameNumber, _ change: Int) {
    statistics.mappedPages += change
    nodeFigures[node(of: frame)].mapped += change
  }

  /// Counts a page of a file that is newer than its disk's now, or no longer.
  @inline(__always)
  mutating func countDirty(_ frame: FrameNumber, _ change: Int) {
    statistics.dirtyPages += change
    nodeFigures[node(of: frame)].dirty += change
  }

  /// Counts a page at the node it has been moved to.
  func moveFigures(_ state: Frame, from frame: FrameNumber, to target: FrameNumber) {
    let nodes = [(node(of: frame), -1), (node(of: target), 1)]
    let isFile = state.flags.contains(.cached)
    for (node, change) in nodes {
      if isFile || state.flags.contains(.swapCache) { nodeFigures[node].cached += change }
      if isFile && state.mappings > 0 { nodeFigures[node].mapped += change }
      if isFile && state.flags.intersection([.dirty, .sharedMemory]) == .dirty { nodeFigures[node].dirty += change }
    }
  }
}
