import Foundation
import LinuxMM
import Yams

/// The machine's settings under their keys, checked one by one as they come.
struct MachineSettings {
  var memory = MemoryDescription()
  private var startsWarm = false
  private var model = ProcessorModel.intelSkylakeServer
  /// What is set of the translation buffers beside the model.
  private var instruction: TLBGeometry?
  private var data: TLBGeometry?
  private var second: TLBGeometry?
  private var processContexts: Bool?
  private var walkCaches: [String: WalkCaches.Cache] = [:]
  private var fiveLevels = false
  private var stackLimit: UInt64?
  private var costs = CostModel()
  private var balancing = BalancingSettings()
  private var heap = HeapOptions()
  private var reclaim = ReclaimOptions()
  private(set) var workload = Workload()

  static let keys =
    MemoryDescription.keys + [
      "page-cache", "stack_limit", "la57", "tlb", "tlb.l1i", "tlb.l1d", "tlb.l2", "tlb.pcid", "tlb.pde", "tlb.pdpte",
      "tlb.pml4e", "tlb.pml5e", "kernel.numa_balancing", "numa_balancing.scan_delay_ms",
      "numa_balancing.scan_period_min_ms", "numa_balancing.scan_period_max_ms", "numa_balancing.scan_size_mb",
      "cost.instruction_ps", "cost.tlb_l2_ps", "cost.walk_ps", "cost.fault_ps", "cost.disk_request_ps",
      "cost.disk_page_ps", "cost.scan_ps", "cost.reclaim_ps",
    ] + HeapOptions.keys + ReclaimOptions.keys

  /// Sets one key.
  ///
  /// - Parameter place: where the value stands, for the error: a flag, or a file and its key.
  mutating func set(_ key: String, _ value: String, from place: String) throws {
    func wrong(_ accepted: String) -> Failure {
      Failure(.usage, "\(place): '\(value)' is not accepted; expected \(accepted)")
    }
    func size(_ low: UInt64, _ high: UInt64, _ accepted: String) throws -> UInt64 {
      guard let size = ByteSize(argument: value)?.bytes, size >= low, size <= high else {
        throw wrong(accepted)
      }
      return size
    }
    func number(_ range: ClosedRange<UInt64>, _ accepted: String) throws -> UInt64 {
      guard let number = UInt64(value), range.contains(number) else { throw wrong(accepted) }
      return number
    }
    func geometry() throws -> TLBGeometry {
      let parts = value.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, let entries = Int(parts[0]), let ways = Int(parts[1]),
        let geometry = TLBGeometry(entries: entries, ways: ways)
      else { throw wrong("ENTRIES:WAYS with 1 to 128 ways, the entries a power of two times the ways, e.g. 64:4") }
      return geometry
    }
    func cost() throws -> UInt64 {
      try number(0...1_000_000_000_000, "a number of picoseconds from 0 to 1000000000000")
    }
    func milliseconds() throws -> UInt64 {
      try number(1...86_400_000, "a number of milliseconds from 1 to 86400000")
    }
    if try memory.set(key, value, from: place) { return }
    if try heap.set(key, value, wrong) { return }
    if try reclaim.set(key, value, wrong) { return }
    switch key {
    case "page-cache":
      guard value == "cold" || value == "warm" else { throw wrong("'cold' or 'warm'") }
      startsWarm = value == "warm"
    case "stack_limit": stackLimit = try size(4096, 1 << 46, "a size of at least 4K, such as 8M")
    case "la57": fiveLevels = try number(0...1, "0 or 1") == 1
    case "tlb":
      guard let model = ProcessorModel.allCases.first(where: { "\($0.name)" == value }) else {
        throw wrong("one of " + ProcessorModel.allCases.map { "\($0.name)" }.joined(separator: ", "))
      }
      self.model = model
    case "tlb.l1i": instruction = try geometry()
    case "tlb.l1d": data = try geometry()
    case "tlb.l2": second = try geometry()
    case "tlb.pcid": processContexts = try number(0...1, "0 or 1") == 1
    case "tlb.pde", "tlb.pdpte", "tlb.pml4e", "tlb.pml5e":
      walkCaches[key] = value == "0" ? WalkCaches.Cache.none : .own(try geometry())
    case "kernel.numa_balancing": balancing.isOn = try number(0...1, "0 or 1") == 1
    case "numa_balancing.scan_delay_ms": balancing.scanDelay = try milliseconds()
    case "numa_balancing.scan_period_min_ms": balancing.shortestPeriod = try milliseconds()
    case "numa_balancing.scan_period_max_ms": balancing.longestPeriod = try milliseconds()
    case "numa_balancing.scan_size_mb":
      balancing.scanSize = try number(1...1_048_576, "a number of MiB from 1 to 1048576")
    case "cost.instruction_ps": costs.instruction = try cost()
    case "cost.tlb_l2_ps": costs.secondLevelHit = try cost()
    case "cost.walk_ps": costs.walkReference = try cost()
    case "cost.fault_ps": costs.fault = try cost()
    case "cost.disk_request_ps": costs.diskRequest = try cost()
    case "cost.disk_page_ps": costs.diskPage = try cost()
    case "cost.scan_ps": costs.scan = try cost()
    case "cost.reclaim_ps": costs.reclaim = try cost()
    default:
      throw Failure(
        .usage, "\(place): there is no setting '\(key)'; known are \(Self.keys.joined(separator: ", "))")
    }
  }

  /// Reads a YAML file: keys and values, or keys under keys joined by points.
  mutating func read(file: String) throws {
    guard let content = FileManager.default.contents(atPath: file) else {
      throw Failure(.noInput, "cannot open the machine file '\(file)'")
    }
    guard let text = String(data: content, encoding: .utf8) else {
      throw Failure(.usage, "the machine file '\(file)' is not UTF-8 text")
    }
    let node: Node?
    do {
      node = try Yams.compose(yaml: text)
    } catch {
      let place = (error as? YamlError).map { "\($0)" } ?? "\(error)"
      throw Failure(
        .usage, "the machine file '\(file)' is not YAML: \(place.split(separator: "\n").joined(separator: " "))")
    }
    guard let node else { return }
    guard let mapping = node.mapping else {
      throw Failure(.usage, "the machine file '\(file)' must hold keys and values, such as 'ram: 256M'")
    }
    try read(mapping, prefix: "", file)
    try workload.check(file)
  }

  private mutating func read(_ mapping: Node.Mapping, prefix: String, _ file: String) throws {
    for (key, value) in mapping {
      let name = prefix + (key.scalar?.string ?? "?")
      if Workload.keys.contains(name) {
        try workload.read(name, value, file)
      } else if let inner = value.mapping {
        try read(inner, prefix: name + ".", file)
      } else if let scalar = value.scalar {
        try set(name, scalar.string, from: "machine file '\(file)', key '\(name)'")
      } else {
        throw Failure(.usage, "machine file '\(file)', key '\(name)': expected one value, found a list")
      }
    }
  }

  /// The model's buffers, with what is set over them.
  private var tlb: TLBConfiguration {
    var tlb = model.tlb
    if let instruction { tlb.instruction.base = instruction }
    if let data { tlb.data.base = data }
    if let second { tlb.second.base = second }
    if let processContexts { tlb.processContexts = processContexts }
    if let cache = walkCaches["tlb.pde"] { tlb.walkCaches.pde = cache }
    if let cache = walkCaches["tlb.pdpte"] { tlb.walkCaches.pdpte = cache }
    if let cache = walkCaches["tlb.pml4e"] { tlb.walkCaches.pml4e = cache }
    if let cache = walkCaches["tlb.pml5e"] { tlb.walkCaches.pml5e = cache }
    return tlb
  }

  func configuration() throws -> MachineConfiguration {
    let physical = try memory.configuration()
    do throws(MachineConfiguration.Impossible) {
      var configuration = try MachineConfiguration(
        physical: physical, tlb: tlb, fiveLevels: fiveLevels, startsWarm: startsWarm, stackLimit: stackLimit,
        costs: costs)
      configuration.balancing = balancing
      heap.apply(to: &configuration.heap)
      reclaim.apply(to: &configuration)
      return configuration
    } catch {
      switch error {
      case .ramOutOfRange: throw Failure(.usage, "the machine's RAM: expected a size from 8M to 15T")
      case .processorsOutOfRange: throw Failure(.usage, "--cpus: expected a number from 1 to 64")
      case .kernelTooLarge:
        throw Failure(.usage, "--kernel-ram: the kernel may take three quarters of the RAM at most")
      case .stackLimitTooSmall: throw Failure(.usage, "stack_limit: expected at least 4K")
      case .fiveLevelsNeed64Bits:
        throw Failure(.usage, "la57: five levels of page tables need the architecture x86_64")
      case .physical(let problem): throw Failure(.usage, problem.description)
      }
    }
  }
}
