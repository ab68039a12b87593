/// How far one attempt to find frames may go. Linux: `ALLOC_*` (`mm/internal.h`).
struct AttemptFlags: OptionSet, BitwiseCopyable {
  var rawValue: UInt32

  // The mark to be kept, see ``level``: 0 is the minimum.
  static let low = AttemptFlags(rawValue: 1)
  static let highMark = AttemptFlags(rawValue: 2)
  /// No mark is kept.
  static let noWatermarks = AttemptFlags(rawValue: 0x04)
  /// For the victim of an out-of-memory kill, so that it can end.
  static let outOfMemoryVictim = AttemptFlags(rawValue: 0x08)
  /// The caller cannot reclaim.
  static let nonBlocking = AttemptFlags(rawValue: 0x10)
  /// May use half of the minimum.
  static let minimumReserve = AttemptFlags(rawValue: 0x20)
  /// Only nodes of the cpuset.
  static let cpuset = AttemptFlags(rawValue: 0x40)
  /// Contiguous areas may lend pages.
  static let contiguous = AttemptFlags(rawValue: 0x80)
  /// Rather another zone than a mixed pageblock.
  static let noFragment = AttemptFlags(rawValue: 0x100)
  /// May use the pageblocks kept for those who cannot wait.
  static let highAtomic = AttemptFlags(rawValue: 0x200)
  /// Wakes the background reclaimer.
  static let kswapd = AttemptFlags(rawValue: 0x800)

  /// Any right to a reserve.
  static let reserves: AttemptFlags = [.nonBlocking, .minimumReserve, .highAtomic, .outOfMemoryVictim]

  @inline(__always)
  var level: WatermarkLevel {
    switch rawValue & 3 {
    case 1: .low
    case 2: .high
    default: .minimum
    }
  }
}
