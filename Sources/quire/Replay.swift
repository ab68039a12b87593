import ArgumentParser
import KernelText
import LinuxMM
import Reporting
import TraceIO

/// `quire replay`: the report of `run` from a recording.
struct Replay: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a recording, or a kernel's page allocations, on the described machine.",
    discussion: """
      Needs no QEMU. The same recording on the same machine gives the same report, but for the time it took here.

      The file may also be a text of 'perf script' or ftrace with the events kmem:mm_page_alloc, mm_page_free and \
      mm_page_alloc_extfrag of a real kernel: the model gives and takes the same blocks, and the report is the fragmentation \
      of its memory over time, beside the kernel's if --free-frames says what was free at the start.

      EXAMPLES
        quire replay Samples/gzip.quire
        quire replay --ram 32M --set tlb.l2=1024:8 -O json Samples/gzip.quire
        zstdcat old.quire.zst | quire replay -
        perf record -e 'kmem:mm_page_*' -a -- make; perf script | quire replay --memmap /proc/zoneinfo -
        zcat Samples/kmem/debian-6.1-ftrace.txt.gz | quire replay --memmap Samples/kmem/debian-6.1-before-zoneinfo.txt \
          --free-frames Samples/kmem/debian-6.1-before-free-pfns.txt -
      """)

  @OptionGroup var machineOptions: MachineOptions
  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var stateOptions: StateOptions

  @Option(
    name: .customLong("free-frames"),
    help: ArgumentHelp(
      "For a kernel's page allocations: the runs of frames free at the start, as lines of a first frame and a count.",
      valueName: "file"))
  var freeFrames: String?

  @Argument(help: "The recording or text, or '-' for standard input.")
  var file: String

  func run() throws {
    try reportingFailures {
      let free = try freeFramesText()
      let configuration = try machineOptions.configuration(free: free)
      let source = try ByteFile.reading(file)
      let start = try source.read(8)
      if !RecordingMark.begins(start) || freeFrames != nil {
        return try replayPageEvents(start, source, configuration, free)
      }
      var reader = try RecordingReader(PeekedSource(start, source))
      var replayer = Replayer(try makeProgramMachine(configuration))
      var progress = Progress()
      var keeper = StateKeeper(stateOptions)
      let begin = ContinuousClock.now
      var incomplete: TraceError?
      do throws(TraceError) {
        while let start = try reader.nextSlice() {
          try replayer.consume(reader.block, at: start)
          progress.update(replayer)
          keeper.look(&replayer)
        }
      } catch {
        incomplete = error
      }
      progress.end()
      replayer.finish()
      try keeper.finish(&replayer)
      let report = Report(
        replayer, head: reader.head, exitStatus: reader.exitStatus,
        hostNanoseconds: begin.nanosecondsToNow, incomplete: incomplete.map { "\($0)" },
        areas: outputOptions.tlbAreas)
      try outputOptions.write(report, toError: false)
      if let incomplete { throw incomplete }
      return 0
    }
  }

  private func replayPageEvents(
    _ start: [UInt8], _ source: ByteFile, _ configuration: MachineConfiguration, _ free: FreeFramesText?
  ) throws -> Int32 {
    let report = try PageEventText(configuration: configuration, free: free).replay(start, source, named: file)
    try outputOptions.write(text: report.text(), csv: report.csv(), json: try report.json())
    return 0
  }

  private func freeFramesText() throws -> FreeFramesText? {
    guard let freeFrames else { return nil }
    let text = try readText(freeFrames)
    do throws(FreeFramesText.Problem) { return try FreeFramesText(text) } catch {
      throw Failure(.damagedInput, "'\(freeFrames)': \(error)")
    }
  }
}
