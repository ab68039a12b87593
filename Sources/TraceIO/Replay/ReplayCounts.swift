/// What went through a replay, and what the model could not follow.
public struct ReplayCounts: Equatable, Sendable {
  public var slices: UInt64 = 0
  /// Memory accesses of the program.
  public var accesses: UInt64 = 0
  /// Times execution entered a page.
  public var fetches: UInt64 = 0
  public var instructions: UInt64 = 0
  /// Accesses and fetches listed one by one; the others provably hit.
  public var listed: UInt64 = 0
  public var systemCalls: UInt64 = 0
  /// Calls that succeeded for the program and failed in the model.
  public var divergedCalls: UInt64 = 0
  /// Accesses where the model has no memory (the program has).
  public var refusedAccesses: UInt64 = 0
  /// Events of processes whose beginning was not seen.
  public var orphans: UInt64 = 0

  /// Events of children whose parents the model had killed before.
  public var eventsOfNeverBorn: UInt64 = 0

  public init() {}
}
