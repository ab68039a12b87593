import ArgumentParser
import HostMemory
import LinuxMM
import Reporting
import TraceIO

/// `quire run`: a program on the described machine, live.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a program on the described machine.",
    discussion: """
      The program runs as usual, with your terminal and files, while every memory access, system call and child goes \
      through the model. The report comes when it has ended, on standard error unless -o names a file.

      EXAMPLES
        quire run --ram 256M -- python3 app.py
        quire run --ram 64M --page-cache warm -O json -o report.json -- sort big.txt
        quire run --machine small.yaml --set tlb.l1d=32:4 -- sh -c 'gzip -k file && wc -c file.gz'
      """)

  @OptionGroup var machineOptions: MachineOptions
  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var stateOptions: StateOptions

  @Flag(
    help: """
      Leave no access out of the stream: several times slower and larger, and only needed for first-level TLBs of \
      fewer than 16 sets or 4 ways.
      """)
  var allAccesses = false

  @Argument(parsing: .postTerminator, help: "The program and its arguments, after '--'.")
  var program: [String] = []

  func run() throws {
    try reportingFailures {
      let configuration = try machineOptions.configuration()
      let path = try ProgramPath(program)
      var replayer = Replayer(try makeProgramMachine(configuration))
      var progress = Progress()
      var keeper = StateKeeper(stateOptions)
      var stream = try LiveStream(path, listsAll: allAccesses)
      let start = ContinuousClock.now
      var incomplete: TraceError?
      do throws(TraceError) {
        while true {
          if try stream.next() {
            try replayer.consume(stream.slice)
            progress.update(replayer)
            keeper.look(&replayer)
            for process in replayer.takeKilled() { stream.program.kill(process.pid) }
          } else if stream.mayBeOver,
            stream.isOver(others: replayer.unfinished(), awaitsChildren: replayer.awaitsChildren())
          {
            break
          }
        }
      } catch {
        incomplete = error
        stream.abandon()
      }
      progress.end()
      let status = stream.program.exitStatus
      replayer.end(pid: UInt32(stream.program.pid), status: status)
      replayer.finish()
      try keeper.finish(&replayer)
      let report = Report(
        replayer, head: RecordingHead(arguments: path.arguments, listsAll: allAccesses), exitStatus: status,
        hostNanoseconds: start.nanosecondsToNow, incomplete: incomplete.map { "\($0)" },
        areas: outputOptions.tlbAreas)
      try outputOptions.write(report, toError: true)
      if let incomplete { throw incomplete }
      return status
    }
  }
}
