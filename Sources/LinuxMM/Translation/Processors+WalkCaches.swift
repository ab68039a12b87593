/// The caches of upper levels' entries.
extension Processors {
  /// Where the walk for a page may begin: below the deepest entry that the walk caches have.
  @inline(__always)
  mutating func walkStart(_ page: VirtualPage, _ view: BufferView) -> WalkStep? {
    var level = 1
    while level < geometry.levelCount {
      let shift = geometry.shift(level)
      let set = set(page.rawValue &>> shift, layout.walkCache(level), view)
      let index = entries.find(BufferedEntry.walkKey(page, view.slotBits, level: level, shift: shift), set)
      if index >= 0 {
        statistics.walkCacheHits.count(level: level)
        let found = entries.translation(index)
        return WalkStep(level: level &- 1, table: found.frame, rights: found.walkRights)
      }
      level &+= 1
    }
    return nil
  }

  /// Keeps an entry of an upper level that a walk has read: `step` has its level, and the table that it leads to.
  @inline(never)
  mutating func keep(_ step: WalkStep, _ page: VirtualPage, _ view: BufferView) {
    let shift = geometry.shift(step.level)
    let set = set(page.rawValue &>> shift, layout.walkCache(step.level), view)
    guard set.ways > 0 else { return }
    entries.insert(
      BufferedEntry.walkKey(page, view.slotBits, level: step.level, shift: shift),
      PageTranslation(step.table, rights: step.rights, leaf: .empty, size: 0), set)
  }
}

extension PageTranslation {
  /// The joined rights as a walk keeps them.
  @inline(__always)
  var walkRights: UInt64 {
    rawValue >> 31 & (PageTableEntry.writable | PageTableEntry.user) | (rawValue >> 34 & 1) << 63
  }
}
