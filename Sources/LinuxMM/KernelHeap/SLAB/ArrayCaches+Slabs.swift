/// A slab's free objects: from `inUse` on, its list has their numbers. Linux: `freelist` and `active` of `struct slab`.
extension ArrayCaches {
  /// Takes a slab's next free object (`mm/slab.c:slab_get_obj`).
  ///
  /// - Precondition: it has one.
  func takeObject<P: Platform & ~Copyable>(
    _ slab: Int, _ shape: SlabCacheShape, _ caches: borrowing SlabCaches, _ platform: borrowing P
  ) -> UInt64 {
    let number = platform.byte(at: caches.slabs[slab].freeList + UInt64(caches.slabs[slab].inUse))
    caches.slabs[slab].inUse += 1
    return caches.slabs[slab].firstObject + UInt64(number) * UInt64(shape.layout.size)
  }

  /// Puts an object back (`mm/slab.c:slab_put_obj`).
  func putObject<P: Platform & ~Copyable>(
    _ object: UInt64, _ slab: Int, _ shape: SlabCacheShape, _ caches: borrowing SlabCaches, _ platform: borrowing P
  ) {
    caches.slabs[slab].inUse -= 1
    // The list of a slab that was full has no place yet.
    if caches.slabs[slab].freeList == 0 { caches.slabs[slab].freeList = object }
    let number = (object - caches.slabs[slab].firstObject) / UInt64(shape.layout.size)
    platform.setByte(
      at: caches.slabs[slab].freeList + UInt64(caches.slabs[slab].inUse), to: UInt8(truncatingIfNeeded: number))
  }

  /// Puts a slab from which objects were taken onto the list where it belongs (`mm/slab.c:fixup_slab_list`).
  ///
  /// - Precondition: the caller holds the node's lock; the slab is on no list.
  func settle(_ slab: Int, _ place: Int, _ shape: SlabCacheShape, _ caches: borrowing SlabCaches) {
    if Int(caches.slabs[slab].inUse) < shape.arrays.objects { return add(slab, .partial, place, caches) }
    add(slab, .full, place, caches)
    // The object that held the list is somebody's now.
    if shape.arrays.place == .object { caches.slabs[slab].freeList = 0 }
  }

  /// Gives objects back to slabs of one node (`mm/slab.c:free_block`).
  ///
  /// - Parameters:
  ///   - count: objects from `start` on in `table`.
  ///   - spare: gets the slabs that are to be given back, when the lock is no longer held.
  /// - Precondition: the caller holds the node's lock.
  func freeBlock<P: Platform & ~Copyable>(
    _ cache: SlabCacheIndex, _ place: Int, _ spare: inout [Int], _ caches: borrowing SlabCaches,
    _ platform: borrowing P, count: Int, _ object: (_ index: Int) -> UInt64
  ) {
    let shape = caches.shapes[cache.index]
    nodes[place].freeObjects += count
    for index in 0..<count {
      let object = object(index)
      let frame = Int(object >> UInt64(PageSize.shift))
      let slab = caches.tags[frame].firstFrame(frame)
      remove(slab, place, caches)
      putObject(object, slab, shape, caches, platform)
      if caches.slabs[slab].inUse == 0 {
        add(slab, .empty, place, caches)
      } else {
        // It is used last, so that it may become empty meanwhile.
        add(slab, .partial, atEnd: true, place, caches)
      }
    }
    while nodes[place].freeObjects > nodes[place].freeLimit, nodes[place].last[SlabState.empty.listIndex] != 0 {
      takeOut(Int(nodes[place].last[SlabState.empty.listIndex]), place, shape, &spare, caches)
    }
  }

  /// Takes an empty slab from its node, which is to give it back.
  func takeOut(
    _ slab: Int, _ place: Int, _ shape: SlabCacheShape, _ spare: inout [Int], _ caches: borrowing SlabCaches
  ) {
    remove(slab, place, caches)
    nodes[place].freeObjects -= shape.arrays.objects
    nodes[place].slabs -= 1
    spare.append(slab)
  }

  /// A new slab, on no list (`mm/slab.c:cache_grow_begin`).
  func grow<P: Platform & ~Copyable>(
    _ cache: SlabCacheIndex, _ flags: GFPFlags, _ processor: Int, node near: Int, _ caches: borrowing SlabCaches,
    _ memory: borrowing PhysicalMemory, _ platform: borrowing P
  ) throws(AllocationFailure) -> Int {
    let shape = caches.shapes[cache.index]
    let order = shape.layout.order
    let frame = try memory.allocatePages(
      order, flags.intersection(.forSlabs).union(shape.pageFlags), processor: processor, node: near)
    let slab = frame.index
    let home = memory.node(of: frame)
    let place = node(cache, home)
    nodes[place].lock.lock()
    nodes[place].nextColour += 1
    if nodes[place].nextColour >= shape.arrays.colours { nodes[place].nextColour = 0 }
    let colour = nodes[place].nextColour
    nodes[place].lock.unlock()
    let numbers = caches.objectOrder(slab, shape.arrays.objects)
    var list: UInt64 = 0
    let start = caches.address(slab)
    let first = start + UInt64(colour * shape.arrays.colourDistance)
    switch shape.arrays.place {
    // In the object that is given out last.
    case .object: list = first + UInt64(numbers[shape.arrays.objects - 1] * shape.layout.size)
    case .slab: list = start + UInt64(order.byteCount - shape.arrays.objects)
    case .outside:
      do throws(AllocationFailure) {
        list = try allocate(
          ArrayLayout.listCache(shape.arrays.objects), flags.intersection(.forNested), processor: processor,
          node: home, caches, memory, platform)
      } catch {
        memory.free(frame, order, processor: processor)
        throw error
      }
    }
    let tag = FrameTag(cache, order, node: home, isWatched: false)
    for index in slab..<(slab + order.frameCount) { caches.tags[index] = tag }
    caches.slabs[slab].firstObject = first
    caches.slabs[slab].freeList = list
    caches.slabs[slab].inUse = 0
    caches.slabs[slab].objects = UInt32(shape.arrays.objects)
    caches.slabs[slab].state = .none
    caches.construct(cache, first, shape.arrays.objects, platform)
    for number in 0..<shape.arrays.objects {
      platform.setByte(at: list + UInt64(number), to: UInt8(truncatingIfNeeded: numbers[number]))
    }
    return slab
  }

  /// Lets a node have a new slab (`mm/slab.c:cache_grow_end`).
  func add(grown slab: Int, _ cache: SlabCacheIndex, _ caches: borrowing SlabCaches, _ memory: borrowing PhysicalMemory)
  {
    let shape = caches.shapes[cache.index]
    let place = node(cache, memory.node(of: FrameNumber(UInt32(slab))))
    nodes[place].lock.lock()
    nodes[place].slabs += 1
    nodes[place].freeObjects += shape.arrays.objects - Int(caches.slabs[slab].inUse)
    if caches.slabs[slab].inUse == 0 { add(slab, .empty, place, caches) } else { settle(slab, place, shape, caches) }
    nodes[place].lock.unlock()
  }

  /// Gives slabs back to the page allocator (`mm/slab.c:slabs_destroy`).
  func release<P: Platform & ~Copyable>(
    _ slabs: [Int], _ cache: SlabCacheIndex, _ processor: Int, _ caches: borrowing SlabCaches,
    _ memory: borrowing PhysicalMemory, _ platform: borrowing P
  ) {
    let shape = caches.shapes[cache.index]
    for slab in slabs {
      let order = caches.tags[slab].order
      // Read before anybody else may have the frames.
      let list = caches.slabs[slab].freeList
      for index in slab..<(slab + order.frameCount) { caches.tags[index] = .none }
      if shape.flags.contains(.typeSafe) {
        caches.deferred.with { $0.append(.frames(FrameNumber(UInt32(slab)), order)) }
      } else {
        memory.free(FrameNumber(UInt32(slab)), order, processor: processor)
      }
      if shape.arrays.place == .outside {
        free(
          list, ArrayLayout.listCache(shape.arrays.objects), processor: processor, caches,
          memory,
          platform)
      }
    }
  }
}

extension ArrayLayout {
  /// The cache of kmalloc that holds such a list.
  static func listCache(_ objects: Int) -> SlabCacheIndex {
    SlabCacheIndex(.normal, SizeClass(serving: max(objects, 32)))
  }
}

extension Slab {
  /// A slab of SLAB: where its first object is, and its list of free ones, 0 while it has no place.
  var firstObject: UInt64 {
    get { end }
    set { end = newValue }
  }
  var freeList: UInt64 {
    get { head }
    set { head = newValue }
  }
}
