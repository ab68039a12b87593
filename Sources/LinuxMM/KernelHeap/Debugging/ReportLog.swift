/// Reports that nobody has taken yet.
struct ReportLog {
  private var reports: [ObjectReport] = []
  /// Operations so far.
  private(set) var time: UInt64 = 0
  /// Reports beyond these are only counted.
  private static let most = 10_000
  private(set) var lost = 0

  mutating func add(_ report: ObjectReport) {
    if reports.count < Self.most { reports.append(report) } else { lost += 1 }
  }

  mutating func take() -> [ObjectReport] {
    let taken = reports
    reports = []
    return taken
  }

  /// The number of the next operation.
  mutating func tick() -> UInt64 {
    time += 1
    return time
  }
}
