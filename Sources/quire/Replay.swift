import ArgumentParser
import KernelText
import LinuxMM
import Reporting
import TraceIO

/// `quire replay`: the report of `run` from a recording.
struct Replay: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a recording, or a kernel's own allocations, on the described machine.",
    discussion: """
      Needs no QEMU. The same recording on the same machine gives the same report, but for the time it took here.

      The file may also be a text of 'perf script' or ftrace with the events kmem:mm_page_alloc, mm_page_free and \
      mm_page_alloc_extfrag of a real kernel: the model gives and takes the same blocks, and the report is the fragmentation \
      of its memory over time, beside the kernel's if --free-frames says what was free at the start.

      Or with the events kmem:kmalloc, kfree, kmem_cache_alloc and kmem_cache_free: the report says what was outstanding at \
      the end by call site, and how fragmented the slabs are; 'quire show slabtop -i' shows a state that --state saved.

      EXAMPLES
        quire replay Samples/gzip.quire
        quire replay --ram 32M --set tlb.l2=1024:8 -O json Samples/gzip.quire
        zstdcat old.quire.zst | quire replay -
        perf record -e 'kmem:mm_page_*' -a -- make; perf script | quire replay --memmap /proc/zoneinfo -
        zcat Samples/kmem/debian-6.1-ftrace.txt.gz | quire replay --memmap Samples/kmem/debian-6.1-before-zoneinfo.txt \
          --free-frames Samples/kmem/debian-6.1-before-free-pfns.txt -
        perf record -e kmem:kmalloc,kmem:kfree,kmem:kmem_cache_alloc,kmem:kmem_cache_free -a -- sleep 10; perf script | \
          quire replay -
        zcat Samples/kmem/debian-6.1-heap-ftrace.txt.gz | quire replay --cpus 2 --set slab=slab --state heap.json -
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

  @Flag(help: "Of a text that has both: the objects of the kernel's heap instead of the page allocations.")
  var objects = false

  @Argument(help: "The recording or text, or '-' for standard input.")
  var file: String

  func run() throws {
    try reportingFailures {
      let free = try freeFramesText()
      let configuration = try machineOptions.configuration(free: free)
      let source = try ByteFile.reading(file)
      let start = try source.read(8)
      if !RecordingMark.begins(start) || freeFrames != nil {
        return try replayEvents(start, source, configuration, free)
      }
      if objects {
        throw Failure(.usage, "--objects is for texts of a kernel's events; '\(file)' is a recording of programs")
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
        &replayer, head: reader.head, exitStatus: reader.exitStatus,
        hostNanoseconds: begin.nanosecondsToNow, incomplete: incomplete.map { "\($0)" },
        areas: outputOptions.tlbAreas)
      try outputOptions.write(report, toError: false)
      if let incomplete { throw incomplete }
      return 0
    }
  }

  private func replayEvents(
    _ start: [UInt8], _ source: ByteFile, _ configuration: MachineConfiguration, _ free: FreeFramesText?
  ) throws -> Int32 {
    let trace = try TraceText(start, source, named: file)
    if objects || !trace.hasPages {
      guard free == nil else {
        throw Failure(.usage, "--free-frames is for a kernel's page allocations; these are objects of its heap")
      }
      guard trace.hasObjects else { throw Failure(.damagedInput, "'\(file)' has no events of the kernel's heap") }
      let replay = try trace.replayObjects(configuration)
      let report = try HeapReport(replay)
      try outputOptions.write(text: report.text(), csv: report.csv(), json: try report.json())
      if let state = stateOptions.state {
        let kept = try MachineState(replay.heap, nanoseconds: report.nanoseconds)
        try ByteFile.writing(state).write(Array(try kept.data()))
      }
      return 0
    }
    let report = try trace.replayPages(configuration, free: free)
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
