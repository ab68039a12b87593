import ArgumentParser
import Reporting
import TraceIO

/// `quire replay`: the report of `run` from a recording.
struct Replay: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a recording on the described machine.",
    discussion: """
      Needs no QEMU. The same recording on the same machine gives the same report, but for the time it took here.

      EXAMPLES
        quire replay Samples/gzip.quire
        quire replay --ram 32M --set tlb.l2=1024:8 -O json Samples/gzip.quire
        zstdcat old.quire.zst | quire replay -
      """)

  @OptionGroup var machineOptions: MachineOptions
  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var stateOptions: StateOptions

  @Argument(help: "The recording, or '-' for standard input.")
  var file: String

  func run() throws {
    try reportingFailures {
      let configuration = try machineOptions.configuration()
      var reader = try RecordingReader(try ByteFile.reading(file))
      var replayer = Replayer(try makeMachine(configuration))
      var progress = Progress()
      var keeper = StateKeeper(stateOptions)
      let begin = ContinuousClock.now
      var incomplete: TraceError?
      do throws(TraceError) {
        while let start = try reader.nextSlice() {
          try replayer.consume(reader.block, at: start)
          progress.update(replayer)
          keeper.look(replayer.machine)
        }
      } catch {
        incomplete = error
      }
      progress.end()
      replayer.finish()
      try keeper.finish(replayer.machine)
      let report = Report(
        replayer, head: reader.head, exitStatus: reader.exitStatus,
        hostNanoseconds: begin.nanosecondsToNow, incomplete: incomplete.map { "\($0)" })
      try outputOptions.write(report, toError: false)
      if let incomplete { throw incomplete }
      return 0
    }
  }
}
