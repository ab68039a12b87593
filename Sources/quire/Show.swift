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
        memory-map     every pageblock by zone, migration type, use and largest free order, as SVG

      EXAMPLES
        quire show zoneinfo --ram 5G --cpus 5
        quire show buddyinfo --node 0:512M --node 1:512M --cpus 2
        quire run --ram 64M --state state.json --at 200ms -- python3 app.py
        quire show memory-map -i state.json -o map.svg
      """)

  enum View: String, ExpressibleByArgument, CaseIterable {
    case buddyinfo, pagetypeinfo, zoneinfo
    case memoryMap = "memory-map"
  }

  @Argument(help: "What to show.")
  var view: View

  @OptionGroup var machineOptions: MachineOptions

  @Option(name: .shortAndLong, help: ArgumentHelp("A state that 'quire run --state' saved.", valueName: "file"))
  var input: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("Write to a file.", valueName: "file"))
  var output: String?

  func run() throws {
    try reportingFailures {
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
