extension KernelHeap where P: ~Copyable {
  /// Takes several objects of a cache, or none (`kmem_cache_alloc_bulk`).
  ///
  /// - Complexity: O(count)
  public func allocate(
    _ cache: SlabCacheIndex, count: Int, _ flags: GFPFlags = .kernel, processor: Int = 0, site: UInt64 = 0
  ) throws(AllocationFailure) -> [VirtualAddress] {
    var objects: [VirtualAddress] = []
    objects.reserveCapacity(max(count, 0))
    do throws(AllocationFailure) {
      while objects.count < count {
        objects.append(try allocate(cache, flags, processor: processor, site: site))
      }
      return objects
    } catch {
      do throws(ObjectFault) { try free(objects, cache, processor: processor, site: site) } catch {
        preconditionFailure("an object was freed before its owner knew of it")
      }
      throw error
    }
  }

  /// Gives several objects back (`kmem_cache_free_bulk`), of any caches if `cache` is `nil` (`kfree_bulk`).
  ///
  /// - Throws: ``ObjectFault`` for the first that is none; those before it are free then.
  public func free(
    _ objects: [VirtualAddress], _ cache: SlabCacheIndex? = nil, processor: Int = 0, site: UInt64 = 0
  ) throws(ObjectFault) {
    for object in objects {
      if let cache {
        try free(object, cache, processor: processor, site: site)
      } else {
        try free(object, processor: processor, site: site)
      }
    }
  }
}
