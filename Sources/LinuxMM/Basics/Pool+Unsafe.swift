/// A growing table whose elements are named by a small integer and whose freed places are used again.
///
/// Adding is amortized O(1), access is one bounds check and one load. Elements move when the table
/// grows, so a place is held by its number, never by its address.
@safe struct Pool<Element: BitwiseCopyable>: ~Copyable {
  private var base: UnsafeMutablePointer<Element>
  private var capacity: Int
  /// One past the highest place ever used.
  private(set) var limit: Int
  private var free: [UInt32]

  init() {
    capacity = 16
    limit = 0
    free = []
    // SAFETY: owned by this value, released in deinit.
    unsafe base = UnsafeMutablePointer<Element>.allocate(capacity: 16)
  }

  deinit {
    // SAFETY: allocated by this value; elements are BitwiseCopyable and need no deinitialization.
    unsafe base.deallocate()
  }

  /// The number of elements in use.
  var count: Int { limit - free.count }

  /// Stores `element` in a free place and returns the place.
  mutating func insert(_ element: Element) -> UInt32 {
    if let place = free.popLast() {
      self[place] = element
      return place
    }
    if limit == capacity {
      // SAFETY: the new region is larger; every initialized element is moved and the old region freed.
      let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
      unsafe larger.moveInitialize(from: base, count: limit)
      unsafe base.deallocate()
      unsafe base = larger
      capacity *= 2
    }
    // SAFETY: limit < capacity here.
    unsafe (base + limit).initialize(to: element)
    limit += 1
    return UInt32(limit - 1)
  }

  /// Gives a place back. The caller holds no use of it afterwards.
  mutating func remove(_ place: UInt32) {
    precondition(Int(place) < limit, "no such place")
    free.append(place)
  }

  subscript(place: UInt32) -> Element {
    @inline(__always) unsafeAddress {
      precondition(Int(place) < limit, "no such place")
      // SAFETY: place is below limit, checked above; elements do not move while one is borrowed, since that borrows the pool.
      return unsafe UnsafePointer(base + Int(place))
    }
    @inline(__always) unsafeMutableAddress {
      precondition(Int(place) < limit, "no such place")
      // SAFETY: as above.
      return unsafe base + Int(place)
    }
  }
}

// SAFETY: the pool owns its elements' memory; what several threads may touch is its owner's contract.
extension Pool: @unchecked Sendable {}
