/// What happens to a file beneath its mappings.
extension AddressSpaces where P: ~Copyable {
  /// Unmaps a part of a file wherever it is mapped (`mm/memory.c:unmap_mapping_range`).
  ///
  /// - Parameter keepsCopies: whether pages that processes have for themselves stay.
  mutating func unmapFile(_ file: FileIndex, _ positions: Range<UInt64>, keepsCopies: Bool) {
    guard !positions.isEmpty else { return }
    let range = PositionRange(first: positions.lowerBound, last: positions.upperBound - 1)
    for place in reverse.areas(tree: cache.files[file.rawValue].mappings, in: range) {
      let area = areas[place]
      let first = max(range.first, area.offset)
      let last = min(range.last, area.positions.last)
      let start = area.start + (first - area.offset)
      let end = area.start + (last - area.offset + 1)
      let marks = keepsMarkers(place)
      if zap(area.space, start, end, keepsCopies: keepsCopies, marksWatched: marks, dropsMarkers: false) {
        flush(area.space, start, end)
      }
    }
  }

  /// Makes a part of a file read as zeros: fallocate(FALLOC_FL_PUNCH_HOLE). Its whole pages are taken out.
  mutating func punchHole(_ file: FileIndex, offset: UInt64, length: UInt64) {
    let start = PageSize.pages(offset)
    let end = (offset &+ length) >> UInt64(PageSize.shift)
    let last = offset &+ length
    clear(file, offset..<max(offset, min(last, start << UInt64(PageSize.shift))))
    if start <= end { clear(file, max(offset, end << UInt64(PageSize.shift))..<last) }
    guard start < end else { return }
    unmapFile(file, start..<end, keepsCopies: true)
    removePages(of: file, start..<end)
  }

  /// Removes a part of a file from memory and from swap.
  private mutating func removePages(of file: FileIndex, _ positions: Range<UInt64>) {
    dropSlots(of: file, positions)
    cache.removePages(of: file, positions, &translation.memory)
    trimSlabs()
  }

  /// Sets the size of a file: ftruncate (`mm/truncate.c:truncate_setsize`).
  mutating func setSize(_ file: FileIndex, _ size: UInt64) {
    let old = cache.files[file.rawValue].size
    cache.files[file.rawValue].size = size
    guard size < old else { return }
    let start = PageSize.pages(size)
    let end = PageCache.largestFile >> UInt64(PageSize.shift)
    clear(file, size..<start << UInt64(PageSize.shift))
    unmapFile(file, start..<end, keepsCopies: false)
    removePages(of: file, start..<end)
  }

  /// Clears bytes within one page of a file, if it is in memory or in swap; the page is dirty then.
  private mutating func clear(_ file: FileIndex, _ bytes: Range<UInt64>) {
    guard !bytes.isEmpty else { return }
    let position = bytes.lowerBound >> UInt64(PageSize.shift)
    if cache.slot(file, position) != nil, let frame = try? readPage(file, position) { memory.release(frame) }
    guard let frame = cache.find(file, position) else { return }
    translation.clearContents(of: frame, bytes.lowerBound & PageSize.mask, count: bytes.upperBound - bytes.lowerBound)
    markDirty(frame)
  }

  /// Writes dirty pages of a part of a file to its disk: fsync (`mm/page-writeback.c:clear_page_dirty_for_io`). Their
  /// mappings become read-only, so that the next write is noticed.
  ///
  /// - Returns: the number of pages written.
  mutating func writeBack(_ file: FileIndex, _ positions: Range<UInt64>) -> Int {
    guard !cache.files[file.rawValue].isSharedMemory else { return 0 }
    var written = 0
    for (_, frame) in cache.pages(of: file, positions) {
      let isDirty = protectMappings(of: frame) || translation.memory.frames[frame.index].flags.contains(.dirty)
      guard isDirty else { continue }
      markDirty(frame)
      cache.clean(frame, &translation.memory)
      written += 1
    }
    return written
  }

  /// msync (`mm/msync.c`).
  ///
  /// - Returns: the number of pages written to disks.
  /// - Throws: `EINVAL` for unknown flags or an address that is not aligned, `EBUSY` for invalidating locked memory,
  ///   `ENOMEM` for holes.
  mutating func synchronize(
    _ space: SpaceIndex, _ address: VirtualAddress, length: UInt64, _ flags: SynchronizeFlags
  ) throws(Errno) -> Int {
    guard flags.isSubset(of: [.later, .invalidate, .now]), address.isPageAligned, !flags.isSuperset(of: [.later, .now])
    else { throw .EINVAL }
    let endAddress = address.rawValue &+ ((length &+ PageSize.mask) & ~PageSize.mask)
    guard endAddress >= address.rawValue else { throw .ENOMEM }
    var start = address.page
    let end = VirtualPage(endAddress >> UInt64(PageSize.shift))
    var written = 0
    var hole = false
    while start < end {
      let place = firstArea(space, endingAbove: start)
      guard place != AreaTree.none else { throw .ENOMEM }
      let area = areas[place]
      if start < area.start {
        if flags == .later { throw .ENOMEM }
        start = area.start
        guard start < end else { throw .ENOMEM }
        hole = true
      }
      if flags.contains(.invalidate) && area.flags.contains(.locked) { throw .EBUSY }
      let stop = min(end, area.end)
      if flags.contains(.now) && area.file != .none && area.flags.contains(.shared) {
        written += writeBack(area.file, area.offset(of: start)..<(area.offset(of: start) + (stop - start)))
      }
      start = area.end
    }
    if hole { throw .ENOMEM }
    return written
  }
}

/// The flags of msync, with the kernel's values.
public struct SynchronizeFlags: OptionSet, Hashable, Sendable, BitwiseCopyable {
  public var rawValue: UInt32

  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// MS_ASYNC: at some time; changes nothing.
  public static let later = SynchronizeFlags(rawValue: 1)
  /// MS_INVALIDATE.
  public static let invalidate = SynchronizeFlags(rawValue: 2)
  /// MS_SYNC: before the call returns.
  public static let now = SynchronizeFlags(rawValue: 4)
}
