extension AreaTree {
  /// Checks order and links of the areas, and that the nodes list all of them with the right ends and gaps.
  ///
  /// - Complexity: O(areas * log areas).
  func checkInvariants(in nodes: borrowing Pool<AreaNode>, _ areas: borrowing Pool<some LinkedArea>)
    throws(BrokenInvariant)
  {
    var previous = AreaTree.none
    var area = first
    var seen = 0
    while area != AreaTree.none {
      if areas[area].previous != previous { throw BrokenInvariant("areas linked wrongly", area) }
      if !(areas[area].start < areas[area].end) { throw BrokenInvariant("empty area", area) }
      if previous != AreaTree.none, areas[area].start < areas[previous].end {
        throw BrokenInvariant("areas overlap", areas[area].start.rawValue)
      }
      if find(areas[area].start, in: nodes, areas) != area {
        throw BrokenInvariant("area not found by its address", areas[area].start.rawValue)
      }
      previous = area
      area = areas[area].next
      seen += 1
    }
    if previous != last || seen != count { throw BrokenInvariant("areas miscounted", seen) }
    guard count > 0 else {
      if root != AreaTree.none || levels != 0 { throw BrokenInvariant("empty area tree with a node", root) }
      return
    }
    if try check(root, levels, above: AreaTree.none, nodes, areas) != count {
      throw BrokenInvariant("areas missing in the area tree", seen)
    }
  }

  /// Checks a node and those below it.
  ///
  /// - Returns: the areas below it.
  private func check(
    _ node: UInt32, _ levels: Int32, above parent: UInt32, _ nodes: borrowing Pool<AreaNode>,
    _ areas: borrowing Pool<some LinkedArea>
  ) throws(BrokenInvariant) -> Int {
    let count = Int(nodes[node].count)
    let fewest = node != root ? AreaNode.minimum : levels > 1 ? 2 : 1
    if count < fewest || count > AreaNode.capacity { throw BrokenInvariant("area node out of balance", node) }
    if nodes[node].parent != parent { throw BrokenInvariant("area node with a wrong parent", node) }
    for index in count..<AreaNode.capacity where nodes[node][index] != .none {
      throw BrokenInvariant("area node with a child past its last", node)
    }
    var found = 0
    for index in 0..<count {
      let child = nodes[node][index].child
      let wanted: AreaNode.Entry
      if levels > 1 {
        found += try check(child, levels - 1, above: node, nodes, areas)
        wanted = entry(of: child, nodes)
      } else {
        found += 1
        if areas[child].node != node { throw BrokenInvariant("area with a wrong node", child) }
        let previous = areas[child].previous
        let floor = previous == AreaTree.none ? VirtualPage(0) : areas[previous].end
        wanted = AreaNode.Entry(end: areas[child].end, gap: areas[child].start - floor, child: child)
      }
      if nodes[node][index] != wanted { throw BrokenInvariant("entry of the area tree outdated", child) }
    }
    return found
  }
}
