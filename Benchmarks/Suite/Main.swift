import Foundation
import LinuxMM

/// The figures that the project promises, each with its baseline measured in the same run. `--quick` repeats less,
/// `--pages` stops after the page allocator, `--spaces` does address spaces only, `--programs` neither of the two; `--tlb`
/// measures translation alone, `--heap` the kernel's heap, `--vmalloc` its areas, `--pressure`
/// what evicting and charging cost, `--many` many areas and many processes. With `--only TEXT`, `--pressure` and `--spaces` do
/// the rows whose name has the text, and of `--spaces` only the model's side: for a profiler.
@main
struct Benchmarks {
  static let folder = FileManager.default.temporaryDirectory.appendingPathComponent("quire-bench-\(UUID())")
  static let built = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
  static var quire: String { built.appendingPathComponent("quire").path }
  static var repetitions: Int { CommandLine.arguments.contains("--quick") ? 2 : 5 }

  /// What the names of the rows are to contain that are measured. `--only TEXT`
  static let wanted: String? = CommandLine.arguments.firstIndex(of: "--only").flatMap {
    $0 + 1 < CommandLine.arguments.count ? CommandLine.arguments[$0 + 1] : nil
  }

  static func isWanted(_ row: String) -> Bool { wanted.map(row.contains) ?? true }

  static func main() throws {
    let arguments = CommandLine.arguments
    if arguments.count == 5, arguments[1] == "--heap-worker", let threads = Int(arguments[3]),
      let group = HeapWorkloads.Group(rawValue: arguments[4])
    {
      return try HeapBenchmark.work(arguments[2], threads: threads, group)
    }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    do {
      print(try machine())
      if CommandLine.arguments.contains("--tlb") { return try TranslationBenchmark.run(repetitions: repetitions) }
      if CommandLine.arguments.contains("--heap") { return try HeapBenchmark.run(repetitions: repetitions) }
      if CommandLine.arguments.contains("--vmalloc") { return try VmallocBenchmark.run(repetitions: repetitions) }
      if CommandLine.arguments.contains("--pressure") { return try PressureBenchmark.run(repetitions: repetitions) }
      if CommandLine.arguments.contains("--many") { return try ManySpacesBenchmark.run(repetitions: repetitions) }
      if !CommandLine.arguments.contains("--programs") && !CommandLine.arguments.contains("--spaces") {
        try pageAllocator()
        try largeMachine()
      }
      if CommandLine.arguments.contains("--pages") { return }
      if !CommandLine.arguments.contains("--programs") { try addressSpaces() }
      if CommandLine.arguments.count == 1 { try ManySpacesBenchmark.run(repetitions: repetitions) }
      if CommandLine.arguments.contains("--spaces") { return }
      try runAgainstCounting()
      try replaying()
      try starting()
      try frameCost()
    } catch {
      print("benchmarks: \(error)")
      exit(1)
    }
  }

  static func machine() throws -> String {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let model = text.split(separator: "\n").first { $0.hasPrefix("model name") }?.split(separator: ":").last ?? " ?"
    return "machine:\(model), \(ProcessInfo.processInfo.activeProcessorCount) processors"
  }

  /// Address spaces beside the running kernel.
  static func addressSpaces() throws {
    print("\naddress spaces: ns an operation, medians of \(repetitions), beside the running kernel's")
    if wanted != nil {
      for operation in AddressSpaceBenchmark.rows where isWanted(operation.name) {
        let model = try (0..<repetitions * 4).map { _ in try operation.model() }.median
        row(operation.name, f(model, 1), f(operation.goal, 0))
      }
      return
    }
    row("", "model", "goal", "kernel", "kernel/model")
    for operation in AddressSpaceBenchmark.rows {
      let model = try (0..<repetitions).map { _ in try operation.model() }.median
      let kernel = try (0..<repetitions).map { _ in try operation.kernel() }.median
      row(
        operation.name, f(model, 1), f(operation.goal, 0), f(kernel, 1), f(kernel / model, 1))
    }
  }

  /// The page allocator beside LLFree's published figures.
  static func pageAllocator() throws {
    print("\npage allocator, 1 GiB, metadata only: ns an operation, beside LLFree's of anchors.md (another run)")
    var rows: [[(String, Double)]] = []
    var blocks: [[(String, Int)]] = []
    for threads in [1, 2] {
      let benchmark = try PageAllocatorBenchmark(threads: threads)
      var samples: [[(String, Double)]] = []
      for _ in 0..<repetitions {
        samples.append(benchmark.bulk() + [benchmark.pairs(0), benchmark.pairs(9)] + benchmark.random())
      }
      let geometric = benchmark.mix(geometric: true, repetitions: repetitions)
      let uniform = benchmark.mix(geometric: false, repetitions: repetitions)
      let fragmented = benchmark.fragment(repetitions: repetitions)
      let medians = samples[0].indices.map { index in (samples[0][index].0, samples.map { $0[index].1 }.median) }
      rows.append(medians + [geometric, uniform, fragmented].map { ($0.0, $0.1) })
      let exact = try PageAllocatorBenchmark(threads: threads, isExact: true)
      blocks.append([
        ("", exact.mix(geometric: false, repetitions: repetitions).2), ("", exact.fragment(repetitions: repetitions).2),
      ])
    }
    row("", "1 thread", "LLFree", "2 threads", "LLFree", "loss per thread")
    for (one, two) in zip(rows[0], rows[1]) {
      let anchor = PageAllocatorBenchmark.anchors[one.0] ?? (0, 0)
      row(one.0, f(one.1, 1), f(anchor.0, 1), f(two.1, 1), f(anchor.1, 1), "\(f((two.1 / one.1 - 1) * 100, 0)) %")
    }
    row("2 MiB blocks after frag0", "\(blocks[0][1].1)", "209", "\(blocks[1][1].1)", "193")
    row("had after mix-uni", "\(blocks[0][0].1)", "31", "\(blocks[1][0].1)", "33")
    row(
      "memory of the process",
      "\(f(try PageAllocatorBenchmark.growth(), 1)) bytes for each frame used and freed at random",
      "\(PhysicalMemory.bytesPerFrame) with its use")
    let mapped = try MappedFragmentation.run()
    row(
      "frag0, pages mapped", "\(mapped.before) free 2 MiB blocks", "\(mapped.after) after compaction",
      "\(mapped.possible) possible")
  }

  /// A machine of 4 TiB with 8 nodes: how fast and small it starts, and what an allocation costs beside one of 1 GiB.
  static func largeMachine() throws {
    print("\nmachine of 4 TiB with 8 nodes")
    let nodes = (0..<8).flatMap { ["--node", "\($0):512G"] }
    let timing = try Run.timed([quire, "show", "buddyinfo"] + nodes)
    row("quire show buddyinfo", "\(f(timing.wall, 2)) s", "\(f(Double(timing.peakKilobytes) / 1024, 0)) MiB resident")
    let start = ContinuousClock.now
    let large = try PageAllocatorBenchmark(
      threads: 1, .pc([UInt64](repeating: 512 << 30, count: 8), nodeOfProcessor: [Int](0..<8)))
    row("the page allocator alone", "\(f(start.duration(to: .now) / .seconds(1), 3)) s")
    let small = try PageAllocatorBenchmark(threads: 1)
    var ratios: [String: [Double]] = [:]
    var names: [String] = []
    for _ in 0..<repetitions {
      let pairs = zip(
        small.bulk() + [small.pairs(0)] + small.random(), large.bulk() + [large.pairs(0)] + large.random())
      for (one, other) in pairs {
        if ratios[one.0] == nil { names.append(one.0) }
        ratios[one.0, default: []].append(other.1 / one.1)
      }
    }
    for name in names { row(name, "\(f((ratios[name] ?? []).median, 2)) of the cost on 1 GiB") }
  }

  /// python3 sorting `count` numbers; the hash seed is fixed so that all runs do the same.
  static func sorting(_ count: Int) -> [String] {
    [
      "/usr/bin/env", "PYTHONHASHSEED=0", "/usr/bin/python3", "-c",
      "import random; random.seed(1); a = [random.random() for _ in range(\(count))]; a.sort()",
    ]
  }

  /// (a) `quire run` beside QEMU with a plugin that only counts accesses, in turn.
  static func runAgainstCounting() throws {
    var numbers = ""
    var state: UInt64 = 42
    for _ in 0..<300_000 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      numbers += "\(state % 1_000_000)\n"
    }
    let input = folder.appendingPathComponent("numbers.txt").path
    try numbers.write(toFile: input, atomically: true, encoding: .utf8)
    let programs: [(String, [String])] = [
      ("python3", Array(sorting(400_000).dropFirst(2))),
      ("gzip", ["/usr/bin/gzip", "-kc", input]),
      ("perl", ["/usr/bin/perl", "-e", "my %h; for (1..1000000) { $h{$_ % 50000} .= 'x' } print scalar(keys %h)"]),
      ("sort", ["/usr/bin/sort", "--parallel=1", input]),
      (
        "sqlite3",
        [
          "/usr/bin/sqlite3", ":memory:",
          "create table t(a, b); with recursive c(x) as (select 1 union all select x + 1 from c where x < 300000) "
            + "insert into t select x, x * x from c; create index i on t(b); select count(*) from t where b % 7 = 3;",
        ]
      ),
    ]
    let plugin = built.appendingPathComponent("libQuireCounting.so").path
    print("\n(a) quire run beside QEMU with a counting callback, wall seconds, medians of \(repetitions)")
    for (name, command) in programs {
      var ratios: [Double] = []
      var first: [Double] = []
      var second: [Double] = []
      for _ in 0..<repetitions {
        let counting = try Run.timed(["qemu-x86_64", "-plugin", plugin] + command).wall
        let live = try Run.timed([quire, "run", "--ram", "1G", "-o", "/dev/null", "--"] + command).wall
        ratios.append(live / counting)
        first.append(counting)
        second.append(live)
      }
      row(name, "counting \(f(first.median, 2))", "quire run \(f(second.median, 2))", "ratio \(f(ratios.median, 2))")
    }
  }

  /// (b) and (c): accesses a second and bytes on disk, on recordings of one and of ten times the length.
  static func replaying() throws {
    print("\n(b) quire replay on one core with TLBs, (c) size of recordings of python3")
    var costs: [Double] = []
    for count in [40_000, 400_000] {
      let recording = folder.appendingPathComponent("python\(count).quire").path
      _ = try Run.timed([quire, "record", "-o", recording, "--"] + sorting(count))
      let bytes = try FileManager.default.attributesOfItem(atPath: recording)[.size] as? Int ?? 0
      let report = folder.appendingPathComponent("report.json").path
      var seconds: [Double] = []
      var accesses = 0.0
      var listed = 0.0
      for _ in 0..<repetitions {
        seconds.append(
          try Run.timed([quire, "replay", "--ram", "1G", "-O", "json", "-o", report, recording]).processor)
        let data = try Data(contentsOf: URL(fileURLWithPath: report))
        let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        let trace = object?["trace"] as? [String: Any]
        accesses = Double(trace?["accesses"] as? Int ?? 0)
        listed = Double(trace?["listed"] as? Int ?? 0)
      }
      costs.append(seconds.median / accesses * 1e9)
      row(
        "\(f(accesses / 1e6, 0)) M accesses", "\(f(accesses / seconds.median / 1e6, 0)) M accesses/s",
        "\(f(listed / seconds.median / 1e6, 1)) M listed/s of \(f(listed / 1e6, 2)) M",
        "\(f(Double(bytes) / accesses * 1e8 / 1_048_576, 1)) MiB per 100 M accesses")
    }
    row("cost per access", "\(f(costs[0], 2)) ns", "\(f(costs[1], 2)) ns at ten times the length")
  }

  /// How fast and small a machine of a terabyte starts.
  static func starting() throws {
    print("\nstart of a machine")
    let recording = folder.appendingPathComponent("true.quire").path
    _ = try Run.timed([quire, "record", "-o", recording, "--", "/bin/true"])
    for size in ["256M", "1T"] {
      let timing = try Run.timed([quire, "replay", "--ram", size, "-o", "/dev/null", recording])
      row(size, "\(f(timing.wall, 3)) s", "\(f(Double(timing.peakKilobytes) / 1024, 1)) MiB resident")
    }
  }

  /// What the replay's own memory grows by for each frame of RAM that a program fills, its page tables taken off.
  static func frameCost() throws {
    print("\nmemory of the engine, 1 GiB machine")
    var peaks: [Double] = []
    var pages: [Double] = []
    // One last-level table of 4096 bytes for 512 pages.
    let tables = 4096.0 / 512
    for megabytes in [100, 800] {
      let recording = folder.appendingPathComponent("fill\(megabytes).quire").path
      let script = "a = bytearray(\(megabytes) << 20)\nfor i in range(0, len(a), 4096): a[i] = 1"
      _ = try Run.timed([quire, "record", "-o", recording, "--", "/usr/bin/python3", "-c", script])
      let report = folder.appendingPathComponent("fill.json").path
      var samples: [Double] = []
      for _ in 0..<repetitions {
        let timing = try Run.timed([quire, "replay", "--ram", "1G", "-O", "json", "-o", report, recording])
        samples.append(Double(timing.peakKilobytes) * 1024)
      }
      let data = try Data(contentsOf: URL(fileURLWithPath: report))
      let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
      let process = (object?["processes"] as? [[String: Any]])?.first
      peaks.append(samples.median)
      pages.append(Double(process?["max_rss"] as? Int ?? 0) / 4096)
    }
    let each = (peaks[1] - peaks[0]) / (pages[1] - pages[0])
    row("per frame filled", "\(f(each, 1)) bytes", "\(f(each - tables, 1)) without page tables")
  }

  static func f(_ value: Double, _ places: Int) -> String { String(format: "%.\(places)f", value) }

  static func row(_ cells: String...) { row(cells) }

  /// A table of many columns has narrow ones.
  static func row(_ cells: [String]) {
    let width = cells.count > 6 ? 10 : 24
    func padded(_ cell: String, _ width: Int) -> String {
      cell + String(repeating: " ", count: max(0, width - cell.count))
    }
    print("    " + ([padded(cells[0], 24)] + cells.dropFirst().map { padded($0, width) }).joined(separator: "  "))
  }
}
