extension AddressSpaces where P: ~Copyable {
  /// Pages around a read fault that are mapped along if they are cached: 64 KiB.
  /// Linux: `fault_around_bytes`.
  private static var aroundPages: UInt64 { 16 }

  /// First touch of a file's page (`mm/memory.c:do_fault`).
  mutating func fileFault(
    _ space: SpaceIndex, _ area: UInt32, _ page: VirtualPage, _ kind: AccessKind, _ place: EntryPlace
  ) throws(AllocationFailure) -> FaultOutcome {
    let file = areas[area].file
    let position = areas[area].offset(of: page)
    guard position < cache.files[file.rawValue].pageCount else { return .beyondEndOfFile }
    if kind != .write {
      try mapAround(space, area, page)
      if !translation.entry(place).isEmpty { return .minor }
    }
    let isRandom = areas[area].flags.contains(.random)
    let (frame, read) = try cachedPage(file, position, around: !isRandom)
    if read > 0 { translation.memory.statistics.majorFaults += 1 }
    if kind == .write && !areas[area].flags.contains(.shared) {
      prepareAnonymous(area)
      // The page stays cached while the copy's frame is looked for.
      translation.memory.retain(frame)
      defer { translation.memory.release(frame) }
      let copy = try makeAnonymousFrame(area, page)
      let bits = areas[area].entryBits | PageTableEntry.writable | PageTableEntry.dirty
      map(copy, place, bits, space)
    } else {
      translation.memory.retain(frame)
      var bits = fileEntryBits(area)
      if kind == .write {
        bits |= PageTableEntry.writable | PageTableEntry.dirty
        markDirty(frame)
      }
      map(frame, place, bits, space)
    }
    return read > 0 ? .major(pages: read) : .minor
  }

  /// Bits of a page of a file. Shared memory has no disk to be told of the first write, so its pages may
  /// be written at once (`mm/mmap.c:vma_wants_writenotify`).
  private func fileEntryBits(_ area: UInt32) -> UInt64 {
    let bits = areas[area].entryBits
    let writes = areas[area].flags.contains([.shared, .write])
    return writes && cache.files[areas[area].file.rawValue].isSharedMemory
      ? bits | PageTableEntry.writable : bits
  }

  /// Maps the cached pages of the aligned 64 KiB around a page, within its area, its last-level table and
  /// its file (`mm/memory.c:do_fault_around`).
  private mutating func mapAround(
    _ space: SpaceIndex, _ area: UInt32, _ page: VirtualPage
  ) throws(AllocationFailure) {
    let file = areas[area].file
    let first = max(
      VirtualPage(page.rawValue / Self.aroundPages * Self.aroundPages), areas[area].start)
    var end = min(
      VirtualPage((page.rawValue / Self.aroundPages + 1) * Self.aroundPages), areas[area].end)
    let positions = cache.files[file.rawValue].pageCount
    let position = areas[area].offset(of: first)
    guard position < positions else { return }
    end = min(end, first + (positions - position))
    let bits = fileEntryBits(area)
    let warm = cache.startsWarm && !cache.files[file.rawValue].isSharedMemory
    var around = first
    while around < end {
      let place = try makeEntryPlace(space, around)
      if translation.entry(place).isEmpty {
        let wanted = areas[area].offset(of: around)
        if warm && cache.find(file, wanted) == nil { _ = try cachedPage(file, wanted, around: false) }
        if let frame = cache.find(file, wanted) {
          translation.memory.retain(frame)
          map(frame, place, bits, space)
        }
      }
      around = around + 1
    }
  }

  /// The frame of a file's page, read from the disk if it is not cached.
  ///
  /// - Parameter around: whether a miss reads the 128 KiB around the page rather than just it
  ///   (`mm/filemap.c:do_sync_mmap_readahead`).
  /// - Returns: the frame, and the number of pages read from the disk.
  mutating func cachedPage(
    _ file: FileIndex, _ position: UInt64, around: Bool
  ) throws(AllocationFailure) -> (frame: FrameNumber, read: Int) {
    if let frame = cache.find(file, position) { return (frame, 0) }
    let frame = try addPage(file, position)
    if cache.files[file.rawValue].isSharedMemory || cache.startsWarm { return (frame, 0) }
    var read = 1
    if around {
      // The page must not be taken back while its neighbours are read.
      translation.memory.retain(frame)
      defer { translation.memory.release(frame) }
      let half = PageCache.readaheadPages / 2
      let first = position > half ? position - half : 0
      let end = min(first + PageCache.readaheadPages, cache.files[file.rawValue].pageCount)
      var other = first
      while other < end {
        if cache.find(file, other) == nil {
          do throws(AllocationFailure) { _ = try addPage(file, other) } catch { break }
          read += 1
        }
        other += 1
      }
    }
    translation.memory.statistics.kilobytesRead += UInt64(read) * (PageSize.bytes / 1024)
    return (frame, read)
  }

  /// A new frame in the page cache.
  mutating func addPage(
    _ file: FileIndex, _ position: UInt64
  ) throws(AllocationFailure) -> FrameNumber {
    let frame = try allocatePages(.single, .highUserMovable, processor: translation.memory.processor)
    cache.insert(frame, file, position, &translation.memory)
    return frame
  }
}
