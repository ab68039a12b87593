/// Memory that somebody got of one kind at one place of the code, and still has.
public struct OutstandingObjects: Equatable, Sendable {
  public enum Kind: Equatable, Sendable {
    /// Objects of a cache.
    case objects(SlabCacheIndex)
    /// Blocks of the page allocator that kmalloc gave out.
    case blocks
    /// Pages with objects of SLOB, which knows no more of them.
    case pages
    /// Areas of vmalloc with frames of their own.
    case areas
  }

  public var kind: Kind
  /// Where they were allocated, `nil` if that is not kept.
  public var site: UInt64?
  public var count = 0
  /// What they take, with all that belongs to them.
  public var bytes = 0
  /// When the oldest was allocated, in operations on watched objects.
  public var oldest: UInt64?
}

extension KernelHeap where P: ~Copyable {
  /// What nobody has given back, the largest first: at a machine's end, its leaks.
  ///
  /// - Throws: what is wrong with slabs and lists, if something has written to free objects.
  /// - Precondition: nobody uses the heap meanwhile.
  /// - Complexity: O(caches * frames of the machine, and objects)
  public func outstandingObjects() throws(BrokenInvariant) -> [OutstandingObjects] {
    var all: [OutstandingObjects] = []
    func add(_ kind: OutstandingObjects.Kind, _ site: UInt64?, _ bytes: Int, _ time: UInt64? = nil) {
      var place = all.firstIndex { $0.kind == kind && $0.site == site }
      if place == nil {
        all.append(OutstandingObjects(kind: kind, site: site))
        place = all.count - 1
      }
      guard let place else { return }
      all[place].count += 1
      all[place].bytes += bytes
      if let time { all[place].oldest = min(all[place].oldest ?? time, time) }
    }
    for cache in allCaches {
      let size = caches.shapes[cache.index].layout.size
      _ = try usage(cache) { object in
        let track = caches.shapes[cache.index].isWatched ? caches.allocation(of: object, cache, platform) : nil
        add(.objects(cache), track?.site, size, track?.time)
      }
    }
    for frame in 0..<caches.tags.count {
      let tag = caches.tags[frame]
      if tag.isBlock { add(.blocks, nil, tag.order.byteCount) }
      if tag.isBlocks { add(.pages, nil, Int(PageSize.bytes)) }
    }
    for area in areas.with({ $0.all }) where area.frameCount > 0 && !area.isLazy {
      add(.areas, area.site == 0 ? nil : area.site, area.frameCount << PageSize.shift)
    }
    all.sort { $0.bytes > $1.bytes }
    return all
  }
}
