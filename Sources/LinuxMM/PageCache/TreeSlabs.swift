/// The frames that the nodes of the page cache's and the swap cache's trees take, as if they were packed. Linux: the slab
/// cache `radix_tree_node`.
struct TreeSlabs {
  private let layout: SlabLayout
  /// Slabs in the order they were taken; those before `first` are gone.
  private var slabs: [(frame: FrameNumber, order: PageOrder)] = []
  private var first = 0
  /// Nodes that find room in them.
  private(set) var capacity = 0
  private(set) var frames = 0

  init(_ settings: HeapSettings) {
    // `struct xa_node`, to which its constructor adds a pointer.
    layout = SlabLayout(
      objectSize: settings.wordSize == 8 ? 576 : 300, alignment: settings.wordSize, .reclaimable, isConstructed: true,
      settings)!
  }

  var usualOrder: PageOrder { layout.order }
  var smallestOrder: PageOrder { layout.smallestOrder }

  private func nodes(_ order: PageOrder) -> Int { order.byteCount / layout.size }

  mutating func add(_ frame: FrameNumber, _ order: PageOrder) {
    slabs.append((frame, order))
    capacity += nodes(order)
    frames += order.frameCount
  }

  /// Takes the oldest slab away if so many nodes find room without it.
  mutating func takeSpare(nodes needed: Int) -> (frame: FrameNumber, order: PageOrder)? {
    guard first < slabs.count, capacity - nodes(slabs[first].order) >= needed else { return nil }
    let slab = slabs[first]
    capacity -= nodes(slab.order)
    frames -= slab.order.frameCount
    first += 1
    if first == slabs.count || first >= 1024 {
      slabs.removeFirst(first)
      first = 0
    }
    return slab
  }
}
