/// The settings of NUMA balancing under the kernel's names.
public struct BalancingSettings: Equatable, Sendable, BitwiseCopyable {
  /// `kernel.numa_balancing`; `nil` is the kernel's own choice: on where there is more than one node.
  public var isOn: Bool?
  /// `scan_delay_ms` below `/sys/kernel/debug/sched/numa_balancing`: how old a process gets before its memory is looked
  /// at.
  public var scanDelay: UInt64 = 1000
  /// `scan_period_min_ms`, `scan_period_max_ms`: the least and the most time for going through all of a process's memory.
  public var shortestPeriod: UInt64 = 1000
  public var longestPeriod: UInt64 = 60_000
  /// `scan_size_mb`: how much is marked at a time, at least 1.
  public var scanSize: UInt64 = 256

  public init() {}
}

/// What NUMA balancing knows of the whole machine.
struct Balancing {
  var settings: BalancingSettings
  let nodeCount: Int
  /// When the scheduler's next tick is; never while balancing is off.
  var nextTick: UInt64 = .max
  /// Who runs, where, and since when. Linux: the run queue's `curr`.
  var running: ProcessIndex?
  var processor = 0
  var runningSince: UInt64 = 0
  /// Hint faults by process and node, four figures each. Linux: `task_struct.numa_faults`.
  private var figures: [HintFigures] = []

  /// A tick in picoseconds: 250 a second, as Debian's kernels have it. Linux: `TICK_NSEC`.
  static let tick: UInt64 = 4_000_000_000
  /// Ticks in a second. Linux: `HZ`.
  static let frequency: UInt64 = 250

  @inline(__always)
  var isOn: Bool { nextTick != .max }

  init(_ settings: BalancingSettings, nodeCount: Int) {
    self.settings = settings
    self.nodeCount = nodeCount
    if settings.isOn ?? (nodeCount > 1) { nextTick = Self.tick }
  }

  /// Milliseconds as ticks, rounded up. Linux: `msecs_to_jiffies`.
  static func ticks(milliseconds: UInt64) -> UInt64 { (milliseconds * frequency + 999) / 1000 }

  /// The figures of a process on a node; zero if it never had a hint fault.
  subscript(process: ProcessIndex, node: Int) -> HintFigures {
    get {
      let index = Int(process.rawValue) * nodeCount + node
      return index < figures.count ? figures[index] : HintFigures()
    }
    set {
      let index = Int(process.rawValue) * nodeCount + node
      while figures.count <= index { figures.append(HintFigures()) }
      figures[index] = newValue
    }
  }
}

/// Hint faults of a process on the memory of one node. Linux: `NUMA_MEM` and `NUMA_MEMBUF` of `enum numa_faults_stats`.
struct HintFigures: BitwiseCopyable {
  /// Of the passes before, each counting half as much as the one after it: on pages that others use too, and on others.
  var shared = 0
  var own = 0
  /// Of this pass.
  var newShared = 0
  var newOwn = 0
}

/// What NUMA balancing knows of a process. Linux: the `numa_` fields of `struct task_struct`; a process is one task here.
struct TaskBalance: BitwiseCopyable {
  /// Picoseconds it has run, as far as ticks have told. Linux: `sum_exec_runtime`.
  var runTime: UInt64 = 0
  /// The run time at which the last period began. Linux: `node_stamp`.
  var stamp: UInt64 = 0
  /// Milliseconds between scans; 0 is the scan's delay. Linux: `numa_scan_period`.
  var period: UInt64 = 0
  /// Linux: `numa_scan_period_max`.
  var longestPeriod: UInt64 = 0
  /// Passes over its memory that its figures have taken note of. Linux: `numa_scan_seq`.
  var passes: UInt64 = 0
  /// The node that most of its faulting memory is on. Linux: `numa_preferred_nid`.
  var preferredNode: Int?
  /// Not before this tick is the preferred node looked for again. Linux: `numa_migrate_retry`.
  var retry: UInt64 = 0
  /// Hint faults on other nodes' memory, on the own node's, and moves that failed. Linux: `numa_faults_locality`.
  var remoteFaults: UInt64 = 0
  var localFaults: UInt64 = 0
  var failedMoves: UInt64 = 0
  /// Linux: `numa_pages_migrated`.
  var movedPages: UInt64 = 0
  /// Where it was seen running last.
  var node: Int?
  /// Whether it ever had a hint fault. Linux: `numa_faults`.
  var hasFaulted = false
}
