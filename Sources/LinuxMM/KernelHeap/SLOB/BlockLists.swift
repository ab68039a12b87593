/// The third of the heap's allocators, for machines with little memory. Linux: `mm/slob.c`, until 6.4.
///
/// It has no slabs: a page holds objects of any cache, and its free blocks in between, in units of two bytes, ordered by
/// address. A free block begins with its length and where in the page the next one is; a block of one unit has just the
/// latter, negative. Pages with free blocks are on three lists, by the size of what they hold; the first block that is large
/// enough is used. An object of kmalloc has its size in the eight bytes before it. From a page's size on, the page allocator
/// gives whole pages.
///
/// Tags, and what is known of each page, stand in ``SlabCaches``.
struct BlockLists: ~Copyable, Sendable {
  private let place = KeptInPlace()
  let state: Table<State>

  struct State: ~Copyable {
    /// Guards all pages and lists. Linux: `slob_lock`.
    let lock = SpinLock()
    /// By size, a page of each list, which is a ring; 0 if there is none.
    var first = InlineArray<3, UInt32>(repeating: 0)
    var pages = 0
  }

  init() { state = Table(count: 1) { _ in State() } }

  static let unit = UInt64(SlabLayout.blockUnit)
  static let unitsOfPage = Int(PageSize.bytes / unit)
  /// Bytes before an object of kmalloc. Linux: `ARCH_KMALLOC_MINALIGN`.
  static let header = 8

  static func units(_ bytes: Int) -> Int { (bytes + Int(unit) - 1) / Int(unit) }

  /// Which list serves a size (`SLOB_BREAK1`, `SLOB_BREAK2`).
  static func list(_ bytes: Int) -> Int { bytes < 256 ? 0 : bytes < 1024 ? 1 : 2 }

  // MARK: Pages on lists

  /// - Precondition: the caller holds the lock.
  func add(_ page: Int, _ list: Int, _ caches: borrowing SlabCaches) {
    let first = Int(state[0].first[list])
    if first == 0 {
      caches.slabs[page].next = UInt32(page)
      caches.slabs[page].previous = UInt32(page)
    } else {
      let last = Int(caches.slabs[first].previous)
      caches.slabs[page].next = UInt32(first)
      caches.slabs[page].previous = UInt32(last)
      caches.slabs[last].next = UInt32(page)
      caches.slabs[first].previous = UInt32(page)
    }
    state[0].first[list] = UInt32(page)
    caches.slabs[page].blockList = list
    caches.slabs[page].state = .partial
  }

  /// - Precondition: the caller holds the lock.
  func remove(_ page: Int, _ caches: borrowing SlabCaches) {
    let list = caches.slabs[page].blockList
    let next = caches.slabs[page].next
    let previous = caches.slabs[page].previous
    caches.slabs[Int(previous)].next = next
    caches.slabs[Int(next)].previous = previous
    if state[0].first[list] == UInt32(page) { state[0].first[list] = Int(next) == page ? 0 : next }
    caches.slabs[page].state = .full
  }

  // MARK: Blocks

  /// A free block's length in units (`mm/slob.c:slob_units`).
  func length<P: Platform & ~Copyable>(_ block: UInt64, _ platform: borrowing P) -> Int {
    let first = platform.half(at: block)
    return first > 0 ? Int(first) : 1
  }

  /// The free block after one, or the page's end (`mm/slob.c:slob_next`).
  func next<P: Platform & ~Copyable>(_ block: UInt64, _ platform: borrowing P) -> UInt64 {
    let first = platform.half(at: block)
    let place = first < 0 ? -Int(first) : Int(platform.half(at: block + Self.unit))
    return (block & ~PageSize.mask) + UInt64(place) * Self.unit
  }

  /// (`mm/slob.c:set_slob`)
  func set<P: Platform & ~Copyable>(_ block: UInt64, _ units: Int, next: UInt64, _ platform: borrowing P) {
    let place = Int((next - (block & ~PageSize.mask)) / Self.unit)
    if units > 1 {
      platform.setHalf(at: block, to: Int16(units))
      platform.setHalf(at: block + Self.unit, to: Int16(place))
    } else {
      platform.setHalf(at: block, to: Int16(-place))
    }
  }
}

extension Slab {
  /// A page of SLOB: which list it belongs to, its first free block, and how many units are free.
  var blockList: Int {
    get { Int(objects) }
    set { objects = UInt32(newValue) }
  }
  var firstBlock: UInt64 {
    get { head }
    set { head = newValue }
  }
  var freeUnits: Int {
    get { Int(inUse) }
    set { inUse = UInt32(newValue) }
  }
}
