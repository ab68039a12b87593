/// A cache's slabs on a node, by how many of their objects are free, and the node's arrays of free objects. Linux: SLAB's
/// `struct kmem_cache_node`.
struct ArrayNode: ~Copyable {
  /// Guards all of it, and the slabs on the lists.
  let lock = SpinLock()
  /// The slabs by their state, see ``ArrayCaches``: first and last of each list, 0 if there is none.
  var first = InlineArray<3, UInt32>(repeating: 0)
  var last = InlineArray<3, UInt32>(repeating: 0)
  /// Objects on these lists that are free. Linux: `free_objects`.
  var freeObjects = 0
  /// Above this, empty slabs are given back. Linux: `free_limit`.
  var freeLimit = 0
  var slabs = 0
  /// Linux: `colour_next`.
  var nextColour = 0
  /// Objects in the shared array, and whether some were taken since the last look.
  var shared = 0
  var isSharedTouched = false
  /// The node whose objects are looked at next. Linux: `slab_reap_node`.
  var nextAlien = 0
  /// Whether an empty slab was taken since the last look. Linux: `free_touched`.
  var isTouched = false
}

/// Objects of another node's slabs that a node's processors have freed, until there are enough to go there. Linux: `struct alien_cache`.
struct AlienArray: ~Copyable {
  let lock = SpinLock()
  var count = 0
  var objects = InlineArray<12, UInt64>(repeating: 0)
  private var padding: (UInt64, UInt64) = (0, 0)
}
