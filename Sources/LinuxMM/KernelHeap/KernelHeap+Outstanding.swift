/// Objects of one cache that somebody got at one place of the code, and still has.
public struct OutstandingObjects: Equatable, Sendable {
  public var cache: SlabCacheIndex
  /// Where they were allocated, `nil` if the cache does not keep that.
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
    for cache in allCaches {
      let first = all.count
      let size = caches.shapes[cache.index].layout.size
      _ = try usage(cache) { object in
        let track = caches.shapes[cache.index].isWatched ? caches.allocation(of: object, cache, platform) : nil
        var place = all[first...].firstIndex { $0.site == track?.site }
        if place == nil {
          all.append(OutstandingObjects(cache: cache, site: track?.site))
          place = all.count - 1
        }
        guard let place else { return }
        all[place].count += 1
        all[place].bytes += size
        if let time = track?.time { all[place].oldest = min(all[place].oldest ?? time, time) }
      }
    }
    all.sort { $0.bytes > $1.bytes }
    return all
  }
}
