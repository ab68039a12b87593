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
        meminfo        what memory is used for; also vmstat, the machine's counters, and swaps, its swap areas
        pressure       how much time was lost for want of memory, as /proc/pressure/memory
        lru_gen        how many pages each generation has, as /sys/kernel/debug/lru_gen, with --set lru_gen.enabled=7
        memory.stat    a control group's memory and events (--group PATH); also memory.events and memory.pressure
        slabinfo       the caches of the kernel's heap; of a state that 'quire replay --state' saved of a kernel's heap events
        slabtop        the same as slabtop -o shows it
        vmallocinfo    the areas of the kernel's own addresses, likewise
        maps           a process's areas; also smaps, smaps_rollup, status (the lines about memory) and statm
        pagetable      the walk of one address (--address A) through a process's page tables, level by level
        pagemap        the words of /proc/PID/pagemap for a process's pages, or for those of --address A-B; with --raw \
      as the file has them, 8 bytes a page
        address-space  a process's areas to scale, with the pages that are resident, shared and swapped, as SVG
        memory-map     every pageblock by zone, migration type, use and largest free order, as SVG
        layout         where exec puts a program, its stack, heap and mappings, and how much of it is random; of the \
      machine's options it takes --set with \(LayoutOptions.keys.joined(separator: ", "))

      EXAMPLES
        quire show zoneinfo --ram 5G --cpus 5
        quire show buddyinfo --node 0:512M --node 1:512M --cpus 2
        quire show meminfo -i state.json
        quire show slabinfo --cpus 4 --set slab=slab
        quire run --ram 64M --state state.json --at 200ms -- python3 app.py
        quire show memory-map -i state.json -o map.svg
        quire show smaps -i state.json
        quire show pagetable -i state.json --address 7ffff7dd5a10
        quire show pagemap -i state.json --address 7ffff7dd5000-7ffff7de0000
        quire show address-space -i state.json -o space.svg
        quire show layout --set kernel.randomize_va_space=0 -- /usr/bin/python3
        quire show layout --bits 32 --set vm.mmap_rnd_compat_bits=16 --samples 10000
      """)

  enum View: String, ExpressibleByArgument, CaseIterable {
    case buddyinfo, pagetypeinfo, zoneinfo, layout
    case meminfo, vmstat, swaps, pressure
    case generations = "lru_gen"
    case memoryStat = "memory.stat"
    case memoryEvents = "memory.events"
    case memoryPressure = "memory.pressure"
    case slabinfo, slabtop, vmallocinfo
    case maps, smaps, status, statm
    case smapsRollup = "smaps_rollup"
    case pagetable, pagemap
    case addressSpace = "address-space"
    case memoryMap = "memory-map"

    /// Whether it is of one process.
    var isOfProcess: Bool { Self.ofProcess.contains(self) }

    /// Whether it is of the kernel's heap.
    var isOfHeap: Bool { [.slabinfo, .slabtop, .vmallocinfo].contains(self) }

    /// Whether it is of a control group.
    var isOfGroup: Bool { [.memoryStat, .memoryEvents, .memoryPressure].contains(self) }

    static let ofProcess: [View] = [
      .maps, .smaps, .smapsRollup, .status, .statm, .pagetable, .pagemap, .addressSpace,
    ]
  }

  @Argument(help: "What to show.")
  var view: View

  @OptionGroup var machineOptions: MachineOptions
  @OptionGroup var layoutOptions: LayoutOptions

  @Option(name: .shortAndLong, help: ArgumentHelp("A state that 'quire run --state' saved.", valueName: "file"))
  var input: String?

  @Option(help: ArgumentHelp("The process, by its number (default: the only one, or the first).", valueName: "pid"))
  var pid: UInt32?

  @Option(help: ArgumentHelp("memory.*: the control group (default: /).", valueName: "path"))
  var group: String?

  @Option(
    help: ArgumentHelp(
      "pagetable: an address; pagemap: an address or a range A-B (default: all areas); in hexadecimal.",
      valueName: "address"))
  var address: String?

  @Flag(help: "pagemap: the words as the kernel's file has them instead of text; needs --address.")
  var raw = false

  @Option(name: .shortAndLong, help: ArgumentHelp("Write to a file.", valueName: "file"))
  var output: String?

  func run() throws {
    try reportingFailures {
      if view == .layout {
        let text = try layout()
        try ByteFile.writing(output ?? "-").write(Array(text.utf8))
        return 0
      }
      if let given = layoutOptions.given {
        throw Failure(.usage, "\(given) is only for 'show layout', not for 'show \(view.rawValue)'")
      }
      try checkOptions()
      if view.isOfProcess {
        // No file is left behind where there is nothing to show.
        let view = try processView()
        try ByteFile.writing(output ?? "-").write(view)
        return 0
      }
      let state = try savedState() ?? freshState()
      if view.isOfHeap && state.texts[view.rawValue] == nil {
        throw Failure(
          .usage,
          "'\(input ?? "")' has no \(view.rawValue): its machine ran programs; 'quire replay --state' of a kernel's heap "
            + "events keeps it")
      }
      if view.isOfGroup {
        try ByteFile.writing(output ?? "-").write(Array(try groupView(state).utf8))
        return 0
      }
      if view == .generations && state.texts[view.rawValue] == nil {
        throw Failure(.usage, "the machine does not keep pages by generations; see '--set lru_gen.enabled=7'")
      }
      guard view == .memoryMap || state.texts[view.rawValue] != nil else {
        throw Failure(
          .usage, "'\(input ?? "")' has no \(view.rawValue): it is of a kernel's heap, or of an older version")
      }
      guard view != .memoryMap || !state.zones.isEmpty else {
        throw Failure(.usage, "'\(input ?? "")' has no picture of the memory: it is of a kernel's heap")
      }
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

  /// The described machine before anything runs on it.
  private func freshState() throws -> MachineState {
    let configuration = try machineOptions.configuration()
    if view.isOfHeap { return try MachineState(try makeHeap(configuration), nanoseconds: 0) }
    var machine = try makeMachine(configuration)
    return MachineState(&machine)
  }

  /// What a view of a control group shows.
  private func groupView(_ state: MachineState) throws -> String {
    let path = group.map { $0.hasPrefix("/") ? $0 : "/" + $0 } ?? "/"
    let groups = state.groups ?? []
    guard let text = groups.first(where: { $0.path == path })?.texts[view.rawValue] else {
      throw Failure(
        .usage,
        groups.isEmpty
          ? "'\(input ?? "")' has no control groups: it is of a kernel's heap, or of an older version"
          : "no control group '\(path)'; expected one of \(groups.map { "'\($0.path)'" }.joined(separator: ", "))")
    }
    return text
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

  func savedState() throws -> MachineState? {
    guard let input else { return nil }
    guard let data = FileManager.default.contents(atPath: input) else {
      throw Failure(.noInput, "cannot open '\(input)'")
    }
    do throws(MachineState.Problem) { return try MachineState(data) } catch {
      throw Failure(.damagedInput, "'\(input)' is \(error)")
    }
  }

  private func title(_ state: MachineState) -> String { "Physical memory, \(moment(state))" }

  func moment(_ state: MachineState) -> String {
    input == nil ? "freshly booted" : "after \(state.nanoseconds / 1_000_000) ms"
  }
}
