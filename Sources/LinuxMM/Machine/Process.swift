/// A process's place in the machine.
public struct ProcessIndex: Hashable, Sendable, BitwiseCopyable {
  let rawValue: UInt32

  init(_ rawValue: UInt32) { self.rawValue = rawValue }
}

/// A process, by what its memory shows. Linux: `struct signal_struct` and `mm_struct` of a thread group.
public struct Process: Sendable, BitwiseCopyable {
  /// `nil` after its end.
  public internal(set) var space: SpaceIndex
  /// Linux: `min_flt`.
  public internal(set) var minorFaults: UInt64 = 0
  /// Linux: `maj_flt`.
  public internal(set) var majorFaults: UInt64 = 0
  /// The most pages ever resident, in any of the images it ran. Linux: `ru_maxrss` / 4.
  public internal(set) var peakResident = 0
  /// Resident pages; after the end those it had then.
  public internal(set) var resident = 0
  /// The most pages its last image ever had mapped. Linux: `VmPeak`.
  public internal(set) var peakTotal: UInt64 = 0
  /// The page tables of the last image, in pages.
  public internal(set) var tablePages = 0
  /// Whether the machine killed it for want of memory.
  public internal(set) var outOfMemoryKilled = false
  /// Pages that are in swap; after the end those it had then.
  public internal(set) var swapped = 0
  /// Linux: `oom_score_adj`.
  public internal(set) var outOfMemoryAdjustment: Int16 = 0
  /// Accesses the machine could not carry out: SIGSEGV or SIGBUS in the model.
  public internal(set) var refusedAccesses: UInt64 = 0
  /// What its accesses did in the translation buffers.
  public internal(set) var translation = TranslationFigures()

  /// The number it is known by outside, if it was told.
  public internal(set) var identifier: UInt32 = 0

  var group: UInt16 = 0
  /// Whether a fault that began to read a page has not come back yet.
  var owesMajorFault = false
  var caller = Caller()
  var balance = TaskBalance()

  public var isAlive: Bool { space != .none }
}
