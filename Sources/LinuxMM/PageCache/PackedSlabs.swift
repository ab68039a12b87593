/// The frames that objects of one kind take, as if they were packed. Linux: a slab cache.
struct PackedSlabs {
  private let layout: SlabLayout
  /// Slabs in the order they were taken; those before `first` are gone.
  private var slabs: [(frame: FrameNumber, order: PageOrder)] = []
  private var first = 0
  /// Objects that find room in them.
  private(set) var capacity = 0
  private(set) var frames = 0

  private init(_ size: Int, isConstructed: Bool, _ settings: HeapSettings) {
    layout = SlabLayout(
      objectSize: size, alignment: settings.wordSize, .reclaimable, isConstructed: isConstructed, settings)!
  }

  /// Those of the nodes of the page cache's and the swap cache's trees. Linux: `radix_tree_node`, of `struct xa_node`.
  static func treeNodes(_ settings: HeapSettings) -> PackedSlabs {
    // Its constructor adds a pointer.
    PackedSlabs(settings.wordSize == 8 ? 576 : 300, isConstructed: true, settings)
  }

  /// Those of what a file system keeps for each page that was written to. Linux: `buffer_head`.
  static func buffers(_ settings: HeapSettings) -> PackedSlabs {
    PackedSlabs(settings.wordSize == 8 ? 104 : 56, isConstructed: false, settings)
  }

  var usualOrder: PageOrder { layout.order }
  var smallestOrder: PageOrder { layout.smallestOrder }

  private func objects(_ order: PageOrder) -> Int { order.byteCount / layout.size }

  mutating func add(_ frame: FrameNumber, _ order: PageOrder) {
    slabs.append((frame, order))
    capacity += objects(order)
    frames += order.frameCount
  }

  /// Slabs that stay though nothing is on them, lest they come and go. Linux: `min_partial`.
  var keptSlabs: Int { layout.keptSlabs }

  /// Takes the oldest slab away if so many objects find room without it and `kept` others.
  mutating func takeSpare(objects needed: Int, keeping kept: Int = 0) -> (frame: FrameNumber, order: PageOrder)? {
    guard first < slabs.count else { return nil }
    guard capacity - objects(slabs[first].order) - kept * objects(usualOrder) >= needed else { return nil }
    let slab = slabs[first]
    capacity -= objects(slab.order)
    frames -= slab.order.frameCount
    first += 1
    if first == slabs.count || first >= 1024 {
      slabs.removeFirst(first)
      first = 0
    }
    return slab
  }
}
