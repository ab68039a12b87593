import ArgumentParser
import Foundation
import HostMemory
import KernelText
import LinuxMM

/// `quire validate zoneinfo`: marks, reserves and list sizes of a real kernel beside the model's.
struct ValidateZoneInfo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "zoneinfo",
    abstract: "Compare the figures of a zoneinfo text with the model's.",
    discussion: """
      Takes the present and managed pages, the processors and the settings as the texts say, and derives the rest: min, \
      low and high marks, protection and the sizes of the processors' lists. The last line is 'differences: N'; the exit \
      status is 1 if N is not 0.

      A kernel computes these figures at boot, before it frees the last memory, and again when a setting is written. With \
      --dmesg the text is taken as that of an untouched boot; without, as written after a setting was, e.g. by \
      'sysctl vm.min_free_kbytes=N' with its own value.

      EXAMPLES
        quire validate zoneinfo
        quire validate zoneinfo --sysctl sysctl.txt zoneinfo.txt
        quire validate zoneinfo --dmesg dmesg.txt --sysctl sysctl.txt zoneinfo.txt
      """)

  @Option(help: ArgumentHelp("The kernel's log: models the untouched boot.", valueName: "file"))
  var dmesg: String?

  @Flag(help: "The settings were rewritten since boot: take only processors and nodes from --dmesg.")
  var rewritten = false

  @Option(help: ArgumentHelp("The settings, as 'sysctl -a' prints them.", valueName: "file"))
  var sysctl: String?

  @Option(help: ArgumentHelp("Processors (default: those listed in the text).", valueName: "count"))
  var cpus: Int?

  @Option(
    name: .customLong("node-cpus"),
    help: ArgumentHelp(
      "How many processors a node has, once for each node; else as the log says, or evenly spread.",
      valueName: "node:count"))
  var nodeProcessors: [String] = []

  @Option(help: ArgumentHelp("A setting; may be repeated.", valueName: "key=value"))
  var set: [String] = []

  @Flag(help: "List only what differs.")
  var quiet = false

  @Argument(help: "The zoneinfo text (default: this machine's).")
  var file: String?

  func run() throws {
    try reportingFailures {
      let path = file ?? "/proc/zoneinfo"
      let text = try readZoneInfo(path)
      let log = try dmesg.map { BootLogText(try readText($0)) }
      var memory = ImitatedMemory(text, log: log, isUntouched: log != nil && !rewritten)
      if let spread = try processors(text) { memory.nodeOfProcessor = spread }
      var compared: Int?
      try readSettings(&memory, &compared)
      guard let model = PhysicalMemory(try imitatedConfiguration(memory, path), metadata: .host) else {
        throw Failure(.usage, "this computer has no address space for the metadata of that much memory")
      }
      let comparison = ZoneInfoComparison(
        text, model, minimumFreeKilobytes: compared, recomputed: try recomputed(memory, path))
      write(comparison)
      return comparison.differences > 0 ? 1 : 0
    }
  }

  /// The figures with the final amounts of memory, where the untouched boot is modelled.
  private func recomputed(_ memory: ImitatedMemory, _ path: String) throws -> [ZoneFigures]? {
    guard !memory.freedLater.isEmpty else { return nil }
    var final = memory
    final.freedLater = []
    return PhysicalMemory(try imitatedConfiguration(final, path), metadata: .host)?.zoneFigures
  }

  /// Whose processors are, if it was said.
  private func processors(_ text: ZoneInfoText) throws -> [Int]? {
    if let cpus, !(1...MachineConfiguration.mostProcessors).contains(cpus) {
      throw Failure(.usage, "--cpus: '\(cpus)' is not accepted; expected a number from 1 to 64")
    }
    if !nodeProcessors.isEmpty {
      var result: [Int] = []
      for pair in nodeProcessors {
        let parts = pair.split(separator: ":").map { Int($0) }
        guard parts.count == 2, let node = parts[0], let count = parts[1], (0..<text.nodeCount).contains(node),
          (0...MachineConfiguration.mostProcessors).contains(count)
        else {
          throw Failure(
            .usage,
            "--node-cpus: '\(pair)' is not accepted; expected NODE:COUNT with a node from 0 to \(text.nodeCount - 1)")
        }
        result += [Int](repeating: node, count: count)
      }
      guard !result.isEmpty else { throw Failure(.usage, "--node-cpus: expected at least one processor") }
      return result
    }
    if let cpus {
      return (0..<cpus).map { $0 % text.nodeCount }
    }
    guard file == nil else { return nil }
    // This machine says itself.
    var result = [Int](repeating: 0, count: text.processorCount)
    for node in 0..<text.nodeCount {
      for processor in result.indices
      where FileManager.default.fileExists(atPath: "/sys/devices/system/node/node\(node)/cpu\(processor)") {
        result[processor] = node
      }
    }
    return result
  }

  /// The settings from the options, the file, or this machine.
  private func readSettings(_ memory: inout ImitatedMemory, _ compared: inout Int?) throws {
    var values = SysctlText("")
    if let sysctl {
      values = SysctlText(try readText(sysctl))
    } else if file == nil {
      for setting in MemorySysctl.all where setting.name.hasPrefix("vm.") {
        let path = "/proc/sys/vm/" + setting.name.dropFirst(3)
        if let text = try? String(contentsOfFile: path, encoding: .utf8) {
          values.values[setting.name] = text.trimmingCharacters(in: .whitespacesAndNewlines)
        }
      }
    }
    for pair in set {
      let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { throw Failure(.usage, "--set '\(pair)': expected KEY=VALUE") }
      guard MemorySysctl.all.contains(where: { $0.name == parts[0] }) else {
        throw Failure(
          .usage,
          "--set \(parts[0]): there is no such setting; known are \(MemorySysctl.all.map(\.name).joined(separator: ", "))"
        )
      }
      values.values[parts[0]] = parts[1]
    }
    // At an untouched boot the kernel has computed it itself.
    if dmesg != nil && !rewritten && !set.contains(where: { $0.hasPrefix("vm.min_free_kbytes=") }) {
      compared = values.number("vm.min_free_kbytes")
      values.values["vm.min_free_kbytes"] = nil
    }
    do throws(SysctlProblem) { try memory.settings.read(values, memory.architecture) } catch {
      throw Failure(.usage, "\(error)")
    }
  }

  private func write(_ comparison: ZoneInfoComparison) {
    var lines: [String] = []
    var place: String?
    func pad(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(0, width - text.count))
    }
    for row in comparison.rows where !quiet || row.differs {
      let title = row.node.map { "Node \($0), zone \(row.zone)" } ?? "machine"
      if title != place {
        lines.append(pad(title, 25) + pad("kernel", 34) + "model")
        place = title
      }
      lines.append("  " + pad(row.figure, 23) + pad(row.kernel, 34) + row.model + (row.differs ? "   DIFFERS" : ""))
    }
    lines += comparison.notes
    lines.append("differences: \(comparison.differences)")
    print(lines.joined(separator: "\n"))
  }
}

/// Reads a text file, or standard input for `-`.
func readText(_ path: String) throws -> String {
  guard let handle = path == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: path) else {
    throw Failure(.noInput, "cannot open '\(path)'")
  }
  // Files of /proc have no size and come in pieces.
  var data = Data()
  do {
    while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty { data += piece }
  } catch {
    throw Failure(.noInput, "cannot read '\(path)'")
  }
  guard let text = String(data: data, encoding: .utf8) else {
    throw Failure(.damagedInput, "'\(path)' is not UTF-8 text")
  }
  return text
}
