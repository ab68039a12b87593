extension AddressSpaces where P: ~Copyable {
  /// Recounts slots and what names and caches them.
  func checkSwap() throws(BrokenInvariant) {
    var cached = 0
    var named = 0
    var free = 0
    for area in swap.areas {
      var used = 0
      for offset in 1..<max(area.pages, 1) {
        let place = area.base + offset
        let frame = swap.cache[place].frame
        if let frame {
          cached += 1
          let state = memory.frames[frame.index]
          if !state.flags.contains(.swapCache) || state.slot != SwapSlot(area: area.number, offset: offset) {
            throw BrokenInvariant("swap cache and page disagree", frame.rawValue)
          }
        }
        named += Int(swap.counts[place])
        if swap.counts[place] > 0 || frame != nil { used += 1 }
      }
      if used != area.used { throw BrokenInvariant("swap slots miscounted", used) }
      if area.isOn { free += area.pages - 1 - used }
    }
    try swap.zram.check()
    try swap.compressedCache.check()
    let compressed = swap.zram.frames + swap.compressedCache.frames
    if compressed != memory.statistics.compressedFrames {
      throw BrokenInvariant("frames of compressed pages miscounted", compressed)
    }
    if free != swap.free { throw BrokenInvariant("free swap slots miscounted", free) }
    if cached != memory.statistics.swapCachedPages { throw BrokenInvariant("swap cache miscounted", cached) }
    var entries = 0
    for index in 0..<descriptors.limit { entries += descriptors[UInt32(index)].swapped }
    for index in 0..<cache.files.limit { entries += cache.files[UInt32(index)].swapped }
    if entries != named { throw BrokenInvariant("entries of swapped pages miscounted", entries) }
  }
}
