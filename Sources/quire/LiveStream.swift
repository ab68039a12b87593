import Glibc
import TraceIO

/// The slices of a running program as they come, until the last traced process has ended.
struct LiveStream: ~Copyable {
  let program: TracedProgram
  private let ring: Ring
  /// The newest slice.
  private(set) var slice: [UInt8] = []
  /// Looks in vain since the last slice.
  private var idle: UInt32 = 0
  /// When a slice was first seen that is announced and not whole.
  private var stuckSince: ContinuousClock.Instant?

  init(_ path: ProgramPath, listsAll: Bool, outputToError: Bool = false) throws {
    let ring = try Ring()
    program = try TracedProgram(path, ring: ring, listsAll: listsAll, outputToError: outputToError)
    self.ring = ring
  }

  /// Takes the next slice into `slice`.
  ///
  /// - Parameter waits: whether to wait a little if there is none.
  /// - Returns: whether there was one.
  mutating func next(waits: Bool = true) throws(TraceError) -> Bool {
    if try ring.next(&slice) {
      idle = 0
      stuckSince = nil
      return true
    }
    if ring.isEmpty {
      stuckSince = nil
    } else if let since = stuckSince {
      // A writer needs microseconds; one that takes so long has been killed.
      if since.duration(to: .now) > .seconds(5) { throw .lostWriter }
    } else {
      stuckSince = .now
    }
    program.poll()
    idle += 1
    if waits { usleep(idle < 50 ? 50 : 500) }
    return false
  }

  /// Whether the first process has ended and nothing came since, so that only other processes can be running.
  var mayBeOver: Bool { program.waitStatus != nil && idle > 2 }

  /// Whether the stream has ended.
  ///
  /// - Parameters:
  ///   - others: processes whose end was not seen in the stream.
  ///   - awaitsChildren: whether a child was announced that has not said anything yet. It gets a second.
  func isOver(others: [UInt32], awaitsChildren: Bool) -> Bool {
    if TracedProgram.isToEnd { return true }
    if others.contains(where: { TracedProgram.isRunning($0) }) { return false }
    if awaitsChildren && idle < 2000 { return false }
    return ring.isEmpty
  }

  /// Ends the program because this command cannot go on.
  func abandon() {
    ring.closeForWriters()
    if program.waitStatus == nil { program.kill() }
  }
}
