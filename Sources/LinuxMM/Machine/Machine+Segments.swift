/// A System V segment of shared memory, also after it has ended. Linux: `struct shmid_kernel`, `shmid`.
public struct Segment: Hashable, Sendable, BitwiseCopyable {
  fileprivate var file: FileIndex
  /// Tells it from what has the same place in the table later.
  fileprivate var inode: UInt64
}

extension Machine where P: ~Copyable {
  /// shmget(2) for a new segment.
  ///
  /// - Parameter size: in bytes.
  @_specialize(where P == SimulatedPlatform)
  public mutating func createSegment(size: UInt64) -> Segment {
    let file = sharedMemory(size: size)
    return Segment(file: file, inode: spaces.cache.files[file.rawValue].identity.inode)
  }

  /// Whether a segment can be attached still: it has a number, or somebody is attached.
  public func isAlive(_ segment: Segment) -> Bool {
    let file = spaces.cache.files[segment.file.rawValue]
    return file.areas > 0 && file.identity.inode == segment.inode
  }

  /// shmctl(2) with IPC_RMID: the segment ends with its last attachment, until when it can be attached.
  ///
  /// - Throws: `EINVAL` for a segment that has ended.
  @_specialize(where P == SimulatedPlatform)
  public mutating func remove(_ segment: Segment) throws(Errno) {
    guard isAlive(segment) else { throw .EINVAL }
    if !spaces.cache.files[segment.file.rawValue].isNameRemoved { removeName(of: segment.file) }
  }

  /// shmat(2) (`ipc/shm.c:do_shmat`).
  ///
  /// - Throws: `EINVAL` for a segment that has ended, an address that is not aligned or, without ``AttachFlags/replace``,
  ///   where something is; and as mmap(2) does.
  @_specialize(where P == SimulatedPlatform)
  public mutating func attach(
    _ process: ProcessIndex, _ segment: Segment, at wanted: VirtualAddress, _ flags: AttachFlags
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
    guard isAlive(segment) else { throw .EINVAL }
    let size = spaces.cache.files[segment.file.rawValue].size
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
      file: segment.file, opening: FileOpening(number: attachments, traits: traits.union(.attachment)))
    // What it replaces may be the segment's last attachment.
    spaces.cache.files[segment.file.rawValue].areas += 1
    defer { spaces.dropUse(of: segment.file) }
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
