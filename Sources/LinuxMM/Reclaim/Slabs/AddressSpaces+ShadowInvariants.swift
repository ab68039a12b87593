extension AddressSpaces where P: ~Copyable {
  /// Recounts which nodes of the trees hold nothing but shadows.
  func checkShadows() throws(BrokenInvariant) {
    var nodes = 0
    for place in 0..<swap.cache.count / 64 + 1 {
      var used = false
      var hasFrame = false
      for slot in swap.slots(ofNode: place) {
        if !swap.cache[slot].isEmpty { used = true }
        if swap.cache[slot].frame != nil { hasFrame = true }
      }
      if used != swap.isUsed(place) { throw BrokenInvariant("node of the swap cache counted wrongly", place) }
      if (used && !hasFrame) != cache.shadows.contains(ShadowList.swapNode(place)) {
        throw BrokenInvariant("node of the swap cache on or off the list of shadows", place)
      }
      if used && !hasFrame { nodes += 1 }
    }
    nodes += cache.shadowLeaves
    if nodes != cache.shadows.count { throw BrokenInvariant("nodes with nothing but shadows", nodes) }
  }
}
