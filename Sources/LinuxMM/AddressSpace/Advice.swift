/// What a program tells about its use of memory. Linux: `MADV_*`, with the kernel's values.
public enum Advice: Int32, Sendable {
  case normal = 0
  case random = 1
  case sequential = 2
  case willNeed = 3
  case dontNeed = 4
  case free = 8
  case remove = 9
  case dontFork = 10
  case doFork = 11
  case mergeable = 12
  case unmergeable = 13
  case hugePage = 14
  case noHugePage = 15
  case dontDump = 16
  case doDump = 17
  case wipeOnFork = 18
  case keepOnFork = 19
  case cold = 20
  case pageOut = 21
  case populateRead = 22
  case populateWrite = 23
  case dontNeedLocked = 24
  case collapse = 25
  case poison = 100
  case softOffline = 101

  /// Whether one process may give it about another's memory (`mm/madvise.c:process_madvise_behavior_valid`).
  var isForOthers: Bool {
    switch self {
    case .cold, .pageOut, .willNeed, .collapse: true
    default: false
    }
  }
}
