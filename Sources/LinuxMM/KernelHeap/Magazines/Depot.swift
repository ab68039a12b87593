/// The full magazines of a cache on a node, for all its processors. Linux: `struct node_barn`, from 6.18 on.
struct Depot: ~Copyable {
  private let lock = SpinLock()
  private var first: UInt32 = 0
  /// How many there are, and how many it takes.
  let count = SharedNumber(0)
  var most: UInt32 = 0
  private var padding: UInt64 = 0

  /// Takes a full magazine, 0 if there is none.
  mutating func take(_ magazines: borrowing Magazines) -> UInt32 {
    if count.value == 0 { return 0 }
    lock.lock()
    defer { lock.unlock() }
    let magazine = first
    if magazine != 0 {
      first = magazines.next(magazine)
      count.add(-1)
    }
    return magazine
  }

  /// Takes a full magazine in.
  ///
  /// - Returns: `false` if there is no room.
  mutating func put(_ magazine: UInt32, _ magazines: borrowing Magazines) -> Bool {
    if count.value >= Int(most) { return false }
    lock.lock()
    magazines.setNext(magazine, first)
    first = magazine
    count.add(1)
    lock.unlock()
    return true
  }

  /// Calls `body` for each magazine.
  ///
  /// - Precondition: nobody else uses the depot meanwhile.
  func forEach(
    _ magazines: borrowing Magazines, _ body: (_ magazine: UInt32) throws(BrokenInvariant) -> Void
  ) throws(BrokenInvariant) {
    var magazine = first
    while magazine != 0 {
      try body(magazine)
      magazine = magazines.next(magazine)
    }
  }
}
