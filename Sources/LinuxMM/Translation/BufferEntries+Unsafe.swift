/// The entries of all buffers of all processors, in four tables side by side: what an entry is for (``BufferedEntry``),
/// a digest of that by which it is looked for, what it translates to, and at each set's first entry in which order the
/// set was used.
///
/// One of the engine's few places with raw pointers; every use is bounds-checked, a set at a time.
@safe struct BufferEntries: ~Copyable {
  private let tags: UnsafeMutablePointer<UInt64>
  private let translations: UnsafeMutablePointer<PageTranslation>
  private let digests: UnsafeMutablePointer<UInt32>
  /// A ``RecencyOrder`` for a set of up to 16 ways, else one byte a way; both as differences to the order 0, 1, 2, ….
  private let orders: UnsafeMutablePointer<UInt64>
  private let memory: MemorySource
  private let byteCount: Int
  let count: Int

  /// - Returns: `nil` when `memory` cannot reserve that much.
  init?(count: Int, from memory: MemorySource) {
    // Room behind the last entry for a set of as many ways as its type can say.
    let size = ((count + 256) * 8 + 4095) & ~4095
    guard let region = unsafe memory.reserve(4 * size) else { return nil }
    // SAFETY: the source promises 4 · size zero-filled bytes, aligned to a page; no type is wider than 8 bytes.
    unsafe tags = region.bindMemory(to: UInt64.self, capacity: count)
    unsafe translations = (region + size).bindMemory(to: PageTranslation.self, capacity: count)
    unsafe orders = (region + 2 * size).bindMemory(to: UInt64.self, capacity: count)
    unsafe digests = (region + 3 * size).bindMemory(to: UInt32.self, capacity: count)
    self.memory = memory
    self.count = count
    byteCount = 4 * size
  }

  deinit {
    // SAFETY: the region came from the same source with the same size.
    unsafe memory.release(UnsafeMutableRawPointer(tags), byteCount)
  }

  @inline(__always)
  private func check(_ index: Int) {
    precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "entry outside the buffers")
  }

  @inline(__always)
  private func check(_ set: BufferSet) {
    // A set has at most 255 ways, for which there is room behind the last entry.
    precondition(UInt(bitPattern: set.base) < UInt(bitPattern: count), "set outside the buffers")
  }

  @inline(__always)
  func tag(_ index: Int) -> UInt64 {
    check(index)
    // SAFETY: checked.
    return unsafe tags[index]
  }

  @inline(__always)
  func translation(_ index: Int) -> PageTranslation {
    check(index)
    // SAFETY: checked.
    return unsafe translations[index]
  }

  /// Exchanges what an entry says of its page; what it is for stays.
  mutating func set(_ index: Int, _ tag: UInt64, _ translation: PageTranslation) {
    check(index)
    // SAFETY: checked.
    unsafe tags[index] = tag
    unsafe translations[index] = translation
  }

  /// The entry of a set that was used last.
  @inline(__always)
  mutating func front(_ set: BufferSet) -> Int {
    check(set)
    // SAFETY: checked. The first way of an order stands in its lowest bits, and differs from 0 by itself.
    let way = unsafe orders[set.base] & (set.isWide ? 0xff : 0xf)
    return set.base &+ Int(truncatingIfNeeded: way)
  }

  /// Looks a key up in a set and notes that it is used.
  ///
  /// - Returns: the entry, or -1.
  @inline(__always)
  mutating func find(_ key: UInt64, _ set: BufferSet) -> Int {
    let index = locate(key, set)
    if index >= 0 { touch(index &- set.base, set) }
    return index
  }

  /// Looks a key up in a set.
  ///
  /// - Returns: the entry, or -1.
  /// - Complexity: O(ways), four at a time; up to 16 ways without branches that depend on where it stands.
  @inline(__always)
  mutating func locate(_ key: UInt64, _ set: BufferSet) -> Int {
    check(set)
    let digest = SIMD4(repeating: Self.digest(key))
    var places = SIMD4<UInt32>(1, 2, 3, 4)
    var found = SIMD4<UInt32>.zero
    var group = 0
    let ways = Int(set.ways)
    while group < ways {
      // SAFETY: the group lies in the set or the room behind the last entry; the set is checked.
      let digests = unsafe UnsafeRawPointer(digests + set.base + group).loadUnaligned(as: SIMD4<UInt32>.self)
      found.replace(with: places, where: digests .== digest)
      places &+= 4
      group &+= 4
    }
    let halves = found.lowHalf | found.highHalf
    var way = Int(truncatingIfNeeded: halves.x | halves.y) &- 1
    guard way >= 0 else { return -1 }
    // SAFETY: the way is checked to lie in the set.
    if unsafe way >= ways || tags[set.base &+ way] & BufferedEntry.key != key {
      way = search(key, set)
      guard way >= 0 else { return -1 }
    }
    return set.base &+ way
  }

  /// Looks a key up whose digest others in the set share.
  @inline(never)
  private mutating func search(_ key: UInt64, _ set: BufferSet) -> Int {
    // SAFETY: all ways lie in the set, which is checked by the caller.
    for way in 0..<Int(set.ways) where unsafe tags[set.base + way] & BufferedEntry.key == key { return way }
    return -1
  }

  /// Never 0, which is that of an invalid entry: a key's lowest bit is set.
  @inline(__always)
  private static func digest(_ key: UInt64) -> UInt32 {
    UInt32(truncatingIfNeeded: key) ^ UInt32(truncatingIfNeeded: key >> 31) & ~1
  }

  /// Puts an entry in the place of an invalid one of a set, or the least recently used one.
  @inline(__always)
  mutating func insert(_ tag: UInt64, _ translation: PageTranslation, _ set: BufferSet) {
    check(set)
    precondition(set.ways > 0, "an entry for no buffer")
    // SAFETY: the way lies in the set, which is checked.
    let way: Int
    if set.isWide {
      let last = Int(set.ways) - 1
      way = unsafe Int(bytes(set)[last]) ^ last
      move(way, set, to: 0)
    } else {
      var order = unsafe RecencyOrder(stored: orders[set.base])
      way = order.turn(Int(set.ways))
      unsafe orders[set.base] = order.stored
    }
    unsafe tags[set.base &+ way] = tag
    unsafe digests[set.base &+ way] = Self.digest(tag & BufferedEntry.key)
    unsafe translations[set.base &+ way] = translation
  }

  /// Makes an entry of a set invalid; it is the next to be used again.
  mutating func drop(_ index: Int, _ set: BufferSet) {
    check(set)
    check(index)
    // SAFETY: checked.
    unsafe tags[index] = 0
    unsafe digests[index] = 0
    let way = index - set.base
    if set.isWide { return move(way, set, to: Int(set.ways) - 1) }
    var order = unsafe RecencyOrder(stored: orders[set.base])
    order.demote(way, Int(set.ways))
    unsafe orders[set.base] = order.stored
  }

  @inline(__always)
  private mutating func touch(_ way: Int, _ set: BufferSet) {
    if set.isWide { return move(way, set, to: 0) }
    // SAFETY: the set is checked by the callers.
    var order = unsafe RecencyOrder(stored: orders[set.base])
    order.promote(way)
    unsafe orders[set.base] = order.stored
  }

  /// Puts a way of a set of more than 16 at a place of its order.
  @inline(never)
  private mutating func move(_ way: Int, _ set: BufferSet, to goal: Int) {
    // SAFETY: a set's words have room for a byte for each of its ways, of which a permutation is stored.
    let order = unsafe bytes(set)
    var place = 0
    while unsafe Int(order[place]) ^ place != way { place += 1 }
    while place != goal {
      let next = place < goal ? place + 1 : place - 1
      unsafe order[place] = UInt8(truncatingIfNeeded: Int(order[next]) ^ next ^ place)
      place = next
    }
    unsafe order[goal] = UInt8(truncatingIfNeeded: way ^ goal)
  }

  @inline(__always)
  private mutating func bytes(_ set: BufferSet) -> UnsafeMutablePointer<UInt8> {
    // SAFETY: bytes may be read through any type.
    unsafe UnsafeMutableRawPointer(orders + set.base).assumingMemoryBound(to: UInt8.self)
  }
}

/// The entries among which a translation may stand.
struct BufferSet: BitwiseCopyable {
  var base: Int
  var ways: UInt8

  /// Whether it has more ways than a ``RecencyOrder`` can hold.
  @inline(__always)
  var isWide: Bool { ways > RecencyOrder.most }
}
