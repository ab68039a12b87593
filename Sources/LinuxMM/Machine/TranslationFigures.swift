/// What a process's or an area's accesses did in the translation buffers, from the first level's misses on.
public struct TranslationFigures: Equatable, Sendable, BitwiseCopyable {
  /// Accesses that the first level did not have.
  public var misses: UInt64 = 0
  public var secondLevelHits: UInt64 = 0
  public var walks: UInt64 = 0
  /// Entries read by the walks.
  public var walkReferences: UInt64 = 0

  public init() {}

  /// The machine's figures so far, of which two differ by what happened in between.
  init(_ statistics: borrowing TLBStatistics) {
    misses = statistics.firstLevelMisses
    secondLevelHits = statistics.secondLevelHits
    walks = statistics.walks
    walkReferences = statistics.walkReferences
  }

  mutating func add(_ now: TranslationFigures, since before: TranslationFigures) {
    misses &+= now.misses &- before.misses
    secondLevelHits &+= now.secondLevelHits &- before.secondLevelHits
    walks &+= now.walks &- before.walks
    walkReferences &+= now.walkReferences &- before.walkReferences
  }
}

/// The figures of one area, which follow it: parts of a split area share them, and an area that takes in its neighbours
/// keeps its own.
public struct AreaFigures: Sendable, BitwiseCopyable {
  /// Whose area it is; of a shared address space the process that used it first.
  public var process: ProcessIndex
  /// The pages it ever covered when it was looked at.
  public var start: VirtualPage
  public var end: VirtualPage
  public var flags: AreaFlags
  public var kind: Kind
  public var figures = TranslationFigures()
  /// The address space, by ``TranslationContext/identifier``.
  var space: UInt64

  /// What an area is to its program.
  public enum Kind: Equatable, Sendable, BitwiseCopyable {
    case anonymous
    case heap
    case stack
    case sharedMemory
    case file(FileIdentity)
  }

  /// So many areas have figures of their own; those that come later count with their processes only.
  static let most = 65536
}

/// A process and an area of it to which the machine's figures go from some moment on: as long as its accesses follow each
/// other, nothing has to be counted twice.
struct TranslationOwner: BitwiseCopyable {
  var process: ProcessIndex?
  var area = AreaLookaside()
  /// The machine's figures when it began.
  var since = TranslationFigures()
}

/// An area that was used lately and where its figures are, so that most misses and faults need not look for their area.
struct AreaLookaside: BitwiseCopyable {
  static let count = 256

  /// ``AddressSpaces/areaChanges`` when it was noted.
  var changes: UInt64 = 0
  var space: UInt64 = 0
  var start = VirtualPage(0)
  var end = VirtualPage(0)
  /// The area itself.
  var area = AreaTree.none
  var figures = Area.noFigures

  @inline(__always)
  static func index(_ space: UInt64, _ page: VirtualPage) -> Int {
    Int(truncatingIfNeeded: page.rawValue >> 4 ^ space &* 37) & (count - 1)
  }

  @inline(__always)
  func holds(_ page: VirtualPage, _ changes: UInt64) -> Bool {
    self.changes == changes && !(page < start) && page < end
  }
}
