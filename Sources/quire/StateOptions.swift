import ArgumentParser
import Foundation
import LinuxMM
import Reporting
import TraceIO

/// Where a run leaves the machine's state for `quire show`.
struct StateOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Save the machine's state for 'quire show -i'.", valueName: "file"))
  var state: String?

  @Option(
    help: ArgumentHelp(
      "When to save it, on the machine's clock: a number with ns, us, ms or s (default: at the end).", valueName: "time"
    ))
  var at: MachineTime?

  func validate() throws {
    if at != nil && state == nil { throw ValidationError("--at says when to save the state; it needs --state") }
  }
}

/// A time on the machine's clock.
struct MachineTime: ExpressibleByArgument {
  let nanoseconds: UInt64

  init?(argument: String) {
    let units: [(String, Double)] = [("ns", 1), ("us", 1e3), ("ms", 1e6), ("s", 1e9)]
    guard let (unit, scale) = units.first(where: { argument.hasSuffix($0.0) }),
      let number = Double(argument.dropLast(unit.count)), number >= 0, number * scale < 1e18
    else { return nil }
    nanoseconds = UInt64(number * scale)
  }
}

/// Takes the state when its time has come.
struct StateKeeper {
  private let file: String?
  private let time: UInt64?
  private var state: MachineState?

  init(_ options: StateOptions) {
    file = options.state
    time = options.at?.nanoseconds
  }

  /// Looks whether it is time.
  @inline(__always)
  mutating func look(_ replayer: inout Replayer) {
    if let time, state == nil, replayer.machine.nanoseconds >= time { state = MachineState(&replayer) }
  }

  /// Writes the state, as it is now if its time never came.
  mutating func finish(_ replayer: inout Replayer) throws {
    guard let file else { return }
    let state = self.state ?? MachineState(&replayer)
    try ByteFile.writing(file).write(Array(try state.data()))
  }
}
