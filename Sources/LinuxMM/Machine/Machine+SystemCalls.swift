/// The memory system calls of a process. A call of a dead process is counted and answered with `ESRCH`.
extension Machine where P: ~Copyable {
  private mutating func liveSpace(_ process: ProcessIndex) throws(Errno) -> SpaceIndex {
    let space = processes[process.rawValue].space
    guard space != .none else {
      eventsAfterKill += 1
      throw .ESRCH
    }
    areaChanges &+= 1
    return space
  }

  /// mmap(2), with MAP_POPULATE and MAP_LOCKED bringing the pages at once.
  public mutating func map(
    _ process: ProcessIndex, _ request: MapRequest
  ) throws(Errno) -> VirtualAddress {
    let space = try liveSpace(process)
    let address = try spaces.map(space, request, searchEnd: mapSearchEnd)
    let populates =
      request.flags.contains(.locked) || spaces.descriptors[space.rawValue].locksNewAreas
      || (request.flags.contains(.populate) && !request.flags.contains(.nonBlock))
    if populates {
      populate(process, address.page, VirtualPage.end(of: address, length: request.length))
    }
    return address
  }

  /// Brings the pages of a range, as far as possible (`mm/gup.c:populate_vma_page_range`).
  ///
  /// - Parameter writes: whether pages are brought for writing; `nil` lets each area decide as MAP_POPULATE does.
  public mutating func populate(
    _ process: ProcessIndex, _ start: VirtualPage, _ end: VirtualPage, writes wanted: Bool? = nil
  ) {
    var page = start
    while page < end {
      let space = processes[process.rawValue].space
      guard space != .none else { return }
      let area = spaces.area(space, containing: page)
      guard area != AreaTree.none else { return }
      let flags = spaces.areas[area].flags
      let writes = wanted ?? (flags.contains(.write) && !flags.contains(.shared))
      guard flags.contains(.write) || flags.contains(.read) else { return }
      let place = spaces.translation.place(
        spaces.descriptors[space.rawValue].context.root, page)
      let entry = place.map { spaces.translation.entry($0) } ?? .empty
      if !entry.isPresent || (writes && !entry.isWritable) {
        guard fault(process, page, writes ? .write : .read) == .done else { return }
      }
      page = page + 1
    }
  }

  /// munmap(2).
  public mutating func unmap(
    _ process: ProcessIndex, _ address: VirtualAddress, length: UInt64
  ) throws(Errno) {
    try spaces.unmap(try liveSpace(process), address, length: length)
  }

  /// mprotect(2).
  public mutating func protect(
    _ process: ProcessIndex, _ address: VirtualAddress, length: UInt64, _ protection: Protection
  ) throws(Errno) {
    try spaces.protect(try liveSpace(process), address, length: length, protection)
  }

  /// mremap(2); see ``MapRequest`` for units.
  public mutating func remap(
    _ process: ProcessIndex, _ address: VirtualAddress, oldLength: UInt64, newLength: UInt64,
    mayMove: Bool, target: VirtualAddress? = nil, keepsOld: Bool = false
  ) throws(Errno) -> VirtualAddress {
    try spaces.remap(
      try liveSpace(process), address, oldLength: oldLength, newLength: newLength, mayMove: mayMove,
      target: target, keepsOld: keepsOld, searchEnd: mapSearchEnd)
  }

  /// brk(2): the break afterwards.
  public mutating func setBreak(
    _ process: ProcessIndex, _ address: VirtualAddress
  ) throws(Errno) -> VirtualAddress {
    spaces.setBreak(try liveSpace(process), address)
  }

  /// madvise(2).
  public mutating func advise(
    _ process: ProcessIndex, _ address: VirtualAddress, length: UInt64, _ advice: Advice
  ) throws(Errno) {
    try spaces.advise(try liveSpace(process), address, length: length, advice)
  }

  /// mlock(2) and, with `locks` false, munlock(2); the pages come at once.
  public mutating func lock(
    _ process: ProcessIndex, _ address: VirtualAddress, length: UInt64, locks: Bool
  ) throws(Errno) {
    let space = try liveSpace(process)
    let end = VirtualPage.end(of: address, length: length)
    try spaces.setLocked(space, address.page, end, locks)
    if locks { populate(process, address.page, end) }
  }

  /// mlockall(2) and, with neither, munlockall(2).
  ///
  /// - Parameters:
  ///   - current: MCL_CURRENT: all areas are locked and their pages brought.
  ///   - future: MCL_FUTURE: areas to come will be.
  public mutating func lockAll(
    _ process: ProcessIndex, current: Bool, future: Bool
  ) throws(Errno) {
    let space = try liveSpace(process)
    spaces.descriptors[space.rawValue].locksNewAreas = future
    guard current || !future else { return }
    var area = spaces.descriptors[space.rawValue].areas.first
    while area != AreaTree.none {
      let start = spaces.areas[area].start
      let end = spaces.areas[area].end
      try spaces.setLocked(space, start, end, current)
      if current { populate(process, start, end) }
      guard processes[process.rawValue].isAlive else { return }
      area = spaces.descriptors[space.rawValue].areas.first(endingAbove: end, in: spaces.areas)
    }
  }

  /// read(2), write(2) and their kin on a file, as far as the page cache goes.
  public mutating func accessFile(
    _ process: ProcessIndex, _ file: FileIndex, offset: UInt64, length: UInt64, writes: Bool
  ) {
    guard processes[process.rawValue].isAlive else {
      eventsAfterKill += 1
      return
    }
    while processes[process.rawValue].isAlive {
      do throws(AllocationFailure) {
        let done = try spaces.accessFile(file, offset: offset, length: length, writes: writes)
        spendDisk(pages: done.pages, requests: done.requests)
        return
      } catch {
        killForMemory(invoker: process)
      }
    }
  }

  /// The file's place in the page cache, made at its first use.
  ///
  /// - Parameters:
  ///   - size: in bytes; a larger size than known is taken over.
  ///   - isSharedMemory: whether it is on a file system that lives in memory (tmpfs); told at the first use.
  public mutating func file(
    _ identity: FileIdentity, size: UInt64, isSharedMemory: Bool = false
  ) -> FileIndex {
    spaces.cache.file(identity, size: size, isSharedMemory: isSharedMemory)
  }

  /// An object of shared memory with a name of its own, as a System V segment has; it outlives its mappings.
  public mutating func sharedMemory(size: UInt64) -> FileIndex {
    let file = spaces.cache.sharedMemory(size: size)
    spaces.cache.files[file.rawValue].areas += 1
    return file
  }

  /// Takes the name from an object of ``sharedMemory(size:)``: it goes with its last mapping (`shmctl(IPC_RMID)`).
  public mutating func removeName(of object: FileIndex) {
    spaces.cache.files[object.rawValue].areas -= 1
    if spaces.cache.files[object.rawValue].areas == 0 {
      spaces.cache.end(object, &spaces.translation.memory)
    }
  }

  /// shmdt(2): unmaps the areas from `address` on that belong to the one object mapped there.
  ///
  /// - Throws: `EINVAL` if no object is mapped at `address`.
  public mutating func detach(_ process: ProcessIndex, _ address: VirtualAddress) throws(Errno) {
    let space = try liveSpace(process)
    var area = spaces.area(space, containing: address.page)
    guard area != AreaTree.none, spaces.areas[area].start == address.page,
      spaces.areas[area].file != .none
    else { throw .EINVAL }
    let object = spaces.areas[area].file
    var end = address.page
    while area != AreaTree.none, spaces.areas[area].file == object, spaces.areas[area].start == end,
      spaces.areas[area].offset == end - address.page
    {
      end = spaces.areas[area].end
      area = spaces.areas[area].next
    }
    try spaces.unmapPages(space, address.page, end)
  }

  /// Takes all clean pages that nothing else uses out of the page cache.
  public mutating func dropCaches() { spaces.cache.dropClean(&spaces.translation.memory) }

  /// sync(2): writes all dirty pages of files to the disk.
  public mutating func sync() {
    let pages = spaces.cache.clean(&spaces.translation.memory)
    if pages > 0 { spendDisk(pages: pages, requests: 1) }
  }
}
