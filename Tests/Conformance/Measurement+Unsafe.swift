import Foundation
import Glibc

/// What a run of a program took, by the kernel or by the model. Resident memory in pages.
struct Measurement {
  var minorFaults: Int
  var peakResident: Int
}

enum Measure {
  /// `/usr/bin/time` of the program, the page cache warmed by a run before.
  ///
  /// - Parameters:
  ///   - randomized: whether the kernel chooses addresses at random.
  ///   - plainRoutines: whether the C library is told to choose its routines for a plain x86-64 processor, as the one
  ///     that the tracer gives it. It runs through env(1) then, so that only the resident memory is comparable.
  static func kernel(
    _ workload: Workload, randomized: Bool, plainRoutines: Bool = false
  ) throws -> Measurement {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("quire-time-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: file) }
    let features = [
      "AVX", "AVX2", "AVX512F", "AVX512VL", "AVX512BW", "AVX512DQ", "AVX512CD", "ERMS", "FSRM", "BMI1", "BMI2", "LZCNT",
      "MOVBE", "RTM", "XSAVE", "XSAVEC", "POPCNT", "SSE4_2", "SSE4_1", "SSSE3",
    ]
    let tunable = "GLIBC_TUNABLES=glibc.cpu.hwcaps=" + features.map { "-" + $0 }.joined(separator: ",")
    let command = (plainRoutines ? ["/usr/bin/env", tunable] : []) + workload.command
    let timed = ["/usr/bin/time", "-o", file, "-f", "%R %M"] + command
    try run(randomized ? timed : ["/usr/bin/setarch", "-R"] + timed)
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let numbers = text.split(whereSeparator: { $0 == " " || $0 == "\n" }).compactMap { Int($0) }
    guard numbers.count >= 2 else { throw Problem("'\(workload.name)': /usr/bin/time printed '\(text)'") }
    return Measurement(
      minorFaults: numbers[numbers.count - 2], peakResident: numbers[numbers.count - 1] / 4)
  }

  /// Faults of `/usr/bin/time` itself between its fork and the program's exec, which the kernel counts as the
  /// program's: what it counts for `true` beyond what a process started by vfork needs for it.
  static func launcherFaults() throws -> Int {
    let program = Workload(name: "true", command: ["/bin/true"])
    _ = try kernel(program, randomized: false)
    return try kernel(program, randomized: false).minorFaults - plainFaults(program.command)
  }

  /// Minor faults of a program started by vfork.
  private static func plainFaults(_ command: [String]) throws -> Int {
    // SAFETY: the list is ended by nil and freed after the call, which copies it.
    let list = unsafe command.map { unsafe strdup($0) } + [nil]
    defer { for index in unsafe list.indices { unsafe free(list[index]) } }
    var child: pid_t = 0
    guard unsafe posix_spawn(&child, command[0], nil, nil, list, environ) == 0 else {
      throw Problem("'\(command[0])' cannot be started")
    }
    var status: Int32 = 0
    var usage = rusage()
    unsafe wait4(child, &status, 0, &usage)
    return usage.ru_minflt
  }

  /// `quire run` of the program on a machine with the page cache warm.
  static func model(_ workload: Workload, quire: String) throws -> Measurement {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("quire-report-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: file) }
    try run(
      [quire, "run", "--ram", "2G", "--page-cache", "warm", "-O", "json", "-o", file, "--"] + workload.command)
    let data = try Data(contentsOf: URL(fileURLWithPath: file))
    guard let report = try JSONSerialization.jsonObject(with: data) as? [String: Any],
      let processes = report["processes"] as? [[String: Any]]
    else { throw Problem("'\(workload.name)': no report") }
    let trace = report["trace"] as? [String: Any]
    for key in ["refused_accesses", "diverged_calls", "orphans"] where trace?[key] as? Int != 0 {
      throw Problem("'\(workload.name)': the model could not follow the program (\(key) is not 0)")
    }
    return Measurement(
      minorFaults: processes.reduce(0) { $0 + ($1["min_flt"] as? Int ?? 0) },
      peakResident: (processes.compactMap { $0["max_rss"] as? Int }.max() ?? 0) / 4096)
  }

  private static func run(_ command: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Problem("'\(command.joined(separator: " "))' ended with \(process.terminationStatus)")
    }
  }
}

/// Why the comparison cannot be made.
struct Problem: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
