extension BlockLists {
  /// Takes a block (`mm/slob.c:slob_alloc`).
  ///
  /// - Parameters:
  ///   - size: in bytes, below a page's.
  ///   - alignment: of the byte at `offset` in the block.
  ///   - node: of the page, any if `nil`.
  /// - Complexity: O(pages on the list, and free blocks of those with room enough).
  func allocate<P: Platform & ~Copyable>(
    _ size: Int, alignment: Int, offset: Int, _ flags: GFPFlags, processor: Int, node: Int?,
    _ caches: borrowing SlabCaches, _ memory: borrowing PhysicalMemory, _ platform: borrowing P
  ) throws(AllocationFailure) -> UInt64 {
    let list = Self.list(size)
    let units = Self.units(size)
    state[0].lock.lock()
    if let block = find(units, list, alignment, offset, node, caches, memory, platform) {
      state[0].lock.unlock()
      return block
    }
    state[0].lock.unlock()
    let frame = try memory.allocatePages(.single, flags.subtracting(.zero), processor: processor, node: node)
    let page = frame.index
    let start = caches.address(page)
    caches.tags[page] = .blocks
    state[0].lock.lock()
    defer { state[0].lock.unlock() }
    state[0].pages += 1
    caches.slabs[page].freeUnits = Self.unitsOfPage
    caches.slabs[page].firstBlock = start
    set(start, Self.unitsOfPage, next: start + PageSize.bytes, platform)
    add(page, list, caches)
    guard let block = take(units, page, alignment, offset, caches, platform) else {
      preconditionFailure("a block does not fit into an empty page")
    }
    return block
  }

  /// The first block that is large enough, of the first page that has one.
  private func find<P: Platform & ~Copyable>(
    _ units: Int, _ list: Int, _ alignment: Int, _ offset: Int, _ node: Int?, _ caches: borrowing SlabCaches,
    _ memory: borrowing PhysicalMemory, _ platform: borrowing P
  ) -> UInt64? {
    let first = Int(state[0].first[list])
    if first == 0 { return nil }
    var page = first
    repeat {
      let next = Int(caches.slabs[page].next)
      let isNear = node == nil || memory.node(of: FrameNumber(UInt32(page))) == node
      if isNear, caches.slabs[page].freeUnits >= units,
        let block = take(units, page, alignment, offset, caches, platform)
      {
        // Next fit: Knuth, volume 1, 2.5.
        if caches.slabs[page].state == .partial { state[0].first[list] = UInt32(page) }
        return block
      }
      page = next
    } while page != first
    return nil
  }

  /// Takes a block of a page (`mm/slob.c:slob_page_alloc`).
  private func take<P: Platform & ~Copyable>(
    _ units: Int, _ page: Int, _ alignment: Int, _ offset: Int, _ caches: borrowing SlabCaches, _ platform: borrowing P
  ) -> UInt64? {
    let end = caches.address(page) + PageSize.bytes
    var previous: UInt64 = 0
    var block = caches.slabs[page].firstBlock
    while block != end {
      var length = length(block, platform)
      var following = next(block, platform)
      var aligned = block
      if alignment > 0 {
        aligned = (block + UInt64(offset) + UInt64(alignment) - 1) & ~(UInt64(alignment) - 1)
        aligned -= UInt64(offset)
      }
      let delta = Int((aligned - block) / Self.unit)
      if length >= units + delta {
        if delta > 0 {
          set(block, delta, next: aligned, platform)
          previous = block
          block = aligned
          length -= delta
        }
        if length > units {
          let rest = block + UInt64(units) * Self.unit
          set(rest, length - units, next: following, platform)
          following = rest
        }
        if previous == 0 {
          caches.slabs[page].firstBlock = following
        } else {
          set(previous, self.length(previous, platform), next: following, platform)
        }
        caches.slabs[page].freeUnits -= units
        if caches.slabs[page].freeUnits == 0 { remove(page, caches) }
        return block
      }
      previous = block
      block = following
    }
    return nil
  }

  /// Whether no part of a block is free, and it lies in one page.
  func isTaken<P: Platform & ~Copyable>(
    _ block: UInt64, _ size: Int, _ caches: borrowing SlabCaches, _ platform: borrowing P
  ) -> Bool {
    state[0].lock.lock()
    defer { state[0].lock.unlock() }
    return surroundings(block, size, caches, platform) != nil
  }

  /// The free blocks before and after one that is taken, 0 and the page's end if there are none; `nil` if a part of it is free
  /// already, or it reaches beyond its page.
  ///
  /// - Precondition: the caller holds the lock.
  private func surroundings<P: Platform & ~Copyable>(
    _ block: UInt64, _ size: Int, _ caches: borrowing SlabCaches, _ platform: borrowing P
  ) -> (previous: UInt64, following: UInt64)? {
    let page = Int(block >> UInt64(PageSize.shift))
    let end = caches.address(page) + PageSize.bytes
    let blockEnd = block + UInt64(Self.units(size)) * Self.unit
    guard size > 0, blockEnd <= end, block & 1 == 0, caches.tags[page].isBlocks else { return nil }
    var previous: UInt64 = 0
    var following = caches.slabs[page].state == .partial ? caches.slabs[page].firstBlock : end
    while following < block {
      previous = following
      following = next(following, platform)
    }
    let previousEnd = previous == 0 ? 0 : previous + UInt64(length(previous, platform)) * Self.unit
    return previousEnd <= block && blockEnd <= following ? (previous, following) : nil
  }

  /// Gives a block back (`mm/slob.c:slob_free`).
  ///
  /// - Returns: `false`, with nothing changed, if a part of it is free already, or it reaches beyond its page.
  /// - Complexity: O(free blocks of the page)
  func free<P: Platform & ~Copyable>(
    _ block: UInt64, _ size: Int, processor: Int, _ caches: borrowing SlabCaches, _ memory: borrowing PhysicalMemory,
    _ platform: borrowing P
  ) -> Bool {
    let page = Int(block >> UInt64(PageSize.shift))
    let end = caches.address(page) + PageSize.bytes
    var units = Self.units(size)
    let blockEnd = block + UInt64(units) * Self.unit
    state[0].lock.lock()
    guard let found = surroundings(block, size, caches, platform) else {
      state[0].lock.unlock()
      return false
    }
    let isListed = caches.slabs[page].state == .partial
    let previous = found.previous
    var following = found.following
    let previousEnd = previous == 0 ? 0 : previous + UInt64(length(previous, platform)) * Self.unit
    let free = isListed ? caches.slabs[page].freeUnits : 0
    if free + units == Self.unitsOfPage {
      if isListed { remove(page, caches) }
      caches.tags[page] = .none
      caches.slabs[page].state = .none
      state[0].pages -= 1
      state[0].lock.unlock()
      memory.free(FrameNumber(UInt32(page)), .single, processor: processor)
      return true
    }
    caches.slabs[page].freeUnits = free + units
    if following == blockEnd && following != end {
      units += length(following, platform)
      following = next(following, platform)
    }
    if previous == 0 {
      set(block, units, next: following, platform)
      caches.slabs[page].firstBlock = block
    } else if previousEnd == block {
      set(previous, length(previous, platform) + units, next: following, platform)
    } else {
      set(block, units, next: following, platform)
      set(previous, length(previous, platform), next: block, platform)
    }
    if !isListed { add(page, Self.list(size), caches) }
    state[0].lock.unlock()
    return true
  }

  /// Checks the pages, their blocks and the lists. Nobody may use them meanwhile.
  ///
  /// - Complexity: O(frames of the machine)
  func checkInvariants<P: Platform & ~Copyable>(
    _ caches: borrowing SlabCaches, _ platform: borrowing P
  ) throws(BrokenInvariant) {
    var pages = 0
    var listed = 0
    for page in 0..<caches.tags.count where caches.tags[page].isBlocks {
      pages += 1
      let end = caches.address(page) + PageSize.bytes
      guard caches.slabs[page].state == .partial else { continue }
      listed += 1
      var free = 0
      var block = caches.slabs[page].firstBlock
      var last = caches.address(page)
      while block < end {
        if block < last { throw BrokenInvariant("free blocks overlap", block) }
        if block == last && free > 0 { throw BrokenInvariant("free blocks that should be one", block) }
        free += length(block, platform)
        last = block + UInt64(length(block, platform)) * Self.unit
        block = next(block, platform)
      }
      if block != end || free != caches.slabs[page].freeUnits || free == 0 {
        throw BrokenInvariant("free blocks of a page miscounted", page)
      }
    }
    for list in 0..<3 {
      let first = Int(state[0].first[list])
      var page = first
      while page != 0 {
        if caches.slabs[page].state != .partial || caches.slabs[page].blockList != list {
          throw BrokenInvariant("wrong page on a list of blocks", page)
        }
        let next = Int(caches.slabs[page].next)
        if Int(caches.slabs[next].previous) != page { throw BrokenInvariant("pages linked wrongly", page) }
        listed -= 1
        page = next == first ? 0 : next
      }
    }
    if pages != state[0].pages || listed != 0 { throw BrokenInvariant("pages of blocks miscounted", pages) }
  }
}
