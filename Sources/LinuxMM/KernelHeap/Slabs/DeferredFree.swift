/// Memory of a type-safe cache that was freed, and stays until all who may still look at it are done. Linux: `call_rcu`.
enum DeferredFree {
  case frames(FrameNumber, PageOrder)
  /// A block of SLOB.
  case block(UInt64, size: Int)
}
