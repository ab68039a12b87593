/// What only the holder of a zone's lock may touch: its free blocks. Linux: `free_area` of `struct zone`.
struct ZoneLists: ~Copyable {
  /// Free blocks by order and migration type, see ``place(_:_:)``.
  var lists = InlineArray<66, FrameList>(repeating: FrameList())
  /// Never-used blocks of the largest order: they stand behind the movable list of that order as if they were on
  /// it, so that a machine starts without writing the metadata of every block.
  var pristineBlocks = 0
  /// No never-used block lies below this frame.
  var pristineCursor: FrameNumber
  /// What was done under the lock, without a processor's list.
  var events = ZoneEvents()
  var compaction = CompactionState()

  init(span: FrameRange) {
    pristineCursor = span.start
    compaction.reset(span)
  }

  /// Position in ``lists``.
  @inline(__always)
  static func place(_ order: PageOrder, _ type: MigrationType) -> Int {
    Int(type.rawValue) * PageOrder.count + order.index
  }

  /// The number of free blocks of an order and type.
  func blockCount(_ order: PageOrder, _ type: MigrationType) -> Int {
    Int(lists[Self.place(order, type)].count) + (order == .largest && type == .movable ? pristineBlocks : 0)
  }

  /// The number of free blocks of an order. Linux: `nr_free`.
  func blockCount(_ order: PageOrder) -> Int {
    var sum = 0
    for type in MigrationType.allCases { sum += blockCount(order, type) }
    return sum
  }
}
