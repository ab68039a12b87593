/// Finds a file's place by its identity: open addressing with linear probing, at most three quarters full.
///
/// Files are never removed from it.
struct FileIndexTable {
  /// Places in the pool of files, or `UInt32.max`.
  private var slots: [UInt32] = Array(repeating: .max, count: 64)
  private var count = 0

  /// The place of a file, if it is known. O(1) on average.
  func find(_ identity: FileIdentity, in files: borrowing Pool<CachedFile>) -> UInt32? {
    var slot = start(identity)
    while slots[slot] != .max {
      if files[slots[slot]].identity == identity { return slots[slot] }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  /// Adds a file that is not known yet.
  mutating func insert(_ place: UInt32, in files: borrowing Pool<CachedFile>) {
    if (count + 1) * 4 > slots.count * 3 {
      let old = slots
      slots = Array(repeating: .max, count: old.count * 2)
      for place in old where place != .max { put(place, files[place].identity) }
    }
    put(place, files[place].identity)
    count += 1
  }

  private mutating func put(_ place: UInt32, _ identity: FileIdentity) {
    var slot = start(identity)
    while slots[slot] != .max { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = place
  }

  /// Multiplicative hashing (Knuth, The Art of Computer Programming 3, 6.4).
  private func start(_ identity: FileIdentity) -> Int {
    let mixed = (identity.inode ^ (identity.device << 32)) &* 0x9e37_79b9_7f4a_7c15
    return Int(truncatingIfNeeded: mixed >> 32) & (slots.count - 1)
  }
}
