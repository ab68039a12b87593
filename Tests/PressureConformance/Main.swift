import Foundation

/// Runs the programs of `Tests/Kernels/pressure` on the model, and prints its figures beside the kernel's.
///
///     pressure-conformance [NAME...]
///
/// The same words give the same figures as long as there is one process; with several it matters which of them QEMU lets come
/// first. Such programs run as often as on the kernel, and their means are compared.
///
/// Needs a built `.build/release/quire` and gcc. Exit status 1 if a figure is off, 2 if something could not be run.
@main struct PressureConformance {
  static let folder = "Tests/Kernels/pressure"

  /// What the processor that the kernels ran on needs, as settings.
  private static let emulatorCosts: [String] = {
    guard let text = try? String(contentsOfFile: folder + "/costs.txt", encoding: .utf8) else {
      fail("\(folder)/costs.txt is missing; record.sh makes it")
    }
    return text.split(separator: "\n").map(String.init)
  }()

  static func main() throws {
    let work = NSTemporaryDirectory() + "quire-pressure-\(getpid())"
    try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: work) }
    let program = work + "/pressure"
    guard try status(of: ["/usr/bin/gcc", "-O2", "-static", "-o", program, folder + "/pressure.c", "-lm"]) == 0 else {
      fail("pressure.c could not be compiled")
    }
    let wanted = CommandLine.arguments.dropFirst()
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".json") }
      .map { String($0.dropLast(5)) }.sorted().filter { wanted.isEmpty || wanted.contains($0) }
    guard !names.isEmpty, wanted.allSatisfy({ names.contains($0) }) else {
      fail("there is no such recording in \(folder): \(wanted.joined(separator: " "))")
    }
    var judged = 0
    var off = 0
    print("PROGRAM            FIGURE             KERNEL            (LEAST TO MOST)      MODEL       OFF")
    for name in names {
      let recording = try JSONDecoder().decode(
        Recording.self, from: Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name).json")))
      var models = [try run(recording, program, work), try run(recording, program, work)]
      if models[0] == models[1] {
        models.removeLast()
      } else {
        while models.count < recording.runs.count { models.append(try run(recording, program, work)) }
      }
      for figure in Figure.all {
        let line = compare(figure, recording, models)
        judged += line.isJudged ? 1 : 0
        off += line.isOff ? 1 : 0
        print(line.text)
      }
    }
    print("\(judged) figures of \(names.count) programs judged, \(off) off")
    exit(off == 0 ? 0 : 1)
  }

  /// What the model counted.
  private struct Model: Equatable {
    var vmstat: [String: Int]
    var peakSwap: Int
  }

  private static func run(_ recording: Recording, _ program: String, _ work: String) throws -> Model {
    let report = work + "/report.json"
    let zram = recording.settings.contains("zram=")
    var words = [
      ".build/release/quire", "run", "-O", "json", "-o", report, "--memmap", "\(folder)/\(recording.ram)-zoneinfo.txt",
      "--swap", recording.swap + (zram ? ":0:zram" : ""),
    ]
    // As the kernels were booted; the swap is a file of the host in its memory.
    for setting in ["memmap.in_use=1", "transparent_hugepage=never", "swap.device=virtual"] + emulatorCosts {
      words += ["--set", setting]
    }
    for setting in recording.settings.split(separator: " ") {
      let value = setting.drop { $0 != "=" }.dropFirst()
      if setting.hasPrefix("memory_max=") {
        words += ["--memory-max", String(value)]
      } else if setting.hasPrefix("zram=") || setting.hasPrefix("zswap=") {
        // A page of zeros but for one number, as zram's mm_stat had them: 70 bytes.
        words += ["--set", "compression.ratio=58"]
        if !zram { words += ["--set", "zswap.enabled=1", "--set", "zswap.max_pool_percent=\(value)"] }
      } else if setting.hasPrefix("file=") {
        _ = FileManager.default.createFile(atPath: work + "/file", contents: nil)
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: work + "/file"))
        try file.truncate(atOffset: UInt64(value).map { $0 << 20 } ?? 0)
        try file.close()
      } else {
        words += ["--set", String(setting)]
      }
    }
    words += ["--", program]
    words += recording.program.split(separator: " ").map { $0 == "/disk/file" ? work + "/file" : String($0) }
    let exit = try status(of: words)
    let signal = recording.runs[0].signal
    guard exit == (signal > 0 ? 128 + signal : recording.runs[0].status) else {
      fail("\(recording.name): the program's exit status was \(exit)")
    }
    let data = try Data(contentsOf: URL(fileURLWithPath: report))
    guard let json = try JSONSerialization.jsonObject(with: data) as? [String: Any],
      let vmstat = json["vmstat"] as? [String: Int], let swap = json["swap"] as? [String: Int]
    else { fail("\(recording.name): the report has no figures") }
    return Model(vmstat: vmstat, peakSwap: swap["peak"] ?? 0)
  }

  private static func compare(
    _ figure: Figure, _ recording: Recording, _ models: [Model]
  ) -> (text: String, isJudged: Bool, isOff: Bool) {
    let kernel = recording.runs.map { figure.value($0.vmstat, peakSwap: $0.peakSwap) }
    let mean = kernel.reduce(0, +) / Double(kernel.count)
    let least = kernel.min() ?? 0
    let most = kernel.max() ?? 0
    let values = models.map { figure.value($0.vmstat, peakSwap: $0.peakSwap) }
    let value = values.reduce(0, +) / Double(values.count)
    let isJudged = figure.tolerance == 0 || max(mean, value) >= Figure.least
    let isNear = abs(value - mean) <= mean * figure.tolerance / 100 || (least...most).contains(value)
    let off = mean > 0 ? (value - mean) / mean * 100 : 0
    func column(_ text: String, _ width: Int) -> String { text.padding(toLength: width, withPad: " ", startingAt: 0) }
    func number(_ value: Double, _ width: Int) -> String {
      let text = String(Int(value.rounded()))
      return String(repeating: " ", count: max(width - text.count, 0)) + text
    }
    let range = "(\(Int(least)) to \(Int(most)))"
    var text = column(recording.name, 18) + " " + column(figure.name, 12) + number(mean, 13) + " " + column(range, 22)
    text += number(value, 12) + String(format: " %+8.1f %%", off)
    if isJudged && !isNear { text += "  OFF" } else if !isJudged { text += "  -" }
    if let first = values.min(), let last = values.max(), first != last { text += " (\(Int(first)) to \(Int(last)))" }
    return (text, isJudged, isJudged && !isNear)
  }

  private static func status(of words: [String]) throws -> Int {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: words[0])
    process.arguments = Array(words.dropFirst())
    try process.run()
    process.waitUntilExit()
    return process.terminationReason == .uncaughtSignal
      ? 128 + Int(process.terminationStatus) : Int(process.terminationStatus)
  }

  private static func fail(_ text: String) -> Never {
    FileHandle.standardError.write(Data("pressure-conformance: \(text)\n".utf8))
    exit(2)
  }
}
