extension PhysicalMemory {
  /// Recounts the pages of files of each node.
  func checkNodeFigures() throws(BrokenInvariant) {
    for node in 0..<nodeCount { try checkFigures(node) }
  }

  private func checkFigures(_ node: Int) throws(BrokenInvariant) {
    var usage = FrameUsage()
    for zone in zones.indices where zones[zone].node == node { usage.add(self.usage(zone: zone)) }
    let figures = nodeFigures[node]
    if figures.cached != usage.file { throw BrokenInvariant("file pages of a node", figures.cached) }
    if figures.mapped != usage.mapped { throw BrokenInvariant("mapped pages of a node", figures.mapped) }
    if figures.dirty != usage.dirty { throw BrokenInvariant("dirty pages of a node", figures.dirty) }
  }
}
