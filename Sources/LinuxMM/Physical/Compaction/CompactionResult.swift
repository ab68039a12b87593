/// How thorough a compaction is. Linux: `enum compact_priority`, `enum migrate_mode`.
enum CompactionPriority: Int, Comparable {
  /// Everything: the whole zone, also pageblocks that are marked as hopeless.
  case full = 0
  /// Waits, but not for I/O.
  case light = 1
  /// Gives up rather than wait.
  case asynchronous = 2

  /// The next more thorough one.
  ///
  /// - Parameter isCostly: for large blocks everything would be too much.
  func next(isCostly: Bool) -> CompactionPriority? {
    switch self {
    case .asynchronous: .light
    case .light: isCostly ? nil : .full
    case .full: nil
    }
  }

  static func < (left: CompactionPriority, right: CompactionPriority) -> Bool { left.rawValue < right.rawValue }
}

/// How a compaction ended; of several zones' results the largest counts. Linux: `enum compact_result`.
enum CompactionResult: Int, Comparable {
  case notSuitableZone = 0
  /// There is too little free memory, or enough.
  case skipped = 1
  /// It failed too often lately.
  case deferred = 2
  case noSuitablePage = 3
  /// It may go on. Linux: `COMPACT_CONTINUE`.
  case proceed = 4
  /// The whole zone was gone through without success.
  case complete = 5
  /// A part of the zone was.
  case partialSkipped = 6
  case contended = 7
  case success = 8

  static func < (left: CompactionResult, right: CompactionResult) -> Bool { left.rawValue < right.rawValue }
}
