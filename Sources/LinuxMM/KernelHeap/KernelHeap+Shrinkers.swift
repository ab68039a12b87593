extension KernelHeap where P: ~Copyable {
  /// Lets somebody be asked for objects by ``shrinkObjects(priority:node:)`` (`register_shrinker`).
  public func register(_ shrinker: Shrinker) -> ShrinkerIndex {
    shrinkers.with { $0.add(shrinker, nodes: memory.nodeCount) }
  }

  /// (`unregister_shrinker`)
  public func unregister(_ shrinker: ShrinkerIndex) { shrinkers.with { $0.remove(shrinker) } }

  /// Asks all shrinkers for a part of what they have on a node (`mm/vmscan.c:shrink_slab`).
  ///
  /// - Parameter priority: 12 (a 4096th) to 0 (all), as reclaim counts down.
  public func shrinkObjects(priority: Int, node: Int) -> ShrinkResult {
    precondition((0...12).contains(priority) && (0..<memory.nodeCount).contains(node), "no such priority or node")
    var result = ShrinkResult()
    // A shrinker may use the heap: it is asked without the lock.
    for index in 0..<shrinkers.with({ $0.count }) {
      guard let (shrinker, owed) = shrinkers.with({ $0.take(index, node) }) else { continue }
      let left = shrinker.shrink(priority: priority, node: node, owed: owed, &result)
      shrinkers.with { $0.giveBack(index, node, left) }
    }
    return result
  }

  /// Gives all that shrinkers and caches can do without back (`mm/vmscan.c:drop_slab`): what is done by
  /// `echo 2 > /proc/sys/vm/drop_caches`, and empty slabs besides.
  ///
  /// - Precondition: nobody else uses the heap meanwhile.
  /// - Returns: what the shrinkers did.
  public func dropObjects() -> ShrinkResult {
    var result = ShrinkResult()
    var round = 0
    while true {
      var freed = 0
      for node in 0..<memory.nodeCount {
        let part = shrinkObjects(priority: 0, node: node)
        result.scanned += part.scanned
        result.freed += part.freed
        freed += part.freed
      }
      // Linux goes on while more than a little comes; "shift" makes it stop in any case.
      if freed >> round <= 1 { break }
      round += 1
    }
    for cache in allCaches { shrink(cache) }
    return result
  }
}
