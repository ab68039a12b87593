import TraceIO

/// One of the programs on a machine, as the slices of its events: it runs now, or was recorded.
final class ProgramStream {
  enum Phase {
    case planned, running, ended
  }

  let program: Workload.Program
  private(set) var phase = Phase.planned
  /// Whether it sleeps, as long as no slice comes.
  var isAsleep = false
  private var live: LiveStream?
  private var reader: RecordingReader<ByteFile>?
  private let path: ProgramPath?
  private let listsAll: Bool
  /// The newest slice.
  private(set) var bytes: [UInt8] = []
  private(set) var start = 0

  /// Finds the program, or opens its recording.
  init(_ program: Workload.Program, listsAll: Bool) throws {
    self.program = program
    self.listsAll = listsAll
    switch program.origin {
    case .command(let words): path = try ProgramPath(words)
    case .recording(let file):
      path = nil
      let source = try ByteFile.reading(file)
      do throws(TraceError) { reader = try RecordingReader(source) } catch {
        throw Failure(.damagedInput, "'\(file)': \(error)")
      }
    }
  }

  func begin() throws {
    phase = .running
    if let path { live = try LiveStream(path, listsAll: listsAll) }
  }

  /// Takes the next slice; one that runs may have none yet.
  ///
  /// - Parameter waits: whether to wait a little for it.
  /// - Returns: whether there was one.
  func next(waits: Bool) throws(TraceError) -> Bool {
    bytes = []
    if path != nil {
      guard try live?.next(waits: waits) == true else { return false }
      bytes = live?.slice ?? []
      start = 0
      return true
    }
    guard let place = try reader?.nextSlice() else {
      phase = .ended
      return false
    }
    bytes = reader!.block
    start = place
    return true
  }

  /// Looks whether a program that has no slice has ended.
  ///
  /// - Parameters:
  ///   - others: processes whose end was not seen in the stream.
  ///   - awaitsChildren: whether a child was announced that has not said anything yet.
  func look(others: [UInt32], awaitsChildren: Bool) {
    if live?.mayBeOver == true, live?.isOver(others: others, awaitsChildren: awaitsChildren) == true { phase = .ended }
  }

  /// Whether a program that has no slice is about to make one.
  func isBusy(_ processes: [UInt32]) -> Bool {
    guard path != nil else { return false }
    return processes.isEmpty || processes.contains { TracedProgram.isBusy($0) }
  }

  /// Kills a process, as the model has. What was recorded cannot be killed.
  func kill(_ pid: UInt32) { live?.program.kill(pid) }

  /// Ends the program because this command cannot go on.
  func abandon() { live?.abandon() }

  /// The process number of a program that runs or ran here.
  var pid: UInt32? { (live?.program.pid).map { UInt32($0) } }

  var exitStatus: Int32? { path != nil ? live?.program.exitStatus : reader?.exitStatus }

  var head: RecordingHead {
    reader?.head ?? RecordingHead(arguments: path?.arguments ?? [], listsAll: listsAll)
  }
}
