extension AddressSpaces where P: ~Copyable {
  /// read(2) and write(2) of a file, as far as memory goes (`mm/filemap.c:filemap_read`,
  /// `generic_perform_write`): the pages come into the page cache, with those that will probably be read next.
  ///
  /// - Returns: where a reading has stopped, as others can run meanwhile, and when it is to go on; `nil` at its end.
  /// - Complexity: O(pages).
  mutating func accessFile(
    _ file: FileIndex, offset: UInt64, length: UInt64, writes: Bool
  ) throws(AllocationFailure) -> (offset: UInt64, until: UInt64)? {
    guard length > 0 else { return nil }
    let oldCount = cache.files[file.rawValue].pageCount
    if writes { cache.files[file.rawValue].size = max(cache.files[file.rawValue].size, offset &+ length) }
    let last = (offset &+ length &- 1) >> UInt64(PageSize.shift)
    let limit = cache.files[file.rawValue].pageCount
    var position = offset >> UInt64(PageSize.shift)
    while position <= last && position < limit {
      if writes {
        let start = position << UInt64(PageSize.shift)
        let isWhole = offset <= start && start + PageSize.bytes <= offset &+ length
        try writePage(file, position, readsFirst: !isWhole && position < oldCount)
      } else {
        if let end = try readPage(file, position, request: last + 1 - position) {
          return (max(offset, position << UInt64(PageSize.shift)), end)
        }
      }
      position += 1
    }
    if !writes { cache.files[file.rawValue].readahead.lastEnd = min(offset &+ length, cache.files[file.rawValue].size) }
    return nil
  }

  /// - Returns: when it can go on, if the page is being read and others can run meanwhile.
  private mutating func readPage(
    _ file: FileIndex, _ position: UInt64, request: UInt64
  ) throws(AllocationFailure) -> UInt64? {
    var cached = cache.find(file, position)
    if let frame = cached {
      let flags = memory.frames[frame.index].flags
      if flags.contains(.readahead) && !flags.contains(.writeback) {
        memory.frames[frame.index].flags.remove(.readahead)
        readAhead(file, position, request: request, isMarked: true)
        // Room for the others may have been made of it.
        cached = nil
      }
    } else {
      if cache.files[file.rawValue].isSharedMemory {
        // A hole reads as zeros and stays one.
        if cache.slot(file, position) == nil { return nil }
      } else {
        readAhead(file, position, request: request, isMarked: false)
      }
    }
    var frame: FrameNumber
    if let cached {
      frame = cached
      memory.retain(frame)
    } else {
      frame = try beginRead(file, position)
    }
    if let end = leave(frame) {
      memory.release(frame)
      return end
    }
    frame = try endRead(frame, file, position)
    // A page that is read in parts counts once.
    let lastEnd = cache.files[file.rawValue].readahead.lastEnd
    if lastEnd == .max || lastEnd == 0 || (lastEnd - 1) >> UInt64(PageSize.shift) != position {
      memory.markAccessed(frame)
    }
    cache.files[file.rawValue].readahead.lastEnd = (position + 1) << UInt64(PageSize.shift)
    memory.release(frame)
    return nil
  }

  /// - Parameter readsFirst: whether what is not written must be known.
  private mutating func writePage(
    _ file: FileIndex, _ position: UInt64, readsFirst: Bool
  ) throws(AllocationFailure) {
    let frame: FrameNumber
    if let cached = cache.find(file, position) {
      frame = cached
      memory.retain(frame)
      waitForPage(frame)
    } else if cache.files[file.rawValue].isSharedMemory ? cache.slot(file, position) != nil : readsFirst {
      frame = try readPage(file, position)
    } else {
      frame = try addPage(file, position)
      memory.retain(frame)
    }
    attachBuffer(frame)
    memory.markAccessed(frame)
    markDirty(frame)
    memory.release(frame)
    balanceDirty()
  }
}
