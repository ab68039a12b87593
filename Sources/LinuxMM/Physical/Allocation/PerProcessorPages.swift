/// Blocks of small orders that a processor keeps of a zone, so that most requests need no zone lock.
/// Linux: `struct per_cpu_pages`.
///
/// Only the processor itself touches them, so they need no lock: other processors ask for them to be emptied, which the
/// owner does at its next request. Who has the whole memory to itself may empty them at once.
struct PerProcessorPages: ~Copyable {
  /// Whether the zone belongs to the processor's node.
  let isLocal: Bool
  /// How much larger a batch has become while blocks are only freed. Linux: `free_factor`.
  var freeFactor: UInt8 = 0
  /// Frames on the lists.
  var count = 0
  var events = ZoneEvents()
  /// Orders 0 to 3 and 9 of the three request types, see ``place(_:_:)``.
  var lists = InlineArray<14, BlockRing> { _ in BlockRing() }
  /// Blocks on their way back into the zone.
  var leaving = InlineArray<64, LeavingBlock>(repeating: LeavingBlock())
  /// How many blocks follow each other from there, on the way in.
  var runLengths = InlineArray<64, UInt8>(repeating: 0)
  /// Keeps what two processors write two cache lines apart.
  private let padding = InlineArray<16, UInt64>(repeating: 0)

  static let listCount = 14

  /// Whether blocks of an order are kept (`mm/page_alloc.c:pcp_allowed_order`).
  @inline(__always)
  static func keeps(_ order: PageOrder) -> Bool { order.rawValue <= 3 || order.rawValue == 9 }

  /// Position in ``lists`` (`mm/page_alloc.c:order_to_pindex`).
  @inline(__always)
  static func place(_ order: PageOrder, _ type: MigrationType) -> Int {
    order.rawValue == 9 ? 12 + (type == .movable ? 1 : 0) : order.index * 3 + Int(type.rawValue)
  }

  /// The order of the blocks of a list (`mm/page_alloc.c:pindex_to_order`).
  @inline(__always)
  static func order(at place: Int) -> PageOrder { place >= 12 ? PageOrder(9) : PageOrder(place / 3) }

  init(isLocal: Bool) { self.isLocal = isLocal }

  /// Gives the lists' own memory back.
  mutating func release() {
    for place in 0..<Self.listCount { lists[place].release() }
  }
}

/// A block on its way from a processor's list back into the zone.
struct LeavingBlock: BitwiseCopyable {
  var frame: FrameNumber = .none
  var order: PageOrder = .single
  var type: MigrationType = .movable
}
