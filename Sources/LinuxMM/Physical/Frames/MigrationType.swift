/// What kind of use a pageblock is kept for, so that what cannot move does not stand in the way of large blocks.
///
/// Linux: `enum migratetype`, with CMA configured.
public struct MigrationType: Hashable, CaseIterable, Sendable, BitwiseCopyable {
  /// The kernel's number with CMA configured.
  public let rawValue: UInt8

  /// - Parameter rawValue: 0 to 5.
  @inline(__always)
  init(_ rawValue: UInt8) { self.rawValue = rawValue }

  /// The type of a number, or `nil` if there is none.
  public init?(rawValue: UInt8) {
    guard rawValue < 6 else { return nil }
    self.rawValue = rawValue
  }

  /// The kernel's own data, which stays where it is.
  public static let unmovable = MigrationType(0)
  /// Pages whose mappings are known, so that they can be moved.
  public static let movable = MigrationType(1)
  /// Caches that are given back under pressure.
  public static let reclaimable = MigrationType(2)
  /// A reserve for requests that cannot wait and need more than one page.
  public static let highAtomic = MigrationType(3)
  /// A contiguous area that lends its pages to movable allocations. Linux: `MIGRATE_CMA`.
  public static let contiguous = MigrationType(4)
  /// Being emptied: nothing is allocated from it. Linux: `MIGRATE_ISOLATE`.
  public static let isolated = MigrationType(5)

  public static var allCases: [MigrationType] {
    [.unmovable, .movable, .reclaimable, .highAtomic, .contiguous, .isolated]
  }

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
    default: "Isolate"
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
    default: UInt8(ascii: "I")
    }
  }
}
