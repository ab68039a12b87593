/// The address of the next free object, which stands in each free one of a slab's list.
extension SlabCaches {
  /// Reads it (`mm/slub.c:get_freepointer`).
  @inline(__always)
  func link<P: Platform & ~Copyable>(_ object: UInt64, _ cache: SlabCacheIndex, _ platform: borrowing P) -> UInt64 {
    let place = object &+ UInt64(truncatingIfNeeded: shapes[cache.index].layout.freePointerOffset)
    return platform.word(at: PhysicalAddress(place)) ^ mask(place, cache)
  }

  /// Writes it (`mm/slub.c:set_freepointer`).
  @inline(__always)
  func setLink<P: Platform & ~Copyable>(
    _ object: UInt64, _ next: UInt64, _ cache: SlabCacheIndex, _ platform: borrowing P
  ) {
    let place = object &+ UInt64(truncatingIfNeeded: shapes[cache.index].layout.freePointerOffset)
    platform.setWord(at: PhysicalAddress(place), to: next ^ mask(place, cache))
  }

  /// What hides a link, so that who can write to a free object cannot choose where the next one is (`CONFIG_SLAB_FREELIST_HARDENED`,
  /// `mm/slub.c:freelist_ptr`).
  @inline(__always)
  private func mask(_ place: UInt64, _ cache: SlabCacheIndex) -> UInt64 {
    settings.hidesLinks ? secret(cache) ^ place.byteSwapped : 0
  }

  private func secret(_ cache: SlabCacheIndex) -> UInt64 {
    var random = XorShift64(seed: settings.seed ^ UInt64(cache.index + 1) &* 0x9e37_79b9_7f4a_7c15)
    return random.next()
  }

  /// The numbers of a new slab's objects in the order in which they are given out, or the reverse of it.
  func objectOrder(_ slab: Int, _ count: Int) -> [Int] {
    var order = [Int](0..<count)
    guard settings.shufflesSlabs else { return order }
    var random = XorShift64(seed: settings.seed ^ UInt64(slab) &* 0x2545_f491_4f6c_dd1d)
    for index in order.indices.dropFirst().reversed() {
      order.swapAt(index, Int(random.below(UInt64(index + 1))))
    }
    return order
  }

  /// Chains a new slab's objects in a random order (`CONFIG_SLAB_FREELIST_RANDOM`, `mm/slub.c:shuffle_freelist`).
  func shuffle<P: Platform & ~Copyable>(_ slab: Int, _ cache: SlabCacheIndex, _ platform: borrowing P) {
    let size = UInt64(shapes[cache.index].layout.size)
    let first = slabs[slab].fresh
    var next: UInt64 = 0
    for number in objectOrder(slab, Int(slabs[slab].objects)) {
      let object = first + UInt64(number) * size
      setLink(object, next, cache, platform)
      next = object
    }
    slabs[slab].head = next
    slabs[slab].fresh = slabs[slab].end
  }
}
