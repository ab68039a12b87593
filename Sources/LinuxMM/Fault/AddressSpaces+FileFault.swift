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
    let found = try faultedPage(file, position, area)
    let frame = found.frame
    // The page stays cached while frames for a copy or for tables are looked for.
    var isKept = false
    defer { if !isKept { translation.memory.release(frame) } }
    var outcome: FaultOutcome = found.isMajor ? .major : .minor
    if found.startsReadahead && !settings.rules.contains(.faultsLockAreas) { outcome = .major }
    let isShared = cache.files[file.rawValue].isSharedMemory
    if let end = leave(frame) {
      // Shared memory is waited for within one fault.
      if isShared { uncountFault() }
      return .reading(until: end, isMajor: outcome == .major)
    }
    if memory.frames[frame.index].flags.contains(.failed) { return .unreadable }
    if !isShared && (found.isMajor || found.startsReadahead) {
      // The kernel has let go of the address space meanwhile and begins anew.
      countFault()
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
      memory.addNewToList(copy)
      if areas[area].flags.contains(.locked) { lockPage(copy) }
    } else {
      let place = try makeEntryPlace(space, page, known)
      var bits = entryBits(area)
      if writes {
        bits = writtenBits(area, bits)
        attachBuffer(frame)
        markDirty(frame)
        balanceDirty()
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
      if warm && cache.find(file, position) == nil { _ = try addPage(file, position) }
      guard let frame = cache.find(file, position),
        translation.memory.frames[frame.index].flags.isDisjoint(with: [.readahead, .reading])
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

  /// The frame of a file's page that a program has touched, with those around it if it is not cached
  /// (`mm/filemap.c:filemap_fault`).
  ///
  /// - Returns: the frame, with a use for the caller, which is being read if the caller can leave it; whether it had to be read; whether more was read ahead.
  private mutating func faultedPage(
    _ file: FileIndex, _ position: UInt64, _ area: UInt32
  ) throws(AllocationFailure) -> (frame: FrameNumber, isMajor: Bool, startsReadahead: Bool) {
    let isShared = cache.files[file.rawValue].isSharedMemory
    let flags = areas[area].flags
    if isShared || cache.startsWarm {
      let frame: FrameNumber
      if let cached = cache.find(file, position) {
        frame = cached
      } else if let slot = cache.slot(file, position) {
        let (begun, isMajor) = try bringBack(file, position, slot)
        if leaving(begun) != nil { return (begun, isMajor, false) }
        return (try endRead(begun, file, position), isMajor, false)
      } else {
        frame = try addPage(file, position)
      }
      translation.memory.retain(frame)
      return (frame, false, false)
    }
    guard let cached = cache.find(file, position) else {
      countMajorFault()
      readAround(file, position, flags, end: areas[area].offset + areas[area].pageCount)
      let frame = try beginRead(file, position)
      if leaving(frame) != nil { return (frame, true, false) }
      return (try endRead(frame, file, position), true, false)
    }
    translation.memory.retain(cached)
    var startsReadahead = false
    if !flags.contains(.random) {
      let misses = cache.files[file.rawValue].readahead.misses
      if misses > 0 { cache.files[file.rawValue].readahead.misses = misses - 1 }
      let state = translation.memory.frames[cached.index].flags
      if state.contains(.readahead) {
        startsReadahead = true
        if !state.contains(.writeback) {
          translation.memory.frames[cached.index].flags.remove(.readahead)
          readAhead(file, position, request: FileReadahead.most, isMarked: true)
        }
      }
    }
    guard translation.memory.frames[cached.index].flags.contains(.reading) else {
      return (cached, false, startsReadahead)
    }
    if leaving(cached) != nil { return (cached, false, startsReadahead) }
    if !startsReadahead { countFault() }
    return (try endRead(cached, file, position), false, startsReadahead)
  }

  /// Reads the 128 KiB around a page that is missing, nothing for areas that are used at random
  /// (`mm/filemap.c:do_sync_mmap_readahead`).
  private mutating func readAround(_ file: FileIndex, _ position: UInt64, _ flags: AreaFlags, end: UInt64) {
    let most = FileReadahead.most
    if flags.contains(.execute) && settings.rules.contains(.codeIsReadAhead) {
      readPages(file, position, min(most, end - position), markAt: .max)
      return
    }
    if flags.contains(.random) { return }
    if flags.contains(.sequential) { return readAhead(file, position, request: most, isMarked: false) }
    let misses = cache.files[file.rawValue].readahead.misses
    if misses < FileReadahead.manyMisses * 10 { cache.files[file.rawValue].readahead.misses = misses + 1 }
    if misses + 1 > FileReadahead.manyMisses { return }
    let start = position > most / 2 ? position - most / 2 : 0
    cache.files[file.rawValue].readahead.start = start
    cache.files[file.rawValue].readahead.size = most
    cache.files[file.rawValue].readahead.leftAtNext = most / 4
    readPages(file, start, most, markAt: start + most - most / 4)
  }

  /// A new frame in the page cache.
  mutating func addPage(
    _ file: FileIndex, _ position: UInt64, _ flags: GFPFlags = .highUserMovable
  ) throws(AllocationFailure) -> FrameNumber {
    makeRoomForNodes(canReclaim: true)
    let frame = try allocatePages(.single, flags, processor: translation.memory.processor)
    translation.clearContents(of: frame)
    if currentGroup != 0 {
      // Charging may reclaim, and another may have brought the page meanwhile; neither of which happens to a new file page.
      memory.beginUse(frame, [])
      try charge(frame, to: currentGroup)
    }
    cache.insert(frame, file, position, &translation.memory, hasSwap: canSwap)
    return frame
  }
}
