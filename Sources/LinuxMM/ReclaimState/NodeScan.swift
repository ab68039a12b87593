/// How far reclaim has come with a node, portion by portion. Linux: what `shrink_node`, `shrink_node_memcgs` and `shrink_lruvec`
/// have on the stack.
struct NodeScan: BitwiseCopyable {
  enum Stage: BitwiseCopyable {
    /// Nothing is decided yet.
    case node
    /// The group is next.
    case group
    /// The group's lists are being looked at.
    case lists
  }

  var stage = Stage.node
  var group: UInt16 = 0
  /// Pages of the group's lists that are left to be looked at, and how many there were, in the order of
  /// ``LRUKind/evictable``.
  var left = InlineArray<4, Int>(repeating: 0)
  var targets = InlineArray<4, Int>(repeating: 0)
  /// Pages of the group freed.
  var freed = 0

  // When the node was begun.
  var reclaimed = 0
  var scanned = 0

  var isReclaimable = false
  /// Whether the caller, if it is the background reclaimer, has to wait for pages to be written.
  var waits = false
}
