/// What the slabs of a cache are like: what is needed to make one. All zero where there is no cache.
struct SlabCacheShape: BitwiseCopyable {
  var layout: SlabLayout
  var flags: SlabCacheFlags
  /// Which allocator serves it.
  var allocator = HeapAllocator.slub
  /// Whether free objects keep what the constructor wrote.
  var isConstructed = false
  /// What SLAB needs to know besides.
  var arrays = ArrayLayout()

  /// What its slabs ask of the page allocator. Linux: `allocflags`.
  var pageFlags: GFPFlags {
    var result: GFPFlags = layout.order > .single ? .compound : []
    if flags.contains(.dma) { result.insert(.dma) }
    if flags.contains(.dma32) { result.insert(.dma32) }
    if flags.contains(.reclaimable) { result.insert(.reclaimable) }
    return result
  }

  /// Whether what is done with its objects is checked.
  var isWatched: Bool { !flags.isDisjoint(with: .debugging) }
}
