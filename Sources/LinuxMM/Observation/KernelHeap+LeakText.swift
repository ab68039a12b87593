extension KernelHeap where P: ~Copyable {
  /// What the kernel's log would say of a cache that cannot be destroyed, slab by slab (`mm/slub.c:list_slab_objects`).
  public func text(of failure: CacheInUse, _ cache: SlabCacheIndex) -> [UInt8] {
    var text = ProcText()
    let name = Array((description(of: cache)?.name ?? "?").utf8)
    var slab = -1
    for object in failure.objects {
      let physical = DirectMap.physical(object.address).rawValue
      let frame = Int(physical >> UInt64(PageSize.shift))
      if caches.tags[frame].firstFrame(frame) != slab {
        slab = caches.tags[frame].firstFrame(frame)
        text.text("=============================================================================\nBUG ")
        text.bytes(name)
        text.text(" (Not tainted): Objects remaining in ")
        text.bytes(name)
        text.text(" on __kmem_cache_shutdown()\n")
        text.text("-----------------------------------------------------------------------------\n\nSlab 0x")
        text.hexadecimal(DirectMap.address(of: PhysicalAddress(caches.address(slab))).rawValue, digits: 16)
        text.text(" objects=")
        text.number(Int(caches.slabs[slab].objects))
        text.text(" used=")
        text.number(Int(caches.slabs[slab].inUse))
        text.newline()
      }
      text.text("Object 0x")
      text.hexadecimal(object.address.rawValue, digits: 16)
      text.text(" @offset=")
      text.number(Int(physical - caches.address(slab)))
      text.newline()
      if let track = object.allocated { write("Allocated", track, &text) }
    }
    text.text("kmem_cache_destroy ")
    text.bytes(name)
    text.text(": Slab cache still has objects\n")
    return text.bytes
  }

  /// What nobody has given back, a line for each cache and site: at a machine's end, its leaks.
  public func leakText() throws(BrokenInvariant) -> [UInt8] {
    var text = ProcText()
    for leak in try outstandingObjects() {
      text.number(leak.count, 8)
      switch leak.kind {
      case .objects: text.text(" objects ")
      case .blocks: text.text(" blocks  ")
      case .pages: text.text(" pages   ")
      case .areas: text.text(" areas   ")
      }
      text.number(leak.bytes, 10)
      text.text(" bytes")
      if case .objects(let cache) = leak.kind {
        text.text(" in ")
        text.bytes(Array((description(of: cache)?.name ?? "?").utf8))
      }
      if let site = leak.site {
        text.text(" allocated in ")
        text.hexadecimal(site)
      }
      if let oldest = leak.oldest {
        text.text(" oldest age=")
        text.number(Int(caches.reports.with { $0.time } - oldest))
      }
      text.newline()
    }
    return text.bytes
  }
}
