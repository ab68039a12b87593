/// How nodes divide, join and know of what is below them.
extension AreaTree {
  /// Adds a child to a node, which divides if it is full.
  mutating func insert(
    _ entry: AreaNode.Entry, at index: Int, of node: UInt32, level: Int32, _ nodes: inout Pool<AreaNode>,
    _ areas: inout Pool<some LinkedArea>
  ) {
    guard nodes[node].count == AreaNode.capacity else {
      nodes[node].insert(entry, at: index)
      adopt(entry.child, by: node, level: level, &nodes, &areas)
      return refresh(node, &nodes)
    }
    if node == root { addLevel(&nodes) }
    let parent = nodes[node].parent
    let other = nodes.insert(AreaNode())
    nodes[other].parent = parent
    // Areas often come in the order of their addresses, upwards or downwards: a node that will get no more keeps most.
    if index == 0 {
      moveDown(AreaNode.minimum, from: node, to: other, level: level, &nodes, &areas)
    } else {
      let number = index == AreaNode.capacity ? AreaNode.minimum : AreaNode.capacity / 2
      moveUp(number, from: node, to: other, level: level, &nodes, &areas)
    }
    let kept = Int(nodes[node].count)
    let isAbove = index > kept
    let receiver = isAbove || index == 0 ? other : node
    nodes[receiver].insert(entry, at: isAbove ? index - kept : index)
    adopt(entry.child, by: receiver, level: level, &nodes, &areas)
    let position = position(of: node, nodes)
    nodes[parent][position] = self.entry(of: node, nodes)
    insert(
      self.entry(of: other, nodes), at: index == 0 ? position : position + 1, of: parent, level: level + 1, &nodes,
      &areas)
  }

  /// Takes a child out of a node, which joins a neighbour or gets some of its children if it has few left.
  mutating func remove(
    at index: Int, of node: UInt32, level: Int32, _ nodes: inout Pool<AreaNode>, _ areas: inout Pool<some LinkedArea>
  ) {
    nodes[node].remove(at: index)
    if node == root { return dropNeedlessLevel(&nodes) }
    guard nodes[node].count < AreaNode.minimum else { return refresh(node, &nodes) }
    let parent = nodes[node].parent
    let position = max(1, position(of: node, nodes))
    let lower = nodes[parent][position - 1].child
    let upper = nodes[parent][position].child
    let lowerCount = Int(nodes[lower].count)
    let upperCount = Int(nodes[upper].count)
    if lowerCount + upperCount <= AreaNode.capacity {
      moveDown(upperCount, from: upper, to: lower, level: level, &nodes, &areas)
      nodes[parent][position - 1] = entry(of: lower, nodes)
      nodes.remove(upper)
      return remove(at: position, of: parent, level: level + 1, &nodes, &areas)
    }
    if lowerCount < upperCount {
      moveDown((upperCount - lowerCount) / 2, from: upper, to: lower, level: level, &nodes, &areas)
    } else {
      moveUp((lowerCount - upperCount) / 2, from: lower, to: upper, level: level, &nodes, &areas)
    }
    nodes[parent][position - 1] = entry(of: lower, nodes)
    nodes[parent][position] = entry(of: upper, nodes)
    refresh(parent, &nodes)
  }

  /// Brings what the nodes above a node know of it up to date, as far as it has changed.
  func refresh(_ node: UInt32, _ nodes: inout Pool<AreaNode>) {
    var node = node
    while node != root {
      let parent = nodes[node].parent
      let index = position(of: node, nodes)
      let entry = entry(of: node, nodes)
      if nodes[parent][index] == entry { return }
      nodes[parent][index] = entry
      node = parent
    }
  }

  /// The place of a node in the one above, which need not know yet where the node ends.
  @inline(__always)
  private func position(of node: UInt32, _ nodes: borrowing Pool<AreaNode>) -> Int {
    nodes[nodes[node].parent].index(endingAbove: VirtualPage(nodes[node][0].end.rawValue - 1))
  }

  @inline(__always)
  func entry(of node: UInt32, _ nodes: borrowing Pool<AreaNode>) -> AreaNode.Entry {
    AreaNode.Entry(end: nodes[node].end, gap: nodes[node].largestGap, child: node)
  }

  /// Puts a root above the present one.
  mutating func addLevel(_ nodes: inout Pool<AreaNode>) {
    let top = nodes.insert(AreaNode())
    if root != AreaTree.none {
      nodes[top].insert(entry(of: root, nodes), at: 0)
      nodes[root].parent = top
    }
    root = top
    levels += 1
  }

  /// Takes a root away that has no areas, or just one node.
  private mutating func dropNeedlessLevel(_ nodes: inout Pool<AreaNode>) {
    guard count == 0 || levels > 1 && nodes[root].count == 1 else { return }
    let top = root
    root = nodes[top][0].child
    levels -= 1
    if levels > 0 { nodes[root].parent = AreaTree.none }
    nodes.remove(top)
  }

  /// Moves the last `number` children of a node to the beginning of the next one.
  private func moveUp(
    _ number: Int, from node: UInt32, to next: UInt32, level: Int32, _ nodes: inout Pool<AreaNode>,
    _ areas: inout Pool<some LinkedArea>
  ) {
    let left = Int(nodes[node].count) - number
    for index in 0..<number {
      let entry = nodes[node][left + index]
      nodes[next].insert(entry, at: index)
      adopt(entry.child, by: next, level: level, &nodes, &areas)
    }
    nodes[node].remove(number, at: left)
  }

  /// Moves the first `number` children of a node to the end of the one before it.
  private func moveDown(
    _ number: Int, from node: UInt32, to previous: UInt32, level: Int32, _ nodes: inout Pool<AreaNode>,
    _ areas: inout Pool<some LinkedArea>
  ) {
    for index in 0..<number {
      let entry = nodes[node][index]
      nodes[previous].insert(entry, at: Int(nodes[previous].count))
      adopt(entry.child, by: previous, level: level, &nodes, &areas)
    }
    nodes[node].remove(number, at: 0)
  }

  /// Lets a child know its node.
  private func adopt(
    _ child: UInt32, by node: UInt32, level: Int32, _ nodes: inout Pool<AreaNode>, _ areas: inout Pool<some LinkedArea>
  ) {
    if level == 0 { areas[child].node = node } else { nodes[child].parent = node }
  }
}
