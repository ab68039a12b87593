/// The machine at a moment, for the time series.
public struct Sample: Equatable, Sendable {
  public var nanoseconds: UInt64
  /// Pages resident in all processes; a page in two counts twice.
  public var resident: Int
  public var free: Int
  public var cached: Int
  public var swapUsed: Int
  public var faults: UInt64
  public var majorFaults: UInt64
  /// Pages that reclaim has looked at, and taken, so far.
  public var scanned: UInt64
  public var stolen: UInt64
  /// Time lost for want of memory so far, in nanoseconds.
  public var someStalled: UInt64
  public var allStalled: UInt64
}

/// Keeps at most 512 samples at even distances, however long the run.
public struct SampleSeries: Sendable {
  public private(set) var samples: [Sample] = []
  private var interval: UInt64 = 100_000
  private var due: UInt64 = 0

  init() {}

  func isDue(_ nanoseconds: UInt64) -> Bool { nanoseconds >= due }

  mutating func add(_ sample: Sample) {
    samples.append(sample)
    due = sample.nanoseconds + interval
    if samples.count == 512 {
      interval *= 2
      samples = samples.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
    }
  }
}
