/// Files and shared memory, as far as memory goes.
extension Machine where P: ~Copyable {
  /// read(2), write(2) and their kin on a file, as far as the page cache goes.
  @_specialize(where P == SimulatedPlatform)
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
  @_specialize(where P == SimulatedPlatform)
  public mutating func file(
    _ identity: FileIdentity, size: UInt64, isSharedMemory: Bool = false
  ) -> FileIndex {
    spaces.cache.file(identity, size: size, isSharedMemory: isSharedMemory)
  }

  /// Tells the path of a file, for views.
  @_specialize(where P == SimulatedPlatform)
  public mutating func setName(of file: FileIndex, _ path: [UInt8]) {
    while fileNames.count <= Int(file.rawValue) { fileNames.append([]) }
    fileNames[Int(file.rawValue)] = path
  }

  /// Whether a page of a file is in the page cache.
  public func isCached(_ file: FileIndex, position: UInt64) -> Bool { spaces.cache.find(file, position) != nil }

  /// ftruncate(2): what lies behind the new end is gone, from mappings too.
  @_specialize(where P == SimulatedPlatform)
  public mutating func setSize(_ file: FileIndex, _ size: UInt64) { spaces.setSize(file, size) }

  /// fallocate(2) with FALLOC_FL_PUNCH_HOLE: a part of a file reads as zeros from now on.
  @_specialize(where P == SimulatedPlatform)
  public mutating func punchHole(_ file: FileIndex, offset: UInt64, length: UInt64) {
    spaces.punchHole(file, offset: offset, length: length)
  }

  /// An object of shared memory with a name of its own, as a System V segment has; it outlives its mappings.
  @_specialize(where P == SimulatedPlatform)
  public mutating func sharedMemory(size: UInt64) -> FileIndex {
    let file = spaces.cache.sharedMemory(size: size)
    spaces.cache.files[file.rawValue].areas += 1
    return file
  }

  /// Takes the name from an object of ``sharedMemory(size:)``: it goes with its last mapping (`shmctl(IPC_RMID)`).
  @_specialize(where P == SimulatedPlatform)
  public mutating func removeName(of object: FileIndex) {
    spaces.cache.files[object.rawValue].isNameRemoved = true
    spaces.dropUse(of: object)
  }

  /// shmat(2) (`ipc/shm.c:do_shmat`).
  ///
  /// - Throws: `EINVAL` for an address that is not aligned or, without ``AttachFlags/replace``, where something is.
  @_specialize(where P == SimulatedPlatform)
  public mutating func attach(
    _ process: ProcessIndex, _ object: FileIndex, at wanted: VirtualAddress, _ flags: AttachFlags
  ) throws(Errno) -> VirtualAddress {
    let space = try liveSpace(process)
    var address = wanted
    if address.rawValue == 0 {
      if flags.contains(.replace) { throw .EINVAL }
    } else if !address.isPageAligned {
      guard flags.contains(.roundDown) else { throw .EINVAL }
      address = address.page.address
      if address.rawValue == 0 && flags.contains(.replace) { throw .EINVAL }
    }
    let size = spaces.cache.files[object.rawValue].size
    // Rounded down to 0 it is still the place asked for.
    let isFixed = wanted.rawValue != 0
    if address.rawValue != 0 && !flags.contains(.replace) {
      guard address.rawValue &+ size >= address.rawValue else { throw .EINVAL }
      let next = spaces.firstArea(space, endingAbove: address.page)
      if next != AreaTree.none, spaces.areas[next].start < VirtualPage.end(of: address, length: size) { throw .EINVAL }
    }
    var protection: Protection = flags.contains(.readOnly) ? .read : [.read, .write]
    if flags.contains(.execute) { protection.insert(.execute) }
    attachments += 1
    let traits: FileOpening.Traits = flags.contains(.readOnly) ? [.readable] : [.readable, .writable]
    let request = MapRequest(
      address: address, length: size, protection: protection, flags: isFixed ? [.shared, .fixed] : .shared,
      file: object, opening: FileOpening(number: attachments, traits: traits.union(.attachment)))
    let result = try spaces.mapPages(space, request, caller(process))
    if result.populates {
      let start = result.address.page.rawValue
      _ = populate(process, start..<(start + PageSize.pages(size)), ignoresErrors: true)
    }
    return result.address
  }

  /// shmdt(2): unmaps the areas of the attachment at `address` (`ipc/shm.c:ksys_shmdt`).
  ///
  /// - Throws: `EINVAL` if none is there.
  @_specialize(where P == SimulatedPlatform)
  public mutating func detach(_ process: ProcessIndex, _ address: VirtualAddress) throws(Errno) {
    let space = try liveSpace(process)
    guard address.isPageAligned else { throw .EINVAL }
    var place = spaces.firstArea(space, endingAbove: address.page)
    var found: Area?
    var end = VirtualPage(0)
    while place != AreaTree.none {
      let area = spaces.areas[place]
      let next = area.next
      if found != nil && end < area.end { break }
      if area.opening.traits.contains(.attachment), area.start.rawValue &- address.page.rawValue == area.offset,
        found == nil || found!.opening == area.opening
      {
        if found == nil {
          found = area
          end = address.page + PageSize.pages(spaces.cache.files[area.file.rawValue].size)
        }
        try spaces.unmapPages(space, area.start, area.end)
      }
      place = next
    }
    if found == nil { throw .EINVAL }
  }

  /// Takes all clean pages that nothing else uses out of the page cache.
  @_specialize(where P == SimulatedPlatform)
  public mutating func dropCaches() { spaces.cache.dropClean(&spaces.translation.memory) }

  /// sync(2): writes all dirty pages of files to the disk.
  @_specialize(where P == SimulatedPlatform)
  public mutating func sync() {
    let pages = spaces.cache.clean(&spaces.translation.memory)
    if pages > 0 { spendDisk(pages: pages, requests: 1) }
  }
}

/// The flags of shmat, with the kernel's values (`include/uapi/linux/shm.h`).
public struct AttachFlags: OptionSet, Hashable, Sendable, BitwiseCopyable {
  public var rawValue: UInt32

  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// SHM_RDONLY.
  public static let readOnly = AttachFlags(rawValue: 0o10000)
  /// SHM_RND: an address is rounded down to a page.
  public static let roundDown = AttachFlags(rawValue: 0o20000)
  /// SHM_REMAP: what is there goes.
  public static let replace = AttachFlags(rawValue: 0o40000)
  /// SHM_EXEC.
  public static let execute = AttachFlags(rawValue: 0o100000)
}
