import ArgumentParser
import LinuxMM

/// The machine, by flags and by a file with the same keys.
struct MachineOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Installed RAM, 8M to 15T (default 1G).", valueName: "size"))
  var ram: [String] = []

  @Option(help: ArgumentHelp("Processors, 1 to 64 (default 1).", valueName: "count"))
  var cpus: [String] = []

  @Option(
    name: .customLong("kernel-ram"),
    help: ArgumentHelp(
      "RAM the kernel takes at boot (default 1/64 of the RAM plus 24M, a quarter at most).", valueName: "size"))
  var kernelRAM: [String] = []

  @Option(
    name: .customLong("page-cache"),
    help: ArgumentHelp(
      "cold: files are read from the disk first (default); warm: they are in memory already.",
      valueName: "cold|warm"))
  var pageCache: [String] = []

  @Option(
    help: ArgumentHelp(
      "Any other setting; may be repeated. Keys: tlb.l1i, tlb.l1d, tlb.l2 (entries:ways), tlb.pcid (0 or 1), "
        + "stack_limit, cost.instruction_ps, cost.tlb_l2_ps, cost.walk_ps, cost.fault_ps, cost.disk_request_ps, "
        + "cost.disk_page_ps.",
      valueName: "key=value"))
  var set: [String] = []

  @Option(help: ArgumentHelp("A YAML file with the same keys; flags go before it.", valueName: "file"))
  var machine: String?

  /// The configuration that flags and file describe.
  func configuration() throws -> MachineConfiguration {
    var settings = MachineSettings()
    if let machine { try settings.read(file: machine) }
    var flags: [(String, String)] = []
    for (key, values) in [
      ("ram", ram), ("cpus", cpus), ("kernel-ram", kernelRAM), ("page-cache", pageCache),
    ] {
      guard let value = values.first else { continue }
      if let other = values.first(where: { $0 != value }) {
        throw Failure(.usage, "--\(key) is given twice, as '\(value)' and '\(other)'")
      }
      flags.append((key, value))
    }
    for (key, value) in flags { try settings.set(key, value, from: "--\(key)") }
    var seen: [String: String] = [:]
    for pair in set {
      guard let mark = pair.firstIndex(of: "=") else {
        throw Failure(.usage, "--set '\(pair)': expected KEY=VALUE")
      }
      let key = String(pair[..<mark])
      let value = String(pair[pair.index(after: mark)...])
      if let other = seen[key], other != value {
        throw Failure(.usage, "--set \(key) is given twice, as '\(other)' and '\(value)'")
      }
      if let flag = flags.first(where: { $0.0 == key }), flag.1 != value {
        throw Failure(.usage, "--\(key) \(flag.1) and --set \(key)=\(value) contradict each other")
      }
      seen[key] = value
      try settings.set(key, value, from: "--set \(key)")
    }
    return try settings.configuration()
  }
}
