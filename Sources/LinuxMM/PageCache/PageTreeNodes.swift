/// The nodes of all ``PageTree``s. Their slots stand beside them, in a row of 64 for each, so that one is read without the
/// others.
struct PageTreeNodes: ~Copyable {
  private var nodes = Pool<PageTreeNode>()
  private var slots = RowPool<CacheEntry>(width: 64)

  /// Nodes in use.
  var count: Int { nodes.count }

  /// Adds an empty node. Its slots are all empty, since a node is removed when its last one is.
  mutating func insert() -> UInt32 {
    let node = nodes.insert(PageTreeNode())
    if slots.count < nodes.limit { slots.append(repeating: .empty) }
    return node
  }

  mutating func remove(_ node: UInt32) { nodes.remove(node) }

  subscript(node: UInt32) -> PageTreeNode {
    @inline(__always) _read { yield nodes[node] }
    @inline(__always) _modify { yield &nodes[node] }
  }

  /// A slot of a node.
  subscript(node: UInt32, index: Int) -> CacheEntry {
    @inline(__always) get { slots[node, index] }
    @inline(__always) set { slots[node, index] = newValue }
  }

  /// The node below a slot, or `none`. Nodes are numbered as frames are.
  @inline(__always)
  func child(_ node: UInt32, _ index: Int) -> UInt32 { self[node, index].frame?.rawValue ?? PageTreeNode.none }

  /// Puts a node below a free slot.
  mutating func setChild(_ node: UInt32, _ index: Int, _ child: UInt32) {
    self[node, index] = CacheEntry(FrameNumber(child))
    nodes[node].used += 1
  }
}

/// A node of a ``PageTree``: nodes of the next level below its slots, or pages and shadows in them at the last.
struct PageTreeNode: BitwiseCopyable {
  static let none: UInt32 = .max

  /// Slots in use, and of the last level's those with a frame.
  var used: UInt8 = 0
  var frames: UInt8 = 0
  /// Of the last level: whose it is, and the position of its first slot.
  var file: UInt32 = 0
  var base: UInt64 = 0
  /// Slots with a dirty page, or with one below them, as bits.
  var marks: UInt64 = 0

  /// Whether it has pages that were, and none that are.
  var holdsShadowsOnly: Bool { used > 0 && frames == 0 }
}
