import ArgumentParser
import Foundation
import LinuxMM

/// Carries out the same random sequences of memory calls on a real kernel and on the model, and compares after every call:
/// result, areas, resident pages, page tables, faults, and the bits of every page.
@main
struct CallConformance: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "call-conformance")

  enum Kernel: String, ExpressibleByArgument, CaseIterable {
    /// The one that runs here.
    case running
    /// Debian's 6.1, in QEMU.
    case debian
  }

  @Option(help: "Which kernel: \(Kernel.allCases.map(\.rawValue).joined(separator: " or ")).")
  var kernel = Kernel.running
  @Option(help: "The first seed.") var seed: UInt64 = 1
  @Option(help: "How many sequences.") var seeds: UInt64 = 20
  @Option(help: "Calls in each.") var calls = 1000
  @Flag(help: "Print the calls, and the model's state after the last one.") var list = false
  @Flag(help: "Leave out calls as long as the last one still differs, and print what remains.") var reduce = false
  @Flag(help: "Go on after a difference, with the next sequence.") var all = false

  func run() throws {
    if list {
      var generator = Generator(seed: seed)
      for (index, call) in generator.sequence(count: calls).calls.enumerated() { print(index + 1, call.summary) }
      return
    }
    let driver: Driver
    do {
      driver = try Driver(kernel)
    } catch let reason as NotComparable {
      print("not compared: \(reason)")
      return
    }
    defer { driver.clean() }
    var compared = 0
    var differing: [UInt64] = []
    var unrepeated = 0
    var first = seed
    while first < seed + seeds {
      let last = min(first + 25, seed + seeds)
      let sequences = (first..<last).map { seed in
        var generator = Generator(seed: seed)
        return generator.sequence(count: calls)
      }
      let outcomes = try driver.outcomes(of: sequences)
      for (sequence, expected) in zip(sequences, outcomes) {
        var comparison = try Comparison(sequence, expected, driver.environment)
        // What the kernel does in the background, such as writing to disks, comes at its own times: only what it answers
        // again is held against the model.
        for _ in 0..<2 where comparison.difference != nil {
          let again = try driver.outcomes(of: [sequence])[0]
          let step = comparison.difference!.step
          if again.count > step + 1, expected.count > step + 1, again[step + 1] == expected[step + 1] { break }
          comparison = try Comparison(sequence, again, driver.environment)
          if comparison.difference == nil { unrepeated += 1 }
        }
        compared += comparison.compared
        if let difference = comparison.difference {
          differing.append(sequence.seed)
          print("seed \(sequence.seed): \(difference.text)")
          if reduce {
            let smallest = try smallestDiffering(sequence, difference.step, driver)
            for (index, call) in smallest.calls.enumerated() { print(index + 1, call.summary) }
          }
          if !all {
            try print(driver.details(sequence, difference, comparison.text))
            break
          }
        }
      }
      first = last
      if !differing.isEmpty && !all { break }
    }
    print("\(driver.name): \(compared) calls of \(seeds) sequences compared, \(differing.count) sequences differ")
    if unrepeated > 0 { print("in \(unrepeated) more the kernel itself answered otherwise when asked again") }
    if !differing.isEmpty { throw ExitCode(1) }
  }
}

extension CallConformance {
  /// A sequence with as few calls as possible whose last call still differs.
  private func smallestDiffering(_ sequence: CallSequence, _ step: Int, _ driver: Driver) throws -> CallSequence {
    var smallest = sequence
    smallest.calls = Array(sequence.calls.prefix(step))
    var size = max(smallest.calls.count / 2, 1)
    while true {
      var start = 0
      var isReduced = false
      while start < smallest.calls.count - 1 {
        var tried = smallest
        tried.calls.removeSubrange(start..<min(start + size, smallest.calls.count - 1))
        let outcomes = try driver.outcomes(of: [tried])
        if try Comparison(tried, outcomes[0], driver.environment).difference?.step == tried.calls.count {
          smallest = tried
          isReduced = true
        } else {
          start += size
        }
      }
      if size == 1 && !isReduced { return smallest }
      size = max(size / 2, 1)
    }
  }
}

/// The comparison of one sequence, up to its first difference.
struct Comparison {
  struct Difference {
    /// 0 is the start, before the first call.
    var step: Int
    var text: String
  }

  private(set) var compared = 0
  private(set) var difference: Difference?
  /// The model's state at the difference, and before it.
  private(set) var text = ("", "")

  init(_ sequence: CallSequence, _ expected: [Outcome], _ environment: Model.Environment) throws {
    let model = try Model(
      environment, isUnprivileged: sequence.isUnprivileged, stackPointer: UInt64(bitPattern: expected[0].result),
      unmappedPages: UInt64(bitPattern: expected[1].result))
    if model.initialState != expected[0].state {
      difference = Difference(step: 0, text: "the start differs")
      text.0 = model.describe(process: 0)
      return
    }
    var texts: [UInt32: String] = [:]
    for (index, call) in sequence.calls.enumerated() {
      let outcome = model.carryOut(call)
      let kernel = expected[index + 2]
      if outcome != kernel {
        let what = outcome.result == kernel.result ? "state" : "result \(outcome.result) instead of \(kernel.result)"
        difference = Difference(step: index + 1, text: "call \(index + 1) (\(call.summary)): \(what)")
        text = (model.text, texts[call.process] ?? "")
        return
      }
      texts[call.process] = model.text
      compared += 1
    }
    try model.checkInvariants()
  }
}

extension Call {
  var summary: String {
    var values: [String] = []
    for index in 0..<6 {
      let value = "0x" + String(arguments[index], radix: 16)
      values.append(slots[index] == 0 ? value : "[\(slots[index])]+\(value)")
    }
    let name = kind == 0 ? "\(SystemCall(rawValue: number)!)" : "\(Kind(rawValue: kind)!) \(number)"
    return "process \(process) \(name) \(values.joined(separator: " "))"
  }
}
