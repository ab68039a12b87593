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

  init(_ path: ProgramPath, listsAll: Bool) throws {
    let ring = try Ring()
    program = try TracedProgram(path, ring: ring, listsAll: listsAll)
    self.ring = ring
  }

  /// Takes the next slice into `slice`; waits a little if there is none.
  ///
  /// - Returns: whether there was one.
  mutating func next() throws(TraceError) -> Bool {
    if try ring.next(&slice) {
      idle = 0
      return true
    }
    program.poll()
    idle += 1
    usleep(idle < 50 ? 50 : 500)
    return false
  }

  /// Whether the first process has ended and nothing came since, so that only other processes can be running.
  var mayBeOver: Bool { program.waitStatus != nil && idle > 2 }

  /// Whether the stream has ended.
  ///
  /// - Parameter others: processes whose end was not seen in the stream.
  /// - Throws: `lostWriter` if a slice was begun by a process that is gone.
  func isOver(others: [UInt32]) throws(TraceError) -> Bool {
    if others.contains(where: { TracedProgram.isRunning($0) }) { return false }
    if ring.isEmpty { return true }
    if idle > 2000 { throw .lostWriter }
    return false
  }

  /// Ends the program because this command cannot go on.
  func abandon() {
    ring.closeForWriters()
    if program.waitStatus == nil { program.kill() }
  }
}
