/// How much memory only pages that can be moved may use: the kernel's boot options of the same names.
public enum MovableMemory: Equatable, Sendable {
  case none
  /// `kernelcore=`: what must stay usable for everything, in frames; the rest becomes movable zones.
  case kernelCore(Int)
  /// `movablecore=`: what becomes movable zones, in frames.
  case movableCore(Int)
}

extension MemoryMap {
  /// Begins each node's movable zone so that the memory for everything is spread evenly over the nodes
  /// (`mm/page_alloc.c:find_zone_movable_pfns_for_nodes`).
  public mutating func setMovable(_ movable: MovableMemory) {
    var core: Int
    switch movable {
    case .none: return
    case .kernelCore(let frames): core = frames
    case .movableCore(let frames):
      let block = PageOrder.largest.frameCount
      let rounded = (frames + block - 1) / block * block
      core = presentFrames - min(presentFrames, rounded)
    }
    movableStarts = []
    guard core > 0, core < presentFrames else { return }
    let nodes = nodeCount
    var starts = [FrameNumber](repeating: FrameNumber(0), count: nodes)
    let usableStart = highestUsableStart
    var usable = (0..<nodes).filter { node in regions.contains { $0.node == node } }.count
    while true {
      var share = core / max(usable, 1)
      for node in 0..<nodes where regions.contains(where: { $0.node == node }) {
        if core < share { share = core / max(usable, 1) }
        var left = share
        for region in regions where region.node == node {
          let start = max(starts[node], region.range.start)
          if start >= region.range.end { continue }
          if start < usableStart {
            let below = min(Int(usableStart.rawValue), Int(region.range.end.rawValue)) - Int(start.rawValue)
            left -= min(below, left)
            core -= min(below, core)
            if region.range.end <= usableStart {
              starts[node] = region.range.end
              continue
            }
          }
          let from = max(start, usableStart)
          let taken = min(Int(region.range.end.rawValue) - Int(from.rawValue), left)
          starts[node] = from + taken
          core -= min(taken, core)
          left -= taken
          if left == 0 { break }
        }
      }
      // What nodes too small for their share left over is spread over the others.
      usable -= 1
      if usable == 0 || core <= usable { break }
    }
    let block = UInt32(PageOrder.largest.frameCount)
    movableStarts = (0..<nodes).map { node in
      let end = regions.last { $0.node == node }?.range.end
      guard let end else { return .none }
      let start = FrameNumber((starts[node].rawValue + block - 1) / block * block)
      return start < end ? start : .none
    }
  }

  /// Where the highest zone with frames begins: movable memory is only taken from there
  /// (`find_usable_zone_for_movable`).
  private var highestUsableStart: FrameNumber {
    for kind in [ZoneKind.highmem, .normal, .dma32, .dma] {
      let bounds = kind.bounds(architecture, lowMemoryEnd: lowMemoryEnd)
      if regions.contains(where: { $0.range.clipped(to: bounds).count > 0 }) { return bounds.start }
    }
    return FrameNumber(0)
  }
}
