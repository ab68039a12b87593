/// Areas of one address space, ordered by address: a B+-tree that knows the gaps between them.
///
/// Linux 6.1 keeps areas in a maple tree, which is of this kind. The nodes of all spaces lie in one pool; an area knows its
/// node and its neighbours. Lookup, insertion, removal and the search for a gap are O(log areas), a change of bounds is O(1)
/// unless it changes what nodes above know; neighbours are O(1).
struct AreaTree: BitwiseCopyable {
  /// No area, no node.
  static let none: UInt32 = .max

  /// The only node of the highest level.
  var root = AreaTree.none
  /// The levels of nodes.
  var levels: Int32 = 0
  /// The area of the lowest address.
  private(set) var first = AreaTree.none
  /// The area of the highest address.
  private(set) var last = AreaTree.none
  /// Linux: `map_count`.
  private(set) var count = 0

  /// The first area that ends above `page`. Linux: `find_vma`.
  @inline(__always)
  func first(endingAbove page: VirtualPage, in nodes: borrowing Pool<AreaNode>) -> UInt32 {
    var child = root
    for _ in 0..<levels {
      let index = nodes[child].index(endingAbove: page)
      guard index < AreaNode.capacity else { return AreaTree.none }
      child = nodes[child][index].child
      if child == AreaTree.none { return child }
    }
    return child
  }

  /// The area that contains `page`.
  @inline(__always)
  func find(_ page: VirtualPage, in nodes: borrowing Pool<AreaNode>, _ areas: borrowing Pool<some LinkedArea>) -> UInt32
  {
    let area = first(endingAbove: page, in: nodes)
    return area != AreaTree.none && !(page < areas[area].start) ? area : AreaTree.none
  }

  /// Adds an area that overlaps no other.
  mutating func insert(_ area: UInt32, in nodes: inout Pool<AreaNode>, _ areas: inout Pool<some LinkedArea>) {
    if count == 0 { addLevel(&nodes) }
    count += 1
    let start = areas[area].start
    let (node, index) = place(at: start, nodes)
    let next = index < Int(nodes[node].count) ? nodes[node][index].child : AreaTree.none
    let previous = index > 0 ? nodes[node][index - 1].child : next == AreaTree.none ? last : areas[next].previous
    areas[area].previous = previous
    areas[area].next = next
    if previous == AreaTree.none { first = area } else { areas[previous].next = area }
    if next == AreaTree.none { last = area } else { areas[next].previous = area }
    let floor = end(before: area, at: index, of: node, nodes, areas)
    precondition(!(start < floor), "areas overlap")
    moveGap(before: next, at: index, of: node, from: floor, to: areas[area].end, &nodes, areas)
    let entry = AreaNode.Entry(end: areas[area].end, gap: start - floor, child: area)
    insert(entry, at: index, of: node, level: 0, &nodes, &areas)
  }

  /// Takes an area out; its place in the pool stays the caller's.
  mutating func remove(_ area: UInt32, in nodes: inout Pool<AreaNode>, _ areas: inout Pool<some LinkedArea>) {
    let previous = areas[area].previous
    let next = areas[area].next
    let (node, index) = place(of: area, nodes, areas)
    let floor = end(before: area, at: index, of: node, nodes, areas)
    moveGap(before: next, at: index + 1, of: node, from: areas[area].end, to: floor, &nodes, areas)
    if previous == AreaTree.none { first = next } else { areas[previous].next = next }
    if next == AreaTree.none { last = previous } else { areas[next].previous = previous }
    areas[area].node = AreaTree.none
    count -= 1
    remove(at: index, of: node, level: 0, &nodes, &areas)
  }

  /// Brings ends and gaps up to date after an area's bounds changed within its surroundings, so that some of its pages
  /// are still its own.
  func boundsChanged(_ area: UInt32, in nodes: inout Pool<AreaNode>, _ areas: borrowing Pool<some LinkedArea>) {
    let (node, index) = place(of: area, nodes, areas)
    let floor = end(before: area, at: index, of: node, nodes, areas)
    let oldEnd = nodes[node][index].end
    let newEnd = areas[area].end
    precondition(!(areas[area].start < floor), "areas overlap")
    nodes[node][index] = AreaNode.Entry(end: newEnd, gap: areas[area].start - floor, child: area)
    if oldEnd != newEnd {
      moveGap(before: areas[area].next, at: index + 1, of: node, from: oldEnd, to: newEnd, &nodes, areas)
    }
    refresh(node, &nodes)
  }

  /// The node of the lowest level that an area which begins at `page` belongs to, and its place there.
  @inline(__always)
  private func place(at page: VirtualPage, _ nodes: borrowing Pool<AreaNode>) -> (node: UInt32, index: Int) {
    var node = root
    for _ in 1..<levels {
      // Above all areas is the end of the last node.
      let index = min(nodes[node].index(endingAbove: page), Int(nodes[node].count) - 1)
      node = nodes[node][index].child
    }
    return (node, nodes[node].index(endingAbove: page))
  }

  /// The node that lists an area, and the area's place there.
  @inline(__always)
  private func place(
    of area: UInt32, _ nodes: borrowing Pool<AreaNode>, _ areas: borrowing Pool<some LinkedArea>
  ) -> (node: UInt32, index: Int) {
    let node = areas[area].node
    precondition(node != AreaTree.none, "area that is not in the tree")
    let index = nodes[node].index(endingAbove: areas[area].start)
    precondition(nodes[node][index].child == area, "area that is not where it was")
    return (node, index)
  }

  /// Where the area before one that is, or is to be, at a place of a node ends.
  @inline(__always)
  private func end(
    before area: UInt32, at index: Int, of node: UInt32, _ nodes: borrowing Pool<AreaNode>,
    _ areas: borrowing Pool<some LinkedArea>
  ) -> VirtualPage {
    if index > 0 { return nodes[node][index - 1].end }
    let previous = areas[area].previous
    return previous == AreaTree.none ? VirtualPage(0) : areas[previous].end
  }

  /// Lets the gap before the area at a place of a node, or the first area of the node after it, begin elsewhere.
  private func moveGap(
    before area: UInt32, at index: Int, of node: UInt32, from oldStart: VirtualPage, to start: VirtualPage,
    _ nodes: inout Pool<AreaNode>, _ areas: borrowing Pool<some LinkedArea>
  ) {
    if index < Int(nodes[node].count) {
      nodes[node].moveGap(at: index, from: oldStart, to: start)
    } else if area != AreaTree.none {
      nodes[areas[area].node].moveGap(at: 0, from: oldStart, to: start)
      refresh(areas[area].node, &nodes)
    }
  }
}
