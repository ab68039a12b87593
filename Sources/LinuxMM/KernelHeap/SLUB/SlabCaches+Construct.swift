extension SlabCaches {
  func setConstructor(_ cache: SlabCacheIndex, _ constructor: ObjectConstructor?) {
    constructors.with { list in
      while list.count <= cache.index { list.append(nil) }
      list[cache.index] = constructor
    }
  }

  /// Constructs objects that follow each other.
  ///
  /// - Parameter first: the first one's address.
  func construct<P: Platform & ~Copyable>(
    _ cache: SlabCacheIndex, _ first: UInt64, _ count: Int, _ platform: borrowing P
  ) {
    guard shapes[cache.index].isConstructed, let constructor = constructors.with({ $0[cache.index] }) else { return }
    for index in 0..<count {
      let object = first + UInt64(index * shapes[cache.index].layout.size)
      constructor(DirectMap.address(of: PhysicalAddress(object))) { offset, word in
        platform.setWord(at: PhysicalAddress(object + UInt64(offset)), to: word)
      }
    }
  }
}
