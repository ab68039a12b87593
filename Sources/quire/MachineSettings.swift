import Foundation
import LinuxMM
import Yams

/// The machine's settings under their keys, checked one by one as they come.
struct MachineSettings {
  var memory = MemoryDescription()
  private var startsWarm = false
  private var tlb = TLBConfiguration()
  private var stackLimit: UInt64?
  private var costs = CostModel()

  static let keys =
    MemoryDescription.keys + [
      "page-cache", "stack_limit", "tlb.l1i", "tlb.l1d", "tlb.l2", "tlb.pcid",
      "cost.instruction_ps", "cost.tlb_l2_ps", "cost.walk_ps", "cost.fault_ps", "cost.disk_request_ps",
      "cost.disk_page_ps",
    ]

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
      else { throw wrong("ENTRIES:WAYS with 1 to 64 ways, the entries a power of two times the ways, e.g. 64:4") }
      return geometry
    }
    func cost() throws -> UInt64 {
      try number(0...1_000_000_000_000, "a number of picoseconds from 0 to 1000000000000")
    }
    if try memory.set(key, value, from: place) { return }
    switch key {
    case "page-cache":
      guard value == "cold" || value == "warm" else { throw wrong("'cold' or 'warm'") }
      startsWarm = value == "warm"
    case "stack_limit": stackLimit = try size(4096, 1 << 46, "a size of at least 4K, such as 8M")
    case "tlb.l1i": tlb.instruction = try geometry()
    case "tlb.l1d": tlb.data = try geometry()
    case "tlb.l2": tlb.second = try geometry()
    case "tlb.pcid": tlb.processContexts = try number(0...1, "0 or 1") == 1
    case "cost.instruction_ps": costs.instruction = try cost()
    case "cost.tlb_l2_ps": costs.secondLevelHit = try cost()
    case "cost.walk_ps": costs.walkReference = try cost()
    case "cost.fault_ps": costs.fault = try cost()
    case "cost.disk_request_ps": costs.diskRequest = try cost()
    case "cost.disk_page_ps": costs.diskPage = try cost()
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
  }

  private mutating func read(_ mapping: Node.Mapping, prefix: String, _ file: String) throws {
    for (key, value) in mapping {
      let name = prefix + (key.scalar?.string ?? "?")
      if let inner = value.mapping {
        try read(inner, prefix: name + ".", file)
      } else if let scalar = value.scalar {
        try set(name, scalar.string, from: "machine file '\(file)', key '\(name)'")
      } else {
        throw Failure(.usage, "machine file '\(file)', key '\(name)': expected one value, found a list")
      }
    }
  }

  func configuration() throws -> MachineConfiguration {
    let physical = try memory.configuration()
    do throws(MachineConfiguration.Impossible) {
      return try MachineConfiguration(
        physical: physical, tlb: tlb, startsWarm: startsWarm, stackLimit: stackLimit, costs: costs)
    } catch {
      switch error {
      case .ramOutOfRange: throw Failure(.usage, "the machine's RAM: expected a size from 8M to 15T")
      case .processorsOutOfRange: throw Failure(.usage, "--cpus: expected a number from 1 to 64")
      case .kernelTooLarge:
        throw Failure(.usage, "--kernel-ram: the kernel may take three quarters of the RAM at most")
      case .stackLimitTooSmall: throw Failure(.usage, "stack_limit: expected at least 4K")
      case .physical(let problem): throw Failure(.usage, problem.description)
      }
    }
  }
}
