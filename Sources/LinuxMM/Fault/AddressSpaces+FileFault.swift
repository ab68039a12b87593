extension AddressSpaces where P: ~Copyable {
  /// First touch of a file's page (`mm/memory.c:do_fault`). Tables above the last level are made even if it fails.
  ///
  /// - Parameters:
  ///   - known: where its entry stands, if its table exists.
  ///   - isMarked: whether a userfaultfd has write-protected the page before it came.
  mutating func fileFault(
    _ space: SpaceIndex, _ area: UInt32, _ page: VirtualPage, writes: Bool, _ known: EntryPlace?, isMarked: Bool = false
  ) throws(AllocationFailure) -> FaultOutcome {
    if known == nil { _ = try makeUpperPlace(space, page, level: 1) }
    let file = areas[area].file
    let position = areas[area].offset(of: page)
    // System V segments know no mapping around (`ipc/shm.c:shm_vm_ops`).
    let isAttachment = areas[area].opening.traits.contains(.attachment)
    let mapsAround =
      !isAttachment && settings.faultAroundPages > 1
      && areas[area].flags.isDisjoint(with: [.userFaultWrite, .userFaultMinor])
    if !writes, mapsAround, try mapAround(space, area, page) { return .minor }
    let copies = writes && !areas[area].flags.contains(.shared)
    if copies { prepareAnonymous(area) }
    guard position < cache.files[file.rawValue].pageCount else { return .beyondEndOfFile }
    if !areas[area].flags.isDisjoint(with: [.userFaultMissing, .userFaultMinor]),
      let outcome = watchedFileFault(area, position)
    {
      return outcome
    }
    let isRandom = areas[area].flags.contains(.random)
    let (frame, read) = try cachedPage(file, position, readsAround(area, position))
    // The page stays cached while frames for a copy or for tables are looked for.
    translation.memory.retain(frame)
    var isKept = false
    defer { if !isKept { translation.memory.release(frame) } }
    if read > 0 { translation.memory.statistics.majorFaults += 1 }
    var outcome: FaultOutcome = read > 0 ? .major(pages: read) : .minor
    let startsReadahead =
      !isRandom && read == 0 && translation.memory.frames[frame.index].flags.contains(.readahead)
    if startsReadahead {
      translation.memory.frames[frame.index].flags.remove(.readahead)
      if !settings.rules.contains(.faultsLockAreas) { outcome = .major(pages: 0) }
    }
    if read > 0 || startsReadahead {
      // The kernel has let go of the address space meanwhile and begins anew.
      translation.memory.statistics.faults += 1
      if !writes, mapsAround, try mapAround(space, area, page) { return outcome }
    }
    if copies {
      let copy = try makeAnonymousFrame(area, page)
      translation.copyContents(of: frame, to: copy)
      let place: EntryPlace
      do throws(AllocationFailure) {
        place = try makeEntryPlace(space, page, known)
      } catch {
        translation.memory.release(copy)
        throw error
      }
      let bits = writtenBits(area, entryBits(area))
      map(copy, place, isMarked ? watchedBits(bits) : bits, space)
      memory.addToList(copy)
      if areas[area].flags.contains(.locked) { lockPage(copy) }
    } else {
      let place = try makeEntryPlace(space, page, known)
      var bits = entryBits(area)
      if writes {
        bits = writtenBits(area, bits)
        markDirty(frame)
      }
      isKept = true
      map(frame, place, isMarked ? watchedBits(bits) : bits, space)
      if areas[area].flags.contains(.locked) { lockPage(frame) }
    }
    return outcome
  }

  /// Maps the cached pages around a page: within the aligned 64 KiB (`fault_around_bytes`) or, where the area begins
  /// inside of it, as much from there; within its area, its last-level table and its file
  /// (`mm/memory.c:do_fault_around`, `mm/filemap.c:filemap_map_pages`).
  ///
  /// - Returns: whether the page itself was mapped.
  private mutating func mapAround(
    _ space: SpaceIndex, _ area: UInt32, _ page: VirtualPage
  ) throws(AllocationFailure) -> Bool {
    let file = areas[area].file
    let around = settings.faultAroundPages
    let start = max(VirtualPage(page.rawValue & ~(around - 1)), areas[area].start)
    let positions = cache.files[file.rawValue].pageCount
    let first = areas[area].offset(of: start)
    guard first < positions else { return false }
    var end = min(start + around, areas[area].end)
    end = min(end, translation.geometry.tableEnd(start), start + (positions - first))
    let bits = entryBits(area)
    let warm = cache.startsWarm && !cache.files[file.rawValue].isSharedMemory
    var place: EntryPlace?
    var mapped = false
    var next = start
    while next < end {
      defer { next = next + 1 }
      let position = areas[area].offset(of: next)
      if warm && cache.find(file, position) == nil { _ = try cachedPage(file, position, nil) }
      guard let frame = cache.find(file, position),
        !translation.memory.frames[frame.index].flags.contains(.readahead)
      else { continue }
      if place == nil {
        if settings.rules.contains(.lastPageMakesNoTable), position + 1 == positions,
          !cache.files[file.rawValue].isSharedMemory,
          translation.place(descriptors[space.rawValue].context.root, start) == nil
        {
          return false
        }
        // The first cached page makes the table.
        translation.memory.retain(frame)
        defer { translation.memory.release(frame) }
        place = try makeEntryPlace(space, start)
      }
      let entryPlace = EntryPlace(table: place!.table, index: translation.geometry.index(next, 0))
      guard translation.entry(entryPlace).isEmpty else { continue }
      translation.memory.retain(frame)
      map(frame, entryPlace, bits, space)
      if next == page { mapped = true }
    }
    return mapped
  }

  /// What is read from the disk along with a page that is missing: the 128 KiB around it (`ra_pages`), nothing for areas
  /// that are used at random (`mm/filemap.c:do_sync_mmap_readahead`).
  private func readsAround(_ area: UInt32, _ position: UInt64) -> Range<UInt64>? {
    let flags = areas[area].flags
    let pages = PageCache.readaheadPages
    if flags.contains(.execute) && settings.rules.contains(.codeIsReadAhead) {
      return position..<min(position + pages, areas[area].offset + areas[area].pageCount)
    }
    if flags.contains(.random) { return nil }
    let first = position > pages / 2 ? position - pages / 2 : 0
    return first..<(first + pages)
  }

  /// The frame of a file's page, read from the disk if it is not cached.
  ///
  /// - Parameter around: what a miss reads along, in pages of the file.
  /// - Returns: the frame, and the number of pages read from the disk.
  mutating func cachedPage(
    _ file: FileIndex, _ position: UInt64, _ around: Range<UInt64>?
  ) throws(AllocationFailure) -> (frame: FrameNumber, read: Int) {
    if let frame = cache.find(file, position) { return (frame, 0) }
    let frame = try addPage(file, position)
    if cache.files[file.rawValue].isSharedMemory || cache.startsWarm { return (frame, 0) }
    var read = 1
    if let around {
      // The page must not be taken back while its neighbours are read.
      translation.memory.retain(frame)
      defer { translation.memory.release(frame) }
      var other = around.lowerBound
      let end = min(around.upperBound, cache.files[file.rawValue].pageCount)
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
    translation.clearContents(of: frame)
    cache.insert(frame, file, position, &translation.memory, hasSwap: canSwap)
    return frame
  }
}
