/// An access that waits for a userfaultfd.
public struct UserFault: Equatable, Sendable {
  public let watcher: WatcherIndex
  public let process: ProcessIndex
  public let page: VirtualPage
  public let kind: AccessKind
  public let reason: WatchReason
  /// Whether the watcher has been told.
  var isRead = false

  init(watcher: WatcherIndex, process: ProcessIndex, page: VirtualPage, kind: AccessKind, reason: WatchReason) {
    self.watcher = watcher
    self.process = process
    self.page = page
    self.kind = kind
    self.reason = reason
  }
}

/// What a call that supplies pages says: the field it writes, in bytes or a negative errno, and how it ends.
public struct SupplyResult: Equatable, Sendable {
  /// Linux: `copy`, `zeropage`, `mapped` of the call's structure.
  public let field: Int64
  /// `nil` when all pages were supplied; `EAGAIN` when only some were.
  public let error: Errno?
}

/// What is read from a userfaultfd. Linux: `struct uffd_msg`.
public enum WatchMessage: Equatable, Sendable {
  case fault(UserFault)
  case event(WatchEvent)
}

/// userfaultfd(2) and its calls.
///
/// The machine has no threads. An access that has to wait ends with ``AccessResult/waiting(_:)``; a call that supplies its
/// page wakes it, which is a fault of the process that counts as major, and the caller makes the access again. Calls that
/// Linux would hold up until an event is read (fork, mremap, madvise, munmap, with `UFFD_FEATURE_EVENT_*`) are finished at
/// once; the event waits to be read, and as long as it does, calls that supply pages answer `EAGAIN` as they do there.
/// System calls that meet watched pages themselves fail with `EFAULT`.
extension Machine where P: ~Copyable {
  /// userfaultfd(2). The flags are the kernel's: O_CLOEXEC, O_NONBLOCK, UFFD_USER_MODE_ONLY.
  ///
  /// - Throws: `EPERM` for a process that must not have the kernel's own accesses watched, `EINVAL` for unknown flags.
  @_specialize(where P == SimulatedPlatform)
  public mutating func makeWatcher(_ process: ProcessIndex, flags: UInt32) throws(Errno) -> WatcherIndex {
    let space = try liveSpace(process)
    let usersOnly: UInt32 = 1
    guard
      flags & usersOnly != 0 || caller(process).may(.trace) || spaces.settings.unprivilegedUserFault
    else { throw .EPERM }
    guard flags & ~(0o2000000 | 0o4000 | usersOnly) == 0 else { throw .EINVAL }
    return spaces.makeWatcher(of: space, isForUsersOnly: flags & usersOnly != 0)
  }

  /// UFFDIO_API.
  ///
  /// - Parameter process: who calls.
  /// - Returns: the features and calls there are.
  /// - Throws: `EINVAL` for another interface than 0xaa, unknown features, or when it was called before; `EPERM` for asking
  ///   about children without being permitted.
  @_specialize(where P == SimulatedPlatform)
  public mutating func enable(
    _ watcher: WatcherIndex, by process: ProcessIndex, api: UInt64 = 0xaa, _ features: WatchFeatures
  ) throws(Errno) -> (features: WatchFeatures, calls: WatchCalls) {
    guard api == 0xaa else { throw .EINVAL }
    guard !features.contains(.forkEvents) || caller(process).may(.trace) else { throw .EPERM }
    let available = spaces.watchFeatures
    guard features.isSubset(of: available), !isEnabled(watcher) else { throw .EINVAL }
    spaces.watchers[watcher.place].features = features
    spaces.watchers[watcher.place].isEnabled = true
    return (available, [.register, .unregister, .api])
  }

  /// Whether UFFDIO_API has been called: before that, no other call is known.
  public func isEnabled(_ watcher: WatcherIndex) -> Bool { spaces.watchers[watcher.place].isEnabled }

  /// UFFDIO_REGISTER: begins to watch a range.
  ///
  /// - Returns: the calls that work on all of it.
  @_specialize(where P == SimulatedPlatform)
  public mutating func watch(
    _ watcher: WatcherIndex, _ address: VirtualAddress, length: UInt64, _ modes: WatchModes
  ) throws(Errno) -> WatchCalls {
    guard isEnabled(watcher) else { throw .EINVAL }
    return try spaces.watch(watcher, address, length: length, modes)
  }

  /// UFFDIO_UNREGISTER: ends the watch of a range, and wakes who waits there.
  @_specialize(where P == SimulatedPlatform)
  public mutating func unwatch(_ watcher: WatcherIndex, _ address: VirtualAddress, length: UInt64) throws(Errno) {
    guard isEnabled(watcher) else { throw .EINVAL }
    try spaces.unwatch(watcher, address, length: length)
    wake(watcher, address.page..<VirtualPage.end(of: address, length: length))
  }

  /// UFFDIO_WAKE: lets those who wait in a range try again.
  @_specialize(where P == SimulatedPlatform)
  public mutating func wake(_ watcher: WatcherIndex, _ address: VirtualAddress, length: UInt64) throws(Errno) {
    guard isEnabled(watcher) else { throw .EINVAL }
    wake(watcher, try spaces.watchableRange(watcher, address, length: length))
  }

  /// UFFDIO_COPY: supplies pages with contents from the memory of the process that calls.
  ///
  /// - Throws: what leaves the call's field as it is: `EAGAIN`, `EINVAL`, `ESRCH`.
  @_specialize(where P == SimulatedPlatform)
  public mutating func supply(
    _ watcher: WatcherIndex, by process: ProcessIndex, _ address: VirtualAddress, length: UInt64,
    from source: VirtualAddress, _ modes: SupplyModes
  ) throws(Errno) -> SupplyResult {
    try checkUnread(watcher)
    let range = try spaces.watchableRange(watcher, address, length: length)
    let sourceEnd = source.rawValue &+ length
    let end = spaces.watchers[watcher.place].end.address.rawValue
    let isChecked = spaces.settings.rules.contains(.supplyChecksSource)
    guard sourceEnd > source.rawValue, !isChecked || sourceEnd <= end,
      modes.isSubset(of: [.keepsWaiting, .writeProtected])
    else { throw .EINVAL }
    return try supply(watcher, by: process, range, .copy, from: source, modes)
  }

  /// UFFDIO_ZEROPAGE: supplies pages of zeros.
  @_specialize(where P == SimulatedPlatform)
  public mutating func supplyZeros(
    _ watcher: WatcherIndex, by process: ProcessIndex, _ address: VirtualAddress, length: UInt64, _ modes: SupplyModes
  ) throws(Errno) -> SupplyResult {
    try checkUnread(watcher)
    let range = try spaces.watchableRange(watcher, address, length: length)
    guard modes.isSubset(of: .keepsWaiting) else { throw .EINVAL }
    return try supply(watcher, by: process, range, .zero, from: VirtualAddress(0), modes)
  }

  /// UFFDIO_CONTINUE: maps the pages of shared memory that are there.
  @_specialize(where P == SimulatedPlatform)
  public mutating func supplyCached(
    _ watcher: WatcherIndex, by process: ProcessIndex, _ address: VirtualAddress, length: UInt64, _ modes: SupplyModes
  ) throws(Errno) -> SupplyResult {
    try checkUnread(watcher)
    let range = try spaces.watchableRange(watcher, address, length: length)
    let mayProtect = spaces.settings.rules.contains(.laterWatchCalls)
    guard modes.isSubset(of: mayProtect ? [.keepsWaiting, .writeProtected] : .keepsWaiting) else { throw .EINVAL }
    return try supply(watcher, by: process, range, .cached, from: VirtualAddress(0), modes)
  }

  /// UFFDIO_WRITEPROTECT: protects the pages of a range, or ends that and wakes who waits there.
  ///
  /// - Parameter keepsWaiting: UFFDIO_WRITEPROTECT_MODE_DONTWAKE.
  @_specialize(where P == SimulatedPlatform)
  public mutating func writeProtect(
    _ watcher: WatcherIndex, _ address: VirtualAddress, length: UInt64, isOn: Bool, keepsWaiting: Bool = false
  ) throws(Errno) {
    try checkUnread(watcher)
    let range = try spaces.watchableRange(watcher, address, length: length)
    guard !(isOn && keepsWaiting) else { throw .EINVAL }
    try spaces.protectWrites(watcher, range, isOn: isOn)
    if !isOn && !keepsWaiting { wake(watcher, range) }
  }

  /// read(2): the oldest fault or, if there is none, event that the watcher has not been told of.
  @_specialize(where P == SimulatedPlatform)
  public mutating func read(_ watcher: WatcherIndex) throws(Errno) -> WatchMessage {
    guard isEnabled(watcher) else { throw .EINVAL }
    if let index = waitingFaults.firstIndex(where: { $0.watcher == watcher && !$0.isRead }) {
      waitingFaults[index].isRead = true
      return .fault(waitingFaults[index])
    }
    guard let index = spaces.unreadEvents.firstIndex(where: { $0.watcher == watcher }) else { throw .EAGAIN }
    spaces.watchers[watcher.place].unreadEvents -= 1
    return .event(spaces.unreadEvents.remove(at: index).event)
  }

  /// The last close(2): areas are watched no more, and all who wait are woken.
  @_specialize(where P == SimulatedPlatform)
  public mutating func close(_ watcher: WatcherIndex) {
    spaces.closeWatcher(watcher)
    wake(watcher, VirtualPage(0)..<VirtualPage(.max))
  }

  // MARK: Parts

  private func checkUnread(_ watcher: WatcherIndex) throws(Errno) {
    guard isEnabled(watcher) else { throw .EINVAL }
    guard spaces.watchers[watcher.place].unreadEvents == 0 else { throw .EAGAIN }
  }

  private mutating func supply(
    _ watcher: WatcherIndex, by process: ProcessIndex, _ range: Range<VirtualPage>, _ supply: PageSupply,
    from source: VirtualAddress, _ modes: SupplyModes
  ) throws(Errno) -> SupplyResult {
    guard spaces.watchers[watcher.place].space != .none else { throw .ESRCH }
    var page = range.lowerBound
    var failure: Errno?
    do throws(Errno) {
      let protects = modes.contains(.writeProtected)
      let area = try spaces.areaToSupply(watcher, range, supply, writeProtected: protects)
      while page < range.upperBound {
        let done = (page - range.lowerBound) << UInt64(PageSize.shift)
        try supplyPage(area, page, supply, by: process, from: VirtualAddress(source.rawValue &+ done), protects)
        page = page + 1
      }
    } catch {
      failure = error
    }
    let bytes = (page - range.lowerBound) << UInt64(PageSize.shift)
    if bytes == 0, let failure { return SupplyResult(field: Int64(-failure.rawValue), error: failure) }
    if !modes.contains(.keepsWaiting) { wake(watcher, range.lowerBound..<page) }
    return SupplyResult(field: Int64(bytes), error: page == range.upperBound ? nil : .EAGAIN)
  }

  private mutating func supplyPage(
    _ area: UInt32, _ page: VirtualPage, _ supply: PageSupply, by process: ProcessIndex, from source: VirtualAddress,
    _ protects: Bool
  ) throws(Errno) {
    _ = try spaces.makePlace(spaces.areas[area].space, page)
    var frames: (FrameNumber, FrameNumber) = (.none, .none)
    if supply == .copy {
      let end = spaces.descriptors[try liveSpace(process).rawValue].end.address.rawValue
      guard source.rawValue <= end - PageSize.bytes,
        touch(process, source, length: PageSize.bytes, writes: false, on: processor) == .done
      else { throw .EFAULT }
      frames = (
        sourceFrame(process, source.page), sourceFrame(process, VirtualAddress(source.rawValue + PageSize.mask).page)
      )
    }
    try spaces.supply(area, page, supply, writeProtected: protects) { (spaces, frame) in
      if supply != .copy { return }
      spaces.translation.copyContents(of: frames.0, frames.1, from: source.rawValue & PageSize.mask, to: frame)
    }
  }

  private func sourceFrame(_ process: ProcessIndex, _ page: VirtualPage) -> FrameNumber {
    let root = spaces.descriptors[processes[process.rawValue].space.rawValue].context.root
    guard let place = spaces.translation.place(root, page) else { preconditionFailure("source page is missing") }
    return spaces.translation.entry(place).frame
  }

  /// Notes that an access waits, unless the kernel cannot let it wait.
  mutating func wait(_ fault: UserFault) -> AccessResult {
    if !waitingFaults.contains(where: {
      $0.process == fault.process && $0.page == fault.page && $0.kind == fault.kind && $0.watcher == fault.watcher
    }) {
      waitingFaults.append(fault)
    }
    return .waiting(fault)
  }

  mutating func endWait(_ fault: UserFault) {
    waitingFaults.removeAll { $0.process == fault.process && $0.page == fault.page && $0.kind == fault.kind }
  }

  /// Lets those who wait in a range try again (`fs/userfaultfd.c:wake_userfault`): their faults are taken once more, and
  /// count as major if that succeeds (`mm/memory.c:mm_account_fault`).
  private mutating func wake(_ watcher: WatcherIndex, _ range: Range<VirtualPage>) {
    guard !waitingFaults.isEmpty else { return }
    let woken = waitingFaults.filter { $0.watcher == watcher && range.contains($0.page) }
    waitingFaults.removeAll { $0.watcher == watcher && range.contains($0.page) }
    for waiting in woken {
      guard processes[waiting.process.rawValue].isAlive else { continue }
      let minor = processes[waiting.process.rawValue].minorFaults
      if fault(waiting.process, waiting.page, waiting.kind) == .done,
        processes[waiting.process.rawValue].minorFaults > minor
      {
        processes[waiting.process.rawValue].minorFaults = minor
        processes[waiting.process.rawValue].majorFaults += 1
      }
    }
  }
}
