/// Blocks of small orders that a processor keeps of a zone, so that most requests need no zone lock.
/// Linux: `struct per_cpu_pages`.
///
/// The lock guards everything in it. Only its own processor allocates from it; others empty it.
struct PerProcessorPages: ~Copyable {
  let lock = SpinLock()
  /// How much larger a batch has become while blocks are only freed. Linux: `free_factor`.
  var freeFactor: UInt8 = 0
  /// Frames on the lists.
  var count = 0
  /// Orders 0 to 3 and 9 of the three request types, see ``place(_:_:)``.
  var lists = InlineArray<14, FreeList>(repeating: FreeList())
  var events = ZoneEvents()
  /// Keeps what two processors write two cache lines apart.
  private var padding = InlineArray<16, UInt64>(repeating: 0)

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
}

/// What one processor did in one zone; the sum over processors is what `/proc` shows.
struct ZoneEvents: BitwiseCopyable {
  /// Frames allocated. Linux: `pgalloc_*`.
  var allocated: UInt64 = 0
  /// Frames freed. Linux: `pgfree`.
  var freed: UInt64 = 0
  /// Frames from the wanted node. Linux: `numa_hit`.
  var hits: UInt64 = 0
  /// Frames from here that another node was wanted for. Linux: `numa_miss`.
  var misses: UInt64 = 0
  /// Frames wanted from here that came from elsewhere. Linux: `numa_foreign`.
  var foreign: UInt64 = 0
  /// Frames for a processor of the node. Linux: `numa_local`.
  var local: UInt64 = 0
  /// Frames for a processor of another node. Linux: `numa_other`.
  var other: UInt64 = 0
  /// Times that memory of another migration type was taken. Linux: tracepoint `mm_page_alloc_extfrag`.
  var fallbacks: UInt64 = 0
  /// Those that took less than a pageblock.
  var fragmenting: UInt64 = 0
  /// Those after which the pageblock has the new type.
  var retyped: UInt64 = 0

  mutating func add(_ events: ZoneEvents) {
    allocated &+= events.allocated
    freed &+= events.freed
    hits &+= events.hits
    misses &+= events.misses
    foreign &+= events.foreign
    local &+= events.local
    other &+= events.other
    fallbacks &+= events.fallbacks
    fragmenting &+= events.fragmenting
    retyped &+= events.retyped
  }
}
