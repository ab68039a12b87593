extension AddressSpaces where P: ~Copyable {
  /// read(2) and write(2) of a file, as far as memory goes (`mm/filemap.c:filemap_read`,
  /// `generic_perform_write`): the pages come into the page cache.
  ///
  /// - Returns: the number of pages read from the disk and the number of requests.
  /// - Complexity: O(pages).
  mutating func accessFile(
    _ file: FileIndex, offset: UInt64, length: UInt64, writes: Bool
  ) throws(AllocationFailure) -> (pages: Int, requests: Int) {
    guard length > 0 else { return (0, 0) }
    if writes {
      cache.files[file.rawValue].size = max(cache.files[file.rawValue].size, offset &+ length)
    }
    let last = (offset &+ length &- 1) >> UInt64(PageSize.shift)
    let limit = cache.files[file.rawValue].pageCount
    var position = offset >> UInt64(PageSize.shift)
    var pages = 0
    var requests = 0
    while position <= last && position < limit {
      if let frame = cache.find(file, position) {
        if writes { markDirty(frame) }
      } else if writes {
        markDirty(try addPage(file, position))
      } else if cache.startsWarm {
        _ = try addPage(file, position)
      } else {
        let end = min(position + PageCache.readaheadPages, limit)
        var next = position
        while next < end && cache.find(file, next) == nil {
          _ = try addPage(file, next)
          next += 1
        }
        pages += Int(next - position)
        requests += 1
      }
      position += 1
    }
    translation.memory.statistics.kilobytesRead += UInt64(pages) * (PageSize.bytes / 1024)
    return (pages, requests)
  }
}
