import Foundation
import Glibc

/// A line on the terminal that tells how far a long run is; nothing in a pipe.
struct Progress {
  private let isShown: Bool
  private let start = ContinuousClock.now
  private var shown: ContinuousClock.Instant
  private var hasLine = false

  init() {
    isShown = isatty(2) == 1
    shown = start
  }

  /// Shows the counts, at most every half second.
  mutating func update(
    accesses: UInt64, residentPages: Int, faults: UInt64, of total: UInt64? = nil
  ) {
    guard isShown else { return }
    let now = ContinuousClock.now
    guard shown.duration(to: now) > .milliseconds(500) else { return }
    shown = now
    let seconds = start.duration(to: now) / .seconds(1)
    let share = total.map { $0 > 0 ? " (\(accesses * 100 / $0) %)" : "" } ?? ""
    let text = String(
      format: "%.0f M accesses%@, %.0f M/s, RSS %.1f MiB, %llu faults", Double(accesses) / 1e6, share,
      Double(accesses) / 1e6 / max(seconds, 0.001), Double(residentPages) / 256, faults)
    FileHandle.standardError.write(Data("\r\u{1b}[Kquire: \(text)".utf8))
    hasLine = true
  }

  /// Clears the line.
  mutating func end() {
    if hasLine { FileHandle.standardError.write(Data("\r\u{1b}[K".utf8)) }
    hasLine = false
  }
}
