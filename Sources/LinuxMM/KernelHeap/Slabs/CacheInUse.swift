/// Why a cache cannot be destroyed: somebody has objects of it still. Linux: "Objects remaining on __kmem_cache_shutdown()".
public struct CacheInUse: Error, Sendable {
  public struct Object: Equatable, Sendable {
    public var address: VirtualAddress
    /// Who has it, if the cache is watched.
    public var allocated: ObjectTrack?
  }

  /// By address; empty for a cache of kmalloc, and where the cache's lists are damaged.
  public let objects: [Object]
}
