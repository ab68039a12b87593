/// The memory system calls of a process. A call of a dead process is counted and answered with `ESRCH`.
extension Machine where P: ~Copyable {
  mutating func liveSpace(_ process: ProcessIndex) throws(Errno) -> SpaceIndex {
    let space = processes[process.rawValue].space
    guard space != .none else {
      eventsAfterKill += 1
      throw .ESRCH
    }
    return space
  }

  func caller(_ process: ProcessIndex) -> Caller { processes[process.rawValue].caller }

  /// mmap(2), with MAP_POPULATE and MAP_LOCKED bringing the pages at once.
  @_specialize(where P == SimulatedPlatform)
  public mutating func map(
    _ process: ProcessIndex, _ request: MapRequest
  ) throws(Errno) -> VirtualAddress {
    let space = try liveSpace(process)
    let result = try spaces.map(space, request, caller(process))
    if result.populates {
      let start = result.address.page
      _ = populate(process, start.rawValue..<(start.rawValue + PageSize.pages(request.length)), ignoresErrors: true)
    }
    return result.address
  }

  /// munmap(2).
  @_specialize(where P == SimulatedPlatform)
  public mutating func unmap(
    _ process: ProcessIndex, _ address: VirtualAddress, length: UInt64
  ) throws(Errno) {
    try spaces.unmap(try liveSpace(process), address, length: length)
  }

  /// mprotect(2).
  @_specialize(where P == SimulatedPlatform)
  public mutating func protect(
    _ process: ProcessIndex, _ address: VirtualAddress, length: UInt64, _ protection: Protection
  ) throws(Errno) {
    let space = try liveSpace(process)
    guard var change = try spaces.beginProtection(space, address, length: length, protection) else { return }
    while true {
      let step = try spaces.protectNext(space, &change, caller(process))
      _ = populate(process, step.populates, ignoresErrors: true)
      if step.isDone { return }
    }
  }

  /// mremap(2).
  @_specialize(where P == SimulatedPlatform)
  public mutating func remap(_ process: ProcessIndex, _ request: RemapRequest) throws(Errno) -> VirtualAddress {
    let result = try spaces.remap(try liveSpace(process), request, caller(process))
    _ = populate(process, result.populates, ignoresErrors: true)
    return result.address
  }

  /// brk(2): the break afterwards.
  @_specialize(where P == SimulatedPlatform)
  public mutating func setBreak(
    _ process: ProcessIndex, _ address: VirtualAddress
  ) throws(Errno) -> VirtualAddress {
    let result = spaces.setBreak(try liveSpace(process), address, caller(process))
    _ = populate(process, result.populates, ignoresErrors: true)
    return result.address
  }

  /// madvise(2). `advice` is a number of the kernel's, see ``Advice``.
  @_specialize(where P == SimulatedPlatform)
  public mutating func advise(
    _ process: ProcessIndex, _ address: VirtualAddress, length: UInt64, advice: Int32
  ) throws(Errno) {
    try self.advise(process, address, length: length, advice: advice, caller(process))
  }

  private mutating func advise(
    _ process: ProcessIndex, _ address: VirtualAddress, length: UInt64, advice: Int32, _ caller: Caller
  ) throws(Errno) {
    let space = try liveSpace(process)
    guard let advice = Advice(rawValue: advice) else { throw .EINVAL }
    guard let range = try AddressSpaces<P>.adviceRange(address, length: length) else { return }
    switch advice {
    case .populateRead, .populateWrite: try populate(process, range, writes: advice == .populateWrite)
    default: try spaces.advise(space, range, advice, caller)
    }
  }

  /// madvise(2).
  @_specialize(where P == SimulatedPlatform)
  public mutating func advise(
    _ process: ProcessIndex, _ address: VirtualAddress, length: UInt64, _ advice: Advice
  ) throws(Errno) {
    try self.advise(process, address, length: length, advice: advice.rawValue)
  }

  /// process_madvise(2): advice about another process's memory, in the kernel's order of checks (`mm/madvise.c`,
  /// `lib/iov_iter.c:__import_iovec`).
  ///
  /// - Parameters:
  ///   - process: who advises.
  ///   - target: whose memory it is.
  ///   - ranges: at most 1024; 2 GiB less a page of them count.
  /// - Returns: the bytes advised on, up to the first failure.
  @_specialize(where P == SimulatedPlatform)
  public mutating func advise(
    _ process: ProcessIndex, on target: ProcessIndex,
    _ ranges: [(address: VirtualAddress, length: UInt64)], advice: Int32, flags: UInt32 = 0
  ) throws(Errno) -> UInt64 {
    let own = try liveSpace(process)
    guard flags == 0, ranges.count <= 1024 else { throw .EINVAL }
    let rules = spaces.settings.rules
    let most: UInt64 = 0x7fff_f000
    let isCutFirst = ranges.count == 1 && rules.contains(.singleRangeIsCut)
    for range in ranges where range.length >= 1 << 63 { throw .EINVAL }
    for range in ranges {
      let length = isCutFirst ? min(range.length, most) : range.length
      guard configuration.pageTables.holdsUser(range.address, length: length) else { throw .EFAULT }
    }
    let space = try liveSpace(target)
    if space != own || !rules.contains(.adviseOwnProcess) {
      guard let kind = Advice(rawValue: advice), kind.isForOthers else { throw .EINVAL }
      guard caller(process).may(.schedule) else { throw .EPERM }
    }
    let total = ranges.reduce(0) { min(most, $0 &+ $1.length) }
    var done: UInt64 = 0
    for range in ranges where done < total {
      let length = min(range.length, total - done)
      do throws(Errno) {
        try self.advise(target, range.address, length: length, advice: advice, caller(process))
      } catch {
        if done == 0 { throw error }
        break
      }
      done += length
    }
    return done
  }

  /// mlock(2), mlock2(2): the pages come at once, or with their first touch.
  @_specialize(where P == SimulatedPlatform)
  public mutating func lock(
    _ process: ProcessIndex, _ address: VirtualAddress, length: UInt64, onFault: Bool = false
  ) throws(Errno) {
    let space = try liveSpace(process)
    let flags: AreaFlags = onFault ? [.locked, .lockOnFault] : .locked
    let range = try spaces.lock(space, address, length: length, flags, caller(process))
    switch populate(process, range, ignoresErrors: false) {
    case .none: break
    case .EFAULT: throw .ENOMEM
    case .ENOMEM: throw .EAGAIN
    case .some(let error): throw error
    }
  }

  /// munlock(2).
  @_specialize(where P == SimulatedPlatform)
  public mutating func unlock(
    _ process: ProcessIndex, _ address: VirtualAddress, length: UInt64
  ) throws(Errno) {
    _ = try spaces.lock(try liveSpace(process), address, length: length, [], caller(process))
  }

  /// mlockall(2).
  ///
  /// - Parameters:
  ///   - current: MCL_CURRENT: all areas are locked and their pages brought.
  ///   - future: MCL_FUTURE: areas to come will be.
  ///   - onFault: MCL_ONFAULT: pages come with their first touch.
  @_specialize(where P == SimulatedPlatform)
  public mutating func lockAll(
    _ process: ProcessIndex, current: Bool, future: Bool, onFault: Bool = false
  ) throws(Errno) {
    let space = try liveSpace(process)
    guard current || future else { throw .EINVAL }
    let caller = caller(process)
    guard caller.mayLock else { throw .EPERM }
    guard
      !current || caller.may(.lockMemory)
        || spaces.descriptors[space.rawValue].totalPages <= caller.limits.locked.pages
    else { throw .ENOMEM }
    let flags: AreaFlags = onFault ? [.locked, .lockOnFault] : .locked
    spaces.lockAll(space, current: current ? flags : nil, future: future ? flags : [])
    if current {
      _ = populate(process, 0..<spaces.descriptors[space.rawValue].end.rawValue, ignoresErrors: true)
    }
  }

  /// munlockall(2).
  @_specialize(where P == SimulatedPlatform)
  public mutating func unlockAll(_ process: ProcessIndex) throws(Errno) {
    spaces.lockAll(try liveSpace(process), current: [], future: [])
  }

  /// mincore(2): which pages of a range are in memory; the answer is written to `vector`, a byte for each page.
  ///
  /// - Returns: the answer, as far as it was found.
  /// - Throws: `EINVAL` unaligned, `ENOMEM` for holes, `EFAULT` if `vector` cannot be written.
  @_specialize(where P == SimulatedPlatform)
  public mutating func residency(
    _ process: ProcessIndex, _ address: VirtualAddress, length: UInt64, vector: VirtualAddress, on processor: Int = 0
  ) throws(Errno) -> [Bool] {
    let space = try liveSpace(process)
    guard address.isPageAligned else { throw .EINVAL }
    let limit = spaces.descriptors[space.rawValue].end.address.rawValue
    guard length <= limit, address.rawValue <= limit - length else { throw .ENOMEM }
    let pages = length >> UInt64(PageSize.shift) + (length & PageSize.mask == 0 ? 0 : 1)
    guard pages <= limit, vector.rawValue <= limit - pages else { throw .EFAULT }
    var answer: [Bool] = []
    let end = address.page + pages
    while UInt64(answer.count) < pages {
      let done = UInt64(answer.count)
      // A page of the kernel's holds the answers until they are copied.
      let stop = min(end, address.page + done + PageSize.bytes)
      let part = try spaces.residency(space, address.page + done, stop)
      let target = VirtualAddress(vector.rawValue + done)
      guard touch(process, target, length: UInt64(part.count), writes: true, on: processor) == .done else {
        throw .EFAULT
      }
      answer += part
    }
    return answer
  }

  /// msync(2).
  @_specialize(where P == SimulatedPlatform)
  public mutating func synchronize(
    _ process: ProcessIndex, _ address: VirtualAddress, length: UInt64, _ flags: SynchronizeFlags
  ) throws(Errno) {
    let written = try spaces.synchronize(try liveSpace(process), address, length: length, flags)
    if written > 0 { spendDisk(pages: written, requests: 1) }
  }

  /// remap_file_pages(2), which the kernel emulates by a mapping (`mm/mmap.c`).
  @_specialize(where P == SimulatedPlatform)
  public mutating func remapFilePages(
    _ process: ProcessIndex, _ address: VirtualAddress, length: UInt64, protection: UInt64, position: UInt64,
    _ flags: MapFlags
  ) throws(Errno) {
    let space = try liveSpace(process)
    let request = try spaces.remapFilePages(
      space, address, length: length, protection: protection, position: position, flags)
    // The object must outlive its areas while they are replaced.
    spaces.cache.files[request.file.rawValue].areas += 1
    defer { spaces.dropUse(of: request.file) }
    let result = try spaces.mapPages(space, request, caller(process))
    if result.populates {
      let start = result.address.page.rawValue
      _ = populate(process, start..<(start + PageSize.pages(request.length)), ignoresErrors: true)
    }
  }

  /// setrlimit(2) for the limits that concern memory.
  ///
  /// - Throws: `EINVAL` for a soft limit above the hard one, `EPERM` for raising a hard limit without being permitted.
  @_specialize(where P == SimulatedPlatform)
  public mutating func setLimit(
    _ process: ProcessIndex, _ resource: ResourceLimits.Resource, _ value: ResourceLimits.Limit
  ) throws(Errno) {
    guard value.soft <= value.hard else { throw .EINVAL }
    let hard = processes[process.rawValue].caller.limits[resource].hard
    guard value.hard <= hard || caller(process).may(.exceedLimits) else { throw .EPERM }
    processes[process.rawValue].caller.limits[resource] = value
  }
}

extension Machine where P: ~Copyable {
  /// getrlimit(2).
  public func limit(_ process: ProcessIndex, _ resource: ResourceLimits.Resource) -> ResourceLimits.Limit {
    processes[process.rawValue].caller.limits[resource]
  }

  /// Sets what a process is privileged to do; at its start it may do everything.
  @_specialize(where P == SimulatedPlatform)
  public mutating func setCapabilities(_ process: ProcessIndex, _ capabilities: Capabilities) {
    processes[process.rawValue].caller.capabilities = capabilities
  }
}
