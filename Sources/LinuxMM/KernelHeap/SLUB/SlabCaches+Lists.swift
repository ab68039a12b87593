import Synchronization

/// The lists of slabs with free objects.
extension SlabCaches {
  /// Puts a slab in front of its owner's others.
  func addPartial(_ slab: Int, _ slot: Int) {
    let first = slots[slot].partial
    slabs[slab].state = .partial
    slabs[slab].next = first
    slabs[slab].previous = 0
    if first != 0 { slabs[Int(first)].previous = UInt32(slab) }
    slots[slot].partial = UInt32(slab)
    slots[slot].partialCount += 1
  }

  func removePartial(_ slab: Int, _ slot: Int, _ processor: Int) {
    let next = slabs[slab].next
    let previous = slabs[slab].previous
    if previous == 0 { slots[slot].partial = next } else { slabs[Int(previous)].next = next }
    if next != 0 { slabs[Int(next)].previous = previous }
    slots[slot].partialCount -= 1
    if slabs[slab].inUse == 0 { emptyFrames[processor] -= tags[slab].order.frameCount }
  }

  /// Puts a slab in front of its node's others.
  ///
  /// - Precondition: the caller holds the node's lock; the slab has no owner.
  func addShared(_ slab: Int, _ node: Int) {
    let first = nodes[node].first
    slabs[slab].state = .shared
    slabs[slab].next = first
    slabs[slab].previous = 0
    if first != 0 { slabs[Int(first)].previous = UInt32(slab) }
    nodes[node].first = UInt32(slab)
    nodes[node].count.add(1)
  }

  /// - Precondition: the caller holds the node's lock.
  func removeShared(_ slab: Int, _ node: Int) {
    let next = slabs[slab].next
    let previous = slabs[slab].previous
    if previous == 0 { nodes[node].first = next } else { slabs[Int(previous)].next = next }
    if next != 0 { slabs[Int(next)].previous = previous }
    nodes[node].count.add(-1)
  }

  /// Gives the slabs that a processor has beyond those it keeps to their nodes, if somebody wants them.
  func shareIfWanted(_ cache: SlabCacheIndex, _ slot: Int, _ processor: Int, _ memory: borrowing PhysicalMemory) {
    let place = node(cache, memory.node(ofProcessor: processor))
    guard nodes[place].isWanted.load(ordering: .relaxed) else { return }
    nodes[place].isWanted.store(false, ordering: .relaxed)
    var slab = Int(slots[slot].partial)
    while slab != 0 && slots[slot].partialCount > UInt32(slots[slot].wantedPartial) {
      let next = Int(slabs[slab].next)
      _ = share(slab, cache, slot, processor, memory)
      slab = next
    }
  }

  /// Gives a slab of the processor's list to its node.
  ///
  /// - Returns: `false` if others have returned objects to it that the processor has not collected.
  func share(
    _ slab: Int, _ cache: SlabCacheIndex, _ slot: Int, _ processor: Int, _ memory: borrowing PhysicalMemory
  ) -> Bool {
    let place = node(cache, memory.node(of: FrameNumber(UInt32(slab))))
    nodes[place].lock.lock()
    defer { nodes[place].lock.unlock() }
    // From the moment it has no owner, others look for it on the node's list.
    guard slabs[slab].returned.exchange(.init(owner: processor), .none) else { return false }
    removePartial(slab, slot, processor)
    addShared(slab, place)
    return true
  }
}
