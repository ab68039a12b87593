/// What things cost on the machine's own clock, in picoseconds.
///
/// The clock tells when things happen relative to each other; it is no prediction of a run's length. The
/// defaults are of the order measured on a 2.6 GHz AMD EPYC virtual machine: a page fault that finds its
/// page 0.7 µs, one that clears or copies a page 2 µs; and an NVMe disk of 80 µs and 2 GB/s.
public struct CostModel: Equatable, Sendable {
  /// One instruction whose data are at hand.
  public var instruction: UInt64 = 300
  /// A translation found in the second-level buffer.
  public var secondLevelHit: UInt64 = 2_500
  /// One entry read by a walk.
  public var walkReference: UInt64 = 4_000
  /// A page fault.
  public var fault: UInt64 = 1_000_000
  /// A request to the disk.
  public var diskRequest: UInt64 = 80_000_000
  /// Each page of it.
  public var diskPage: UInt64 = 2_000_000

  /// A page that reclaim looks at.
  public var scan: UInt64 = 150_000
  /// A page that reclaim frees.
  public var reclaim: UInt64 = 500_000

  public init() {}
}
