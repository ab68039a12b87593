/// Why something cannot be freed. Nothing was changed. Linux: the reports of `mm/slub.c:object_err`, `cache_from_obj`.
public enum ObjectFault: Error, Equatable, Sendable {
  /// No object that the heap has given out is there.
  case notAllocated(VirtualAddress)
  /// The object belongs to another cache.
  case otherCache(VirtualAddress, SlabCacheIndex)
  /// The object is free already.
  case alreadyFree(VirtualAddress)
}
