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
        quire run --machine Samples/two-programs.yaml

      A machine file may name the programs itself, and control groups for them: they share the machine by its clock, and \
      one runs while another waits for its disk.

        programs:
          - run: [sort, big.txt]
            group: batch
          - replay: old.quire
            start: 500ms
        groups:
          batch: {memory.max: 64M}

      The exit status is the program's; of several, the first that is not 0.
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
      let settings = try machineOptions.settings()
      var workload = settings.workload
      if workload.programs.isEmpty {
        workload.programs = [Workload.Program(origin: .command(program))]
      } else if let name = program.first {
        throw Failure(
          .usage,
          "the machine file '\(machineOptions.machine ?? "")' names programs; expected none after '--', found '\(name)'"
        )
      }
      var replayer = Replayer(try makeProgramMachine(try settings.configuration()))
      var progress = Progress()
      var keeper = StateKeeper(stateOptions)
      var turns = try ProgramTurns(workload, &replayer, listsAll: allAccesses)
      let start = ContinuousClock.now
      var incomplete: TraceError?
      do {
        while try turns.step(&replayer) {
          progress.update(replayer)
          keeper.look(&replayer)
        }
      } catch let error as TraceError {
        incomplete = error
        turns.abandon()
      }
      progress.end()
      turns.end(&replayer)
      replayer.finish()
      try keeper.finish(&replayer)
      let report = turns.report(
        &replayer, hostNanoseconds: start.nanosecondsToNow, incomplete: incomplete.map { "\($0)" },
        areas: outputOptions.tlbAreas)
      try outputOptions.write(report, toError: true)
      if let incomplete { throw incomplete }
      return turns.exitStatus
    }
  }
}
