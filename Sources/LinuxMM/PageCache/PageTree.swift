/// The cached pages of one file, and the shadows or slots of those that were, by their position: a radix tree with 64
/// places a node.
///
/// Linux: the `i_pages` xarray of `struct address_space`. Lookup and insertion are O(log64 pages).
struct PageTree: BitwiseCopyable {
  /// The root node, or `PageTreeNode.none` while the file has no cached page.
  private var root = PageTreeNode.none
  /// Levels of nodes.
  private var height = 0
  /// Cached pages.
  private(set) var count = 0
  /// The last level's node that a page was put into last, and its number among all of that level; most pages are looked for
  /// near that.
  private var recentLeaf = PageTreeNode.none
  private var recentNumber: UInt64 = .max

  /// The frame of page `position`, if it is cached.
  func find(_ position: UInt64, in nodes: borrowing PageTreeNodes) -> FrameNumber? {
    entry(position, in: nodes).frame
  }

  /// What there is of page `position`.
  func entry(_ position: UInt64, in nodes: borrowing PageTreeNodes) -> CacheEntry {
    if position &>> 6 == recentNumber { return nodes[recentLeaf, slot(position, 0)] }
    guard height > 0, isWithin(position) else { return .empty }
    var node = root
    var level = height - 1
    while level > 0 {
      node = nodes.child(node, slot(position, level))
      if node == PageTreeNode.none { return .empty }
      level &-= 1
    }
    return nodes[node, slot(position, 0)]
  }

  /// Whether the tree is high enough for a position.
  @inline(__always)
  private func isWithin(_ position: UInt64) -> Bool {
    height >= 11 || position &>> UInt64(truncatingIfNeeded: height &* 6) == 0
  }

  /// Puts a frame at a position that has none.
  ///
  /// - Returns: the last level's node, and what there was at the position.
  @discardableResult
  mutating func insert(
    _ frame: FrameNumber, at position: UInt64, in nodes: inout PageTreeNodes
  ) -> (leaf: UInt32, old: CacheEntry) {
    let node = makeLeaf(position, in: &nodes)
    let old = nodes[node, slot(position, 0)]
    precondition(old.frame == nil, "page cached twice")
    if old.isEmpty { nodes[node].used += 1 }
    nodes[node, slot(position, 0)] = CacheEntry(frame)
    nodes[node].frames += 1
    count += 1
    return (node, old)
  }

  /// The last level's node of a position, made with those above it if it is missing.
  @inline(__always)
  private mutating func makeLeaf(_ position: UInt64, in nodes: inout PageTreeNodes) -> UInt32 {
    if position &>> 6 == recentNumber { return recentLeaf }
    while height == 0 || !isWithin(position) {
      let node = nodes.insert()
      if height > 0 {
        nodes.setChild(node, 0, root)
        if nodes[root].marks != 0 { nodes[node].marks = 1 }
      }
      root = node
      height += 1
    }
    var node = root
    var level = height - 1
    while level > 0 {
      let index = slot(position, level)
      var child = nodes.child(node, index)
      if child == PageTreeNode.none {
        child = nodes.insert()
        nodes.setChild(node, index, child)
      }
      node = child
      level -= 1
    }
    recentLeaf = node
    recentNumber = position &>> 6
    return node
  }

  /// Marks the page at a position as dirty. Linux: `PAGECACHE_TAG_DIRTY`.
  func mark(_ position: UInt64, in nodes: inout PageTreeNodes) {
    var node = root
    var level = height - 1
    while true {
      nodes[node].marks |= 1 << UInt64(slot(position, level))
      if level == 0 { return }
      node = nodes.child(node, slot(position, level))
      level -= 1
    }
  }

  /// Takes the mark from the page at a position.
  func unmark(_ position: UInt64, in nodes: inout PageTreeNodes) {
    guard height > 0 else { return }
    unmark(position, below: root, height - 1, &nodes)
  }

  private func unmark(_ position: UInt64, below node: UInt32, _ level: Int, _ nodes: inout PageTreeNodes) {
    let bit: UInt64 = 1 << UInt64(slot(position, level))
    guard nodes[node].marks & bit != 0 else { return }
    if level > 0 {
      let child = nodes.child(node, slot(position, level))
      unmark(position, below: child, level - 1, &nodes)
      if nodes[child].marks != 0 { return }
    }
    nodes[node].marks &= ~bit
  }

  /// The first marked page from a position on. O(levels).
  func firstMarked(from position: UInt64, in nodes: borrowing PageTreeNodes) -> UInt64? {
    guard height > 0, isWithin(position) else { return nil }
    return firstMarked(from: position, below: root, height - 1, 0, nodes)
  }

  private func firstMarked(
    from position: UInt64, below node: UInt32, _ level: Int, _ base: UInt64, _ nodes: borrowing PageTreeNodes
  ) -> UInt64? {
    let shift = UInt64(level * 6)
    let first = position > base ? min((position - base) >> shift, 63) : 0
    var marks = nodes[node].marks & (UInt64.max << first)
    while marks != 0 {
      let index = UInt64(marks.trailingZeroBitCount)
      let start = base + index << shift
      if level == 0 { return start }
      let child = nodes.child(node, Int(index))
      if let found = firstMarked(from: max(position, start), below: child, level - 1, start, nodes) { return found }
      marks &= marks - 1
    }
    return nil
  }

  /// Puts another frame at a position that has one.
  func replace(_ position: UInt64, by frame: FrameNumber, in nodes: inout PageTreeNodes) {
    let node = leaf(position, in: nodes)
    nodes[node, slot(position, 0)] = CacheEntry(frame)
  }

  /// Puts a shadow or a slot in the place of a frame.
  ///
  /// - Returns: the last level's node.
  mutating func evict(_ position: UInt64, leaving entry: CacheEntry, in nodes: inout PageTreeNodes) -> UInt32 {
    unmark(position, in: &nodes)
    let node = leaf(position, in: nodes)
    nodes[node, slot(position, 0)] = entry
    nodes[node].frames -= 1
    count -= 1
    return node
  }

  /// The last level's node of a position that has one.
  func leaf(_ position: UInt64, in nodes: borrowing PageTreeNodes) -> UInt32 {
    if position &>> 6 == recentNumber { return recentLeaf }
    var node = root
    var level = height - 1
    while level > 0 {
      node = nodes.child(node, slot(position, level))
      level -= 1
    }
    return node
  }

  /// Removes the page or shadow at `position`, and the nodes that become empty.
  mutating func remove(_ position: UInt64, in nodes: inout PageTreeNodes) {
    guard height > 0, isWithin(position) else { return }
    recentNumber = .max
    unmark(position, in: &nodes)
    if remove(position, below: root, height - 1, &nodes) {
      nodes.remove(root)
      root = PageTreeNode.none
      height = 0
    }
  }

  /// - Returns: whether the node is empty now.
  private mutating func remove(
    _ position: UInt64, below node: UInt32, _ level: Int, _ nodes: inout PageTreeNodes
  ) -> Bool {
    let index = slot(position, level)
    let entry = nodes[node, index]
    guard !entry.isEmpty else { return false }
    if level == 0 {
      if entry.frame != nil {
        count -= 1
        nodes[node].frames -= 1
      }
    } else {
      let child = nodes.child(node, index)
      guard remove(position, below: child, level - 1, &nodes) else { return false }
      nodes.remove(child)
    }
    nodes[node, index] = .empty
    nodes[node].used -= 1
    return nodes[node].used == 0
  }

  /// Calls `body` with each page and shadow of a range, in order. O(pages and shadows found + nodes).
  func forEach(
    in positions: Range<UInt64>, _ nodes: borrowing PageTreeNodes, _ body: (UInt64, CacheEntry) -> Void
  ) {
    guard height > 0 else { return }
    forEach(in: positions, below: root, height - 1, 0, nodes, body)
  }

  private func forEach(
    in positions: Range<UInt64>, below node: UInt32, _ level: Int, _ base: UInt64,
    _ nodes: borrowing PageTreeNodes,
    _ body: (UInt64, CacheEntry) -> Void
  ) {
    let span = UInt64(1) << UInt64(level * 6)
    for index in 0..<64 {
      let first = base + UInt64(index) * span
      guard first < positions.upperBound else { return }
      let entry = nodes[node, index]
      guard !entry.isEmpty, first &+ (span - 1) >= positions.lowerBound else { continue }
      if level == 0 {
        body(first, entry)
      } else {
        forEach(in: positions, below: nodes.child(node, index), level - 1, first, nodes, body)
      }
    }
  }

  @inline(__always)
  private func slot(_ position: UInt64, _ level: Int) -> Int {
    Int(truncatingIfNeeded: position &>> UInt64(truncatingIfNeeded: level &* 6)) & 63
  }
}
