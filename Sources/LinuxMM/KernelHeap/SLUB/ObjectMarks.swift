/// Which objects of a cache have been found free: a check of everything that has some.
struct ObjectMarks {
  private let cache: SlabCacheIndex
  /// First frames.
  private(set) var slabs: [Int] = []
  /// By slab, which of its objects are free.
  private var free: [[Bool]] = []
  /// By first frame, the slab's place in these two.
  private var places: [Int]
  private let size: UInt64

  /// Begins with none.
  ///
  /// - Complexity: O(frames of the machine)
  init(_ cache: SlabCacheIndex, _ caches: borrowing SlabCaches) throws(BrokenInvariant) {
    self.cache = cache
    size = UInt64(caches.shapes[cache.index].layout.size)
    places = [Int](repeating: -1, count: caches.tags.count)
    var frame = 0
    while frame < caches.tags.count {
      let tag = caches.tags[frame]
      if tag.isSlab && tag.cache == cache {
        places[frame] = slabs.count
        slabs.append(frame)
        free.append([Bool](repeating: false, count: Int(caches.slabs[frame].objects)))
      }
      frame += tag.isSlab || tag.isBlock ? tag.order.frameCount : 1
    }
  }

  /// Marks a free object.
  ///
  /// - Parameter slab: which one it must be of.
  /// - Throws: if no object of the cache is there, or it was marked before.
  mutating func mark(_ object: UInt64, _ caches: borrowing SlabCaches, of slab: Int? = nil) throws(BrokenInvariant) {
    let frame = Int(object >> UInt64(PageSize.shift))
    guard frame < caches.tags.count, caches.tags[frame].isSlab, caches.tags[frame].cache == cache else {
      throw BrokenInvariant("free object outside its cache's slabs", object)
    }
    let head = caches.tags[frame].firstFrame(frame)
    if let slab, slab != head { throw BrokenInvariant("free object of another slab", object) }
    let place = places[head]
    let first = caches.firstObject(head)
    guard place >= 0, object >= first, (object - first) % size == 0,
      Int((object - first) / size) < free[place].count
    else { throw BrokenInvariant("free object at a place between", object) }
    if free[place][Int((object - first) / size)] { throw BrokenInvariant("object that is free twice", object) }
    free[place][Int((object - first) / size)] = true
  }

  /// What is left: what somebody has.
  func usage(_ caches: borrowing SlabCaches, _ live: (_ object: UInt64) -> Void) -> SlabCacheUsage {
    var usage = SlabCacheUsage()
    for (place, slab) in slabs.enumerated() {
      usage.slabs += 1
      usage.objects += free[place].count
      usage.frames += caches.tags[slab].order.frameCount
      let before = usage.activeObjects
      for (index, isFree) in free[place].enumerated() where !isFree {
        usage.activeObjects += 1
        live(caches.firstObject(slab) + UInt64(index) * size)
      }
      if usage.activeObjects > before { usage.activeSlabs += 1 }
    }
    return usage
  }
}

extension SlabCaches {
  /// Where a slab's first object is.
  fileprivate func firstObject(_ slab: Int) -> UInt64 {
    let shape = shapes[tags[slab].cache.index]
    return shape.allocator == .slab ? slabs[slab].firstObject : address(slab) + UInt64(shape.layout.leftPadding)
  }
}
