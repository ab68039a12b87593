/// How a page fault ended.
public enum FaultOutcome: Equatable, Sendable {
  /// Resolved from memory.
  case minor
  /// Resolved after reading from a disk, or after a reading that was only begun.
  case major
  /// The page is marked to learn who uses it. The machine, which knows who that is, goes on with the fault; no access ends
  /// so.
  case hint
  /// No area there: SIGSEGV with SEGV_MAPERR.
  case notMapped
  /// The area does not permit it: SIGSEGV with SEGV_ACCERR.
  case notPermitted
  /// Beyond the end of the file: SIGBUS with BUS_ADRERR.
  case beyondEndOfFile
  /// A page that could not be read back from swap: SIGBUS with BUS_ADRERR.
  case unreadable
  /// A page of a watched area whose watcher wants no waiting: SIGBUS with BUS_ADRERR (`UFFD_FEATURE_SIGBUS`).
  case refusedByWatcher
  /// A page of a watched area, which a userfaultfd has to supply or release.
  case watched(WatcherIndex, WatchReason)
  /// The page is being read, and others run meanwhile: the fault is to be taken again at this time of the clock.
  case reading(until: UInt64, isMajor: Bool)
  /// No frame could be had.
  case outOfMemory
}
