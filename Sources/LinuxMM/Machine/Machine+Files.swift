/// Files and shared memory, as far as memory goes.
extension Machine where P: ~Copyable {
  /// read(2), write(2) and their kin on a file, as far as the page cache goes.
  ///
  /// - Returns: where a reading goes on and when, in nanoseconds since boot, if it waits for a disk and others can run
  ///   meanwhile (``sharesTime``); `nil` at its end.
  @discardableResult
  @_specialize(where P == SimulatedPlatform)
  public mutating func accessFile(
    _ process: ProcessIndex, _ file: FileIndex, offset: UInt64, length: UInt64, writes: Bool
  ) -> (offset: UInt64, until: UInt64)? {
    guard processes[process.rawValue].isAlive else {
      eventsAfterKill += 1
      return nil
    }
    spaces.leavesWaits = sharesTime && !writes
    defer { spaces.leavesWaits = false }
    while processes[process.rawValue].isAlive {
      spaces.run(in: processes[process.rawValue].group)
      do throws(AllocationFailure) {
        let rest = try spaces.accessFile(file, offset: offset, length: length, writes: writes)
        noteWaits()
        letReclaimersRun()
        return rest.map { ($0.offset, nanoseconds($0.until)) }
      } catch {
        killForMemory(invoker: process)
      }
    }
    return nil
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

  /// An object of shared memory with a name of its own, as memfd_create's has; it outlives its mappings.
  @_specialize(where P == SimulatedPlatform)
  public mutating func sharedMemory(size: UInt64) -> FileIndex {
    let file = spaces.cache.sharedMemory(size: size)
    spaces.cache.files[file.rawValue].areas += 1
    return file
  }

  /// Takes the name from an object of ``sharedMemory(size:)``: it goes with its last mapping.
  @_specialize(where P == SimulatedPlatform)
  public mutating func removeName(of object: FileIndex) {
    spaces.cache.files[object.rawValue].isNameRemoved = true
    spaces.dropUse(of: object)
  }

  /// Takes all clean pages that nothing else uses out of the page cache.
  @_specialize(where P == SimulatedPlatform)
  public mutating func dropCaches() {
    spaces.cache.dropClean(&spaces.translation.memory)
    spaces.trimSlabs()
  }

  /// Pages of swap areas: all, those in use, and the most that ever were.
  public var swapTotal: Int { spaces.swap.total }
  public var swapUsed: Int { spaces.swap.total - spaces.swap.free }
  public var swapPeak: Int { spaces.swap.peak }

  /// swapoff(2): brings back what an area holds, numbered as they were configured, and uses it no more.
  ///
  /// - Throws: `EINVAL` if it is not in use, `ENOMEM` if what it holds finds no room.
  @_specialize(where P == SimulatedPlatform)
  public mutating func switchOffSwap(area: Int) throws(Errno) {
    defer { noteWaits() }
    try spaces.switchOff(area)
  }

  /// swapon(2) of an area that was switched off.
  ///
  /// - Throws: `EINVAL` if there is no such area, `EBUSY` if it is in use.
  @_specialize(where P == SimulatedPlatform)
  public mutating func switchOnSwap(area: Int) throws(Errno) { try spaces.switchOn(area) }

  /// sync(2): writes all dirty pages of files to the disk.
  @_specialize(where P == SimulatedPlatform)
  public mutating func sync() {
    let pages = spaces.cache.clean(&spaces.translation.memory)
    if pages > 0 { spendDisk(pages: pages, requests: 1) }
  }
}
