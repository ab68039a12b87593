/// Reports that nobody has taken yet. Threads may add some at once.
final class ReportLog: @unchecked Sendable {
  private let lock = SpinLock()
  private var reports: [ObjectReport] = []
  private var operations: UInt64 = 0
  /// Reports beyond these are only counted.
  private static let most = 10_000
  private(set) var lost = 0

  func add(_ report: ObjectReport) {
    lock.lock()
    if reports.count < Self.most { reports.append(report) } else { lost += 1 }
    lock.unlock()
  }

  func take() -> [ObjectReport] {
    lock.lock()
    defer { lock.unlock() }
    let taken = reports
    reports = []
    return taken
  }

  /// Operations so far.
  var time: UInt64 {
    lock.lock()
    defer { lock.unlock() }
    return operations
  }

  /// The number of the next operation.
  func tick() -> UInt64 {
    lock.lock()
    defer { lock.unlock() }
    operations += 1
    return operations
  }
}
