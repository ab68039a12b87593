import Synchronization

/// Slabs of a cache on a node that belong to no processor, and have free objects. Linux: `struct kmem_cache_node`.
struct NodeSlabs: ~Copyable {
  /// Guards the list, and the slabs on it.
  let lock = SpinLock()
  /// The first of them, by its first frame; 0 if there is none. Linux: `partial`.
  var first: UInt32 = 0
  /// Linux: `nr_partial`.
  let count = SharedNumber(0)
  /// Whether a processor has found the list empty since one was put on it.
  let isWanted = Atomic<Bool>(false)
  /// All slabs of the cache on the node. Linux: `nr_slabs`.
  let slabs = Atomic<Int>(0)
}
