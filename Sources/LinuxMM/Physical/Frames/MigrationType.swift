/// What kind of use a pageblock is kept for, so that what cannot move does not stand in the way of large blocks.
///
/// Linux: `enum migratetype`, with CMA configured.
public enum MigrationType: UInt8, CaseIterable, Sendable, BitwiseCopyable {
  /// The kernel's own data, which stays where it is.
  case unmovable = 0
  /// Pages whose mappings are known, so that they can be moved.
  case movable = 1
  /// Caches that are given back under pressure.
  case reclaimable = 2
  /// A reserve for requests that cannot wait and need more than one page.
  case highAtomic = 3
  /// A contiguous area that lends its pages to movable allocations. Linux: `MIGRATE_CMA`.
  case contiguous = 4
  /// Being emptied: nothing is allocated from it. Linux: `MIGRATE_ISOLATE`.
  case isolated = 5

  static let count = 6

  /// The types that requests have, and that the processors' lists keep apart. Linux: `MIGRATE_PCPTYPES`.
  static let requestCount = 3

  /// Whether a request can have this type.
  @inline(__always)
  var isRequested: Bool { rawValue < 3 }

  /// Where a request of this type looks when its own lists are empty (`mm/page_alloc.c:fallbacks`).
  @inline(__always)
  var fallbacks: (MigrationType, MigrationType) {
    switch self {
    case .unmovable: (.reclaimable, .movable)
    case .movable: (.reclaimable, .unmovable)
    default: (.unmovable, .movable)
    }
  }

  /// The name in `/proc/pagetypeinfo`.
  public var name: StaticString {
    switch self {
    case .unmovable: "Unmovable"
    case .movable: "Movable"
    case .reclaimable: "Reclaimable"
    case .highAtomic: "HighAtomic"
    case .contiguous: "CMA"
    case .isolated: "Isolate"
    }
  }

  /// The letter in the kernel's reports. Linux: `show_migration_types`.
  public var letter: UInt8 {
    switch self {
    case .unmovable: UInt8(ascii: "U")
    case .movable: UInt8(ascii: "M")
    case .reclaimable: UInt8(ascii: "E")
    case .highAtomic: UInt8(ascii: "H")
    case .contiguous: UInt8(ascii: "C")
    case .isolated: UInt8(ascii: "I")
    }
  }
}
