import Foundation

/// The engine's kmalloc beside the best mallocs, each in a process of its own, on the same workloads in the same run.
enum HeapBenchmark {
  /// Debian's packages libjemalloc2, libmimalloc2.0, libtcmalloc-minimal4.
  static let rivals: [(name: String, library: String?)] = [
    ("glibc", nil), ("jemalloc", "libjemalloc.so.2"), ("mimalloc", "libmimalloc.so.2"),
    ("tcmalloc", "libtcmalloc_minimal.so.4"),
  ]

  static func run(repetitions: Int) throws {
    let known = rivals.filter { $0.library == nil || path($0.library!) != nil }
    for rival in rivals where !known.contains(where: { $0.name == rival.name }) {
      print("not installed, and so not measured: \(rival.name)")
    }
    for threads in [1, 2] {
      print("\nobjects, \(threads == 1 ? "one thread" : "two threads"): ns an operation, medians of \(repetitions)")
      Benchmarks.row(["", "kmalloc"] + known.map(\.name) + ["of fastest"])
      for group in HeapWorkloads.Group.allCases {
        // By turns, so that all meet the same moods of the machine.
        var samples = [[[HeapWorkloads.Row]]](repeating: [], count: known.count + 1)
        for _ in 0..<repetitions {
          samples[0].append(try rows(nil, "kmalloc", threads, group))
          for (index, rival) in known.enumerated() {
            samples[index + 1].append(try rows(rival.library.flatMap(path), "malloc", threads, group))
          }
        }
        for (index, row) in samples[0][0].enumerated() {
          let figures = samples.map { $0.map { $0[index].figure }.median }
          let digits = row.name.hasSuffix("/live") ? 3 : 1
          Benchmarks.row(
            [row.name] + figures.map { Benchmarks.f($0, digits) }
              + [Benchmarks.f(figures[0] / (figures.dropFirst().min() ?? .nan), 2)])
        }
      }
    }
  }

  private static func path(_ library: String) -> String? {
    ["/usr/lib/x86_64-linux-gnu/", "/usr/lib/"].map { $0 + library }
      .first { FileManager.default.fileExists(atPath: $0) }
  }

  /// Runs the workloads in a process of their own.
  private static func rows(
    _ library: String?, _ kind: String, _ threads: Int, _ group: HeapWorkloads.Group
  ) throws -> [HeapWorkloads.Row] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
    process.arguments = ["--heap-worker", kind, "\(threads)", group.rawValue]
    var environment = ProcessInfo.processInfo.environment
    if let library { environment["LD_PRELOAD"] = library }
    process.environment = environment
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Problem("the workloads on \(library ?? kind) failed") }
    return try JSONDecoder().decode([HeapWorkloads.Row].self, from: data)
  }

  /// What such a process does.
  static func work(_ kind: String, threads: Int, _ group: HeapWorkloads.Group) throws {
    let rows =
      kind == "kmalloc"
      ? HeapWorkloads.run(group, try Kmalloc(bytes: 4 << 30, processors: 2), threads: threads)
      : HeapWorkloads.run(group, Malloc(), threads: threads)
    FileHandle.standardOutput.write(try JSONEncoder().encode(rows))
  }
}
