/// How long the processes of a control group, or of the machine, have made no progress for want of memory. Linux:
/// `struct psi_group`, the part of it that `memory.pressure` and `/proc/pressure/memory` show.
struct StallAccount: BitwiseCopyable {
  /// Processes that wait for memory, and those that make progress.
  private(set) var stalled: Int32 = 0
  private var productive: Int32 = 0
  /// Up to when all is counted, in picoseconds.
  private var since: UInt64 = 0
  /// With at least one process stalled, and with none that makes progress beside it, in picoseconds. Linux: `PSI_MEM_SOME`,
  /// `PSI_MEM_FULL`.
  private(set) var some: UInt64 = 0
  private(set) var full: UInt64 = 0
  /// When the averages are due, the totals that they know of, and they themselves, as fixed-point percentages of 10, 60 and
  /// 300 seconds, first those of `some`.
  private var due = Self.period
  private var known: InlineArray<2, UInt64> = [0, 0]
  private var averages = InlineArray<6, UInt64>(repeating: 0)

  /// 2.004 s. Linux: `PSI_FREQ` at 250 Hz.
  private static let period: UInt64 = 2_004_000_000_000
  /// Linux: `EXP_10s`, `EXP_60s`, `EXP_300s` of `kernel/sched/psi.c`, in parts of `FIXED_1`.
  private static let decays: InlineArray<3, UInt64> = [1677, 1981, 2034]
  private static let one: UInt64 = 2048
  /// After so many periods without a stall nothing is left of the averages.
  private static let longest: UInt64 = 3000

  /// Counts the time up to `now`, in which nothing has changed.
  mutating func settle(at now: UInt64) {
    if due <= now && now - due > Self.period &* Self.longest && stalled == 0 {
      averages = InlineArray(repeating: 0)
      due = now &+ Self.period
    }
    while due <= now {
      count(until: due)
      average()
      due &+= Self.period
    }
    count(until: now)
  }

  private mutating func count(until now: UInt64) {
    guard now > since else { return }
    if stalled > 0 {
      some &+= now - since
      if productive == 0 { full &+= now - since }
    }
    since = now
  }

  /// Linux: `update_averages`, `calc_avgs`.
  private mutating func average() {
    for kind in 0..<2 {
      let total = kind == 0 ? some : full
      let sample = min(total - known[kind], Self.period)
      known[kind] = total
      let percentage = sample &* 100 / Self.period &* Self.one
      for span in 0..<3 {
        let old = averages[kind * 3 + span]
        let decay = Self.decays[span]
        let next = old &* decay &+ percentage &* (Self.one - decay)
        averages[kind * 3 + span] = (percentage >= old ? next + Self.one - 1 : next) / Self.one
      }
    }
  }

  mutating func changeStalled(by change: Int32, at now: UInt64) {
    settle(at: now)
    stalled += change
  }

  mutating func changeProductive(by change: Int32, at now: UInt64) {
    settle(at: now)
    productive += change
  }

  /// Adds what another processor will have spent, when it is not known as it goes.
  mutating func addSome(_ time: UInt64, at now: UInt64) {
    settle(at: now)
    some &+= time
  }

  /// The figures as of the last settling.
  var figures: PressureFigures {
    func average(_ place: Int) -> Double { Double(averages[place] * 100 / Self.one) / 100 }
    return PressureFigures(
      some: PressureFigures.Line(
        average10: average(0), average60: average(1), average300: average(2), totalNanoseconds: some / 1000),
      full: PressureFigures.Line(
        average10: average(3), average60: average(4), average300: average(5), totalNanoseconds: full / 1000))
  }
}

/// Pressure stall information of memory: how much time was lost for want of it.
public struct PressureFigures: Equatable, Sendable {
  public struct Line: Equatable, Sendable {
    /// Percentages of the last 10, 60 and 300 seconds.
    public var average10: Double
    public var average60: Double
    public var average300: Double
    public var totalNanoseconds: UInt64
  }

  /// At least one process waited for memory.
  public var some: Line
  /// All that were not idle did.
  public var full: Line
}
