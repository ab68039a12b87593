/// The memory promised to programs. Linux: `vm_committed_as`, `mm/util.c:__vm_enough_memory`.
struct CommitAccount: BitwiseCopyable {
  /// In pages. Linux: `Committed_AS`.
  private(set) var pages: UInt64 = 0

  mutating func add(_ count: UInt64) { pages &+= count }

  mutating func release(_ count: UInt64) {
    precondition(count <= pages, "more memory released than was promised")
    pages -= count
  }
}

extension AddressSpaces where P: ~Copyable {
  /// The most that may be promised when `vm.overcommit_memory` is 2, in pages (`mm/util.c:vm_commit_limit`).
  var commitLimit: UInt64 {
    if settings.overcommitKilobytes > 0 { return settings.overcommitKilobytes / (PageSize.bytes / 1024) }
    return UInt64(memory.managedFrames) * settings.overcommitRatio / 100
  }

  /// Promises `count` pages to an address space, if the machine's rule permits it (`mm/util.c:__vm_enough_memory`).
  ///
  /// - Throws: `ENOMEM`.
  mutating func promise(_ count: UInt64, to space: SpaceIndex, _ caller: Caller) throws(Errno) {
    switch settings.overcommitMemory {
    case .always: break
    case .guess:
      guard count <= UInt64(memory.managedFrames) else { throw .ENOMEM }
    case .never:
      var allowed = Int64(commitLimit)
      if !caller.may(.administer) { allowed -= Int64(administratorReserve) }
      allowed -= Int64(min(descriptors[space.rawValue].totalPages / 32, userReserve))
      guard Int64(commit.pages + count) < allowed else { throw .ENOMEM }
    }
    commit.add(count)
  }

  /// Whether mapping `pages` more keeps within the limits (`mm/mmap.c:may_expand_vm`).
  func mayGrow(_ space: SpaceIndex, _ flags: AreaFlags, _ pages: UInt64, _ limits: ResourceLimits) -> Bool {
    let descriptor = descriptors[space.rawValue]
    guard descriptor.totalPages &+ pages <= limits.addressSpace.pages else { return false }
    guard flags.isData, descriptor.dataPages &+ pages > limits.data.pages else { return true }
    // Programs that set the limit to nothing mean the heap alone.
    return limits.data.soft == 0 && descriptor.dataPages &+ pages <= limits.data.hard >> UInt64(PageSize.shift)
  }

  /// Whether locking `pages` more exceeds the caller's limit (`mm/mmap.c:mlock_future_check`).
  func exceedsLockLimit(_ space: SpaceIndex, _ flags: AreaFlags, _ pages: UInt64, _ caller: Caller) -> Bool {
    guard flags.contains(.locked), !caller.may(.lockMemory) else { return false }
    return descriptors[space.rawValue].lockedPages &+ pages > caller.limits.locked.pages
  }

  /// Adds mapped pages to the space's account (`mm/mmap.c:vm_stat_account`).
  mutating func account(_ space: SpaceIndex, _ flags: AreaFlags, _ pages: Int64) {
    let change = UInt64(bitPattern: pages)
    if pages < 0 { descriptors[space.rawValue].noteTotal() }
    descriptors[space.rawValue].totalPages &+= change
    if flags.isCode {
      descriptors[space.rawValue].executablePages &+= change
    } else if flags.contains(.growsDown) {
      descriptors[space.rawValue].stackPages &+= change
    } else if flags.isData {
      descriptors[space.rawValue].dataPages &+= change
    }
  }
}

extension AreaFlags {
  /// Linux: `is_exec_mapping`.
  var isCode: Bool { intersection([.execute, .write, .growsDown]) == .execute }
  /// Linux: `is_data_mapping`.
  var isData: Bool { intersection([.write, .shared, .growsDown]) == .write }
}
