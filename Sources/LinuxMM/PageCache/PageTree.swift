/// The cached pages of one file, by their position: a radix tree with 64 places a node.
///
/// Linux: the `i_pages` xarray of `struct address_space`. Lookup and insertion are O(log64 pages).
struct PageTree: BitwiseCopyable {
  /// The root node, or `PageTreeNode.none` while the file has no cached page.
  private var root = PageTreeNode.none
  /// Levels of nodes.
  private var height = 0
  /// Cached pages.
  private(set) var count = 0

  /// The frame of page `position`, if it is cached.
  func find(_ position: UInt64, in nodes: borrowing Pool<PageTreeNode>) -> FrameNumber? {
    guard height > 0, height * 6 >= 64 || position >> UInt64(height * 6) == 0 else { return nil }
    var node = root
    var level = height - 1
    while level > 0 {
      node = nodes[node].slots[slot(position, level)]
      if node == PageTreeNode.none { return nil }
      level -= 1
    }
    let frame = nodes[node].slots[slot(position, 0)]
    return frame == PageTreeNode.none ? nil : FrameNumber(frame)
  }

  /// Puts a frame at a free position.
  mutating func insert(
    _ frame: FrameNumber, at position: UInt64, in nodes: inout Pool<PageTreeNode>
  ) {
    while height == 0 || position >> UInt64(height * 6) != 0 {
      var node = PageTreeNode()
      if height > 0 {
        node.slots[0] = root
        node.used = 1
      }
      root = nodes.insert(node)
      height += 1
    }
    var node = root
    var level = height - 1
    while level > 0 {
      let index = slot(position, level)
      var child = nodes[node].slots[index]
      if child == PageTreeNode.none {
        child = nodes.insert(PageTreeNode())
        nodes[node].slots[index] = child
        nodes[node].used += 1
      }
      node = child
      level -= 1
    }
    precondition(nodes[node].slots[slot(position, 0)] == PageTreeNode.none, "page cached twice")
    nodes[node].slots[slot(position, 0)] = frame.rawValue
    nodes[node].used += 1
    count += 1
  }

  /// Puts another frame at a position that has one.
  func replace(_ position: UInt64, by frame: FrameNumber, in nodes: inout Pool<PageTreeNode>) {
    var node = root
    var level = height - 1
    while level > 0 {
      node = nodes[node].slots[slot(position, level)]
      level -= 1
    }
    nodes[node].slots[slot(position, 0)] = frame.rawValue
  }

  /// Removes the page at `position`, and the nodes that become empty.
  mutating func remove(_ position: UInt64, in nodes: inout Pool<PageTreeNode>) {
    guard height > 0, position >> UInt64(height * 6) == 0 else { return }
    if remove(position, below: root, height - 1, &nodes) {
      nodes.remove(root)
      root = PageTreeNode.none
      height = 0
    }
  }

  /// - Returns: whether the node is empty now.
  private mutating func remove(
    _ position: UInt64, below node: UInt32, _ level: Int, _ nodes: inout Pool<PageTreeNode>
  ) -> Bool {
    let index = slot(position, level)
    let child = nodes[node].slots[index]
    guard child != PageTreeNode.none else { return false }
    if level == 0 {
      count -= 1
    } else {
      guard remove(position, below: child, level - 1, &nodes) else { return false }
      nodes.remove(child)
    }
    nodes[node].slots[index] = PageTreeNode.none
    nodes[node].used -= 1
    return nodes[node].used == 0
  }

  /// Calls `body` with each cached page of a range, in order. O(pages found + nodes).
  func forEach(
    in positions: Range<UInt64>, _ nodes: borrowing Pool<PageTreeNode>, _ body: (UInt64, FrameNumber) -> Void
  ) {
    guard height > 0 else { return }
    forEach(in: positions, below: root, height - 1, 0, nodes, body)
  }

  private func forEach(
    in positions: Range<UInt64>, below node: UInt32, _ level: Int, _ base: UInt64,
    _ nodes: borrowing Pool<PageTreeNode>,
    _ body: (UInt64, FrameNumber) -> Void
  ) {
    let span = UInt64(1) << UInt64(level * 6)
    for index in 0..<64 {
      let first = base + UInt64(index) * span
      guard first < positions.upperBound else { return }
      let child = nodes[node].slots[index]
      guard child != PageTreeNode.none, first &+ (span - 1) >= positions.lowerBound else { continue }
      if level == 0 {
        body(first, FrameNumber(child))
      } else {
        forEach(in: positions, below: child, level - 1, first, nodes, body)
      }
    }
  }

  private func slot(_ position: UInt64, _ level: Int) -> Int {
    Int(truncatingIfNeeded: position >> UInt64(level * 6)) & 63
  }
}

/// A node of a ``PageTree``: nodes of the next level, or frames at the last.
struct PageTreeNode: BitwiseCopyable {
  static let none: UInt32 = .max

  var slots = InlineArray<64, UInt32>(repeating: PageTreeNode.none)
  /// Slots in use.
  var used = 0
}
