/// A memory control group: processes whose memory is counted and limited together. Linux: `struct mem_cgroup`, version 2.
struct ControlGroup: BitwiseCopyable {
  /// The group above it; the root is its own.
  var parent: UInt16
  var firstChild: UInt16 = 0
  var nextSibling: UInt16 = 0
  var limits: GroupLimits
  /// Pages charged to it and the groups below it. Linux: `memory.current`, `memory.peak`.
  var usage = 0
  var peak = 0
  /// Slots of swap. Linux: `memory.swap.current`.
  var swapUsage = 0
  /// What of its protection holds, since its parents' is shared. Linux: `emin`, `elow`.
  var effectiveMinimum = 0
  var effectiveLow = 0
  var events = GroupEvents()
}

/// The settings of a control group, in pages. Linux: the files of the same names.
public struct GroupLimits: Equatable, Sendable, BitwiseCopyable {
  /// `memory.min`: memory that is never taken from it.
  public var minimum = 0
  /// `memory.low`: memory that is taken only if others have none.
  public var low = 0
  /// `memory.high`: beyond it its processes are slowed down and reclaim.
  public var high = Int.max
  /// `memory.max`: it never has more.
  public var maximum = Int.max
  /// `memory.swap.max`.
  public var swapMaximum = Int.max
  /// `memory.oom.group`: whether all its processes are killed together.
  public var killsTogether = false

  public init() {}
}

/// What happened to a group. Linux: `memory.events`.
public struct GroupEvents: Equatable, Sendable, BitwiseCopyable {
  public var low: UInt64 = 0
  public var high: UInt64 = 0
  public var maximum: UInt64 = 0
  public var outOfMemory: UInt64 = 0
  public var kills: UInt64 = 0
  public var groupKills: UInt64 = 0

  public init() {}
}

/// A control group's place in the machine; 0 is the root.
public struct GroupIndex: Hashable, Sendable, BitwiseCopyable {
  let rawValue: UInt16
  public static let root = GroupIndex(rawValue: 0)
}
