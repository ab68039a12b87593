/// The search for room.
extension AreaTree {
  /// The highest page at which `length` pages fit between `low` and `high`.
  func highestGap(
    _ length: UInt64, from low: VirtualPage, to high: VirtualPage, in nodes: borrowing Pool<AreaNode>
  ) -> VirtualPage? {
    guard low < high, high - low >= length else { return nil }
    let floor = max(low, end(nodes))
    if floor < high && high - floor >= length { return VirtualPage(high.rawValue - length) }
    return highestGap(length, low, high, below: root, levels, after: VirtualPage(0), nodes)
  }

  /// - Parameter floor: where the area before the node ends.
  private func highestGap(
    _ length: UInt64, _ low: VirtualPage, _ high: VirtualPage, below node: UInt32, _ levels: Int32,
    after floor: VirtualPage, _ nodes: borrowing Pool<AreaNode>
  ) -> VirtualPage? {
    guard levels > 0 else { return nil }
    var index = min(nodes[node].index(endingAbove: high), Int(nodes[node].count) - 1)
    while index >= 0, low < nodes[node][index].end {
      let entry = nodes[node][index]
      if entry.gap >= length {
        let floor = index == 0 ? floor : nodes[node][index - 1].end
        if levels > 1 {
          if let found = highestGap(length, low, high, below: entry.child, levels - 1, after: floor, nodes) {
            return found
          }
        } else {
          let start = max(low, floor)
          let end = min(high, floor + entry.gap)
          if start < end && end - start >= length { return VirtualPage(end.rawValue - length) }
        }
      }
      index -= 1
    }
    return nil
  }

  /// The lowest page at which `length` pages fit between `low` and `high`.
  ///
  /// - Parameter alignment: a power of two; what the page's number is a multiple of.
  /// - Complexity: O(log areas), and more where gaps are long enough but not aligned.
  func lowestGap(
    _ length: UInt64, alignment: UInt64 = 1, from low: VirtualPage, to high: VirtualPage,
    in nodes: borrowing Pool<AreaNode>
  ) -> VirtualPage? {
    if let found = lowestGap(length, alignment, low, high, below: root, levels, after: VirtualPage(0), nodes) {
      return found
    }
    return room(for: length, alignment, from: max(low, end(nodes)), to: high)
  }

  /// The first aligned page from `start` on, if `length` pages from there end by `end`.
  @inline(__always)
  private func room(
    for length: UInt64, _ alignment: UInt64, from start: VirtualPage, to end: VirtualPage
  ) -> VirtualPage? {
    let aligned = VirtualPage((start.rawValue &+ alignment &- 1) & ~(alignment &- 1))
    return aligned < end && end - aligned >= length ? aligned : nil
  }

  private func lowestGap(
    _ length: UInt64, _ alignment: UInt64, _ low: VirtualPage, _ high: VirtualPage, below node: UInt32, _ levels: Int32,
    after floor: VirtualPage, _ nodes: borrowing Pool<AreaNode>
  ) -> VirtualPage? {
    guard levels > 0 else { return nil }
    var index = nodes[node].index(endingAbove: low)
    var floor = index == 0 ? floor : nodes[node][index - 1].end
    while index < Int(nodes[node].count), floor < high {
      let entry = nodes[node][index]
      if entry.gap >= length {
        if levels > 1 {
          if let found = lowestGap(
            length, alignment, low, high, below: entry.child, levels - 1, after: floor, nodes)
          {
            return found
          }
        } else if let found = room(
          for: length, alignment, from: max(low, floor), to: min(high, floor + entry.gap))
        {
          return found
        }
      }
      floor = entry.end
      index += 1
    }
    return nil
  }

  /// One past the last page of all areas.
  private func end(_ nodes: borrowing Pool<AreaNode>) -> VirtualPage {
    root == AreaTree.none ? VirtualPage(0) : nodes[root].end
  }
}
