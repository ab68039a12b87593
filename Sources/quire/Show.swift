import ArgumentParser
import Foundation
import LinuxMM
import Reporting
import TraceIO

/// `quire show`: the machine in the formats of `/proc`, or as a picture.
struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the machine in the formats of /proc, or as a picture.",
    discussion: """
      Shows the machine freshly booted as described, or as a run left it: 'quire run --state FILE', with '--at TIME' for a \
      moment before the end.

      VIEWS
        buddyinfo      free blocks by order
        pagetypeinfo   the same by migration type
        zoneinfo       marks, reserves, counters and processors' lists of each zone
        maps           a process's areas; also smaps, smaps_rollup, status (the lines about memory) and statm
        memory-map     every pageblock by zone, migration type, use and largest free order, as SVG
        layout         where exec puts a program, its stack, heap and mappings, and how much of it is random; of the \
      machine's options it takes --set with \(LayoutOptions.keys.joined(separator: ", "))

      EXAMPLES
        quire show zoneinfo --ram 5G --cpus 5
        quire show buddyinfo --node 0:512M --node 1:512M --cpus 2
        quire run --ram 64M --state state.json --at 200ms -- python3 app.py
        quire show memory-map -i state.json -o map.svg
        quire show smaps -i state.json
        quire show layout --set kernel.randomize_va_space=0 -- /usr/bin/python3
        quire show layout --bits 32 --set vm.mmap_rnd_compat_bits=16 --samples 10000
      """)

  enum View: String, ExpressibleByArgument, CaseIterable {
    case buddyinfo, pagetypeinfo, zoneinfo, layout
    case maps, smaps, status, statm
    case smapsRollup = "smaps_rollup"
    case memoryMap = "memory-map"

    /// Whether it is of one process.
    var isOfProcess: Bool {
      switch self {
      case .maps, .smaps, .smapsRollup, .status, .statm: true
      default: false
      }
    }
  }

  @Argument(help: "What to show.")
  var view: View

  @OptionGroup var machineOptions: MachineOptions
  @OptionGroup var layoutOptions: LayoutOptions

  @Option(name: .shortAndLong, help: ArgumentHelp("A state that 'quire run --state' saved.", valueName: "file"))
  var input: String?

  @Option(help: ArgumentHelp("The process, by its number (default: the only one, or the first).", valueName: "pid"))
  var pid: UInt32?

  @Option(name: .shortAndLong, help: ArgumentHelp("Write to a file.", valueName: "file"))
  var output: String?

  func run() throws {
    try reportingFailures {
      if view == .layout {
        try ByteFile.writing(output ?? "-").write(Array(try layout().utf8))
        return 0
      }
      if let given = layoutOptions.given {
        throw Failure(.usage, "\(given) is only for 'show layout', not for 'show \(view.rawValue)'")
      }
      if pid != nil && !view.isOfProcess {
        throw Failure(.usage, "--pid is for maps, smaps, smaps_rollup, status and statm, not for '\(view.rawValue)'")
      }
      if view.isOfProcess {
        try ByteFile.writing(output ?? "-").write(Array(try processText().utf8))
        return 0
      }
      let state = try savedState() ?? MachineState(try makeMachine(try machineOptions.configuration()))
      let content =
        if view == .memoryMap {
          MemoryMapPicture(state.picture, title: title(state)).svg
        } else {
          state.texts[view.rawValue] ?? ""
        }
      try ByteFile.writing(output ?? "-").write(Array(content.utf8))
      return 0
    }
  }

  private func processText() throws -> String {
    guard let state = try savedState() else {
      throw Failure(
        .usage, "'show \(view.rawValue)' needs a state with processes: 'quire run --state FILE --at TIME', then -i FILE"
      )
    }
    let alive = state.processes ?? []
    guard let first = alive.first else {
      throw Failure(
        .cannotExecute,
        "no process was alive at \(state.nanoseconds) ns, when the state was saved; save one before the end with --at TIME"
      )
    }
    guard let pid else { return first.texts[view.rawValue] ?? "" }
    guard let process = alive.first(where: { $0.pid == pid }) else {
      let known = alive.map { "\($0.pid)" }.joined(separator: ", ")
      throw Failure(.usage, "--pid \(pid): no such process was alive; alive were \(known)")
    }
    return process.texts[view.rawValue] ?? ""
  }

  private func layout() throws -> String {
    if let given = input.map({ _ in "--input" }) ?? machineOptions.givenBesideSettings {
      throw Failure(.usage, "\(given) does not change a layout; see 'quire show --help' for what does")
    }
    let request = try layoutOptions.request(machineOptions.set)
    var report = LayoutReport(request, seed: try layoutOptions.seedNumber())
    let samples = try layoutOptions.sampleCount()
    do throws(LayoutProblem) {
      if let samples { return try report.samples(samples) }
      return try report.table()
    } catch {
      throw Failure(.cannotExecute, "the kernel would not start the program: \(LayoutReport.reason(error))")
    }
  }

  private func savedState() throws -> MachineState? {
    guard let input else { return nil }
    guard let data = FileManager.default.contents(atPath: input) else {
      throw Failure(.noInput, "cannot open '\(input)'")
    }
    do throws(MachineState.Problem) { return try MachineState(data) } catch {
      throw Failure(.damagedInput, "'\(input)' is \(error)")
    }
  }

  private func title(_ state: MachineState) -> String {
    let moment = input == nil ? "freshly booted" : "after \(state.nanoseconds / 1_000_000) ms"
    return "Physical memory, \(moment)"
  }
}
