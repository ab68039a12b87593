import Foundation
import KernelText
import LinuxMM

/// Physical memory and processors as flags and machine files describe them.
struct MemoryDescription {
  private var ram: UInt64?
  private var kernelRAM: UInt64?
  private var cpus: Int?
  private var architecture: Architecture?
  private var lowMemory: UInt64?
  private var nodes: [Int: NodeDescription] = [:]
  private var distances: [NodePair: Int] = [:]
  private var movable = MovableRequest.none
  private var contiguous: [UInt64] = []
  private var memoryMapFile: String?
  private var keepsInUse = false
  /// Frames that were free on the machine to be imitated.
  var free: FreeFramesText?
  /// Settings whose meaning depends on the architecture, which may come later.
  private var sysctls: [(name: String, value: String, place: String)] = []

  private struct NodeDescription {
    var bytes: UInt64
    /// `nil`: its share of the processors.
    var processors: [Int]?
  }

  private struct NodePair: Hashable {
    var from: Int
    var to: Int
  }

  private enum MovableRequest {
    case none
    case kernelCore(Amount)
    case movableCore(Amount)
  }

  private enum Amount {
    case bytes(UInt64)
    case percent(UInt64)

    func frames(of total: Int) -> Int {
      switch self {
      case .bytes(let bytes): Int(bytes >> 12)
      case .percent(let percent): total * 100 * Int(percent) / 10_000
      }
    }
  }

  static let keys =
    [
      "ram", "cpus", "kernel-ram", "arch", "lowmem", "node.N", "distance.N.M", "kernelcore", "movablecore", "cma",
      "memmap", "memmap.in_use",
    ]
    + MemorySysctl.all.map(\.name)

  /// Sets a key, if it is one of these.
  ///
  /// - Parameter place: where the value stands, for the error.
  mutating func set(_ key: String, _ value: String, from place: String) throws -> Bool {
    func wrong(_ accepted: String) -> Failure {
      Failure(.usage, "\(place): '\(value)' is not accepted; expected \(accepted)")
    }
    func size(_ text: some StringProtocol, _ range: ClosedRange<UInt64>, _ accepted: String) throws -> UInt64 {
      guard let size = ByteSize(argument: String(text))?.bytes, range.contains(size) else { throw wrong(accepted) }
      return size
    }
    let anySize: ClosedRange<UInt64> = 0...(MachineConfiguration.largestRAM)
    switch key {
    case "ram":
      ram = try size(
        value, MachineConfiguration.smallestRAM...MachineConfiguration.largestRAM,
        "a size from 8M to 15T, such as 256M or 4G")
    case "kernel-ram": kernelRAM = try size(value, anySize, "a size such as 64M")
    case "cpus":
      guard let count = Int(value), (1...MachineConfiguration.mostProcessors).contains(count) else {
        throw wrong("a number from 1 to 64")
      }
      cpus = count
    case "arch":
      switch value {
      case "x86_64": architecture = .x86_64
      case "i386": architecture = .i386
      case "i386-pae": architecture = .i386PAE
      default: throw wrong("'x86_64', 'i386' or 'i386-pae'")
      }
    case "lowmem": lowMemory = try size(value, (64 << 20)...(3 << 30), "a size from 64M to 3G")
    case "kernelcore", "movablecore":
      let amount: Amount
      if value.hasSuffix("%") {
        guard let percent = UInt64(value.dropLast()), percent <= 100 else {
          throw wrong("a size such as 512M, or a percentage from 0% to 100%")
        }
        amount = .percent(percent)
      } else {
        amount = .bytes(try size(value, anySize, "a size such as 512M, or a percentage from 0% to 100%"))
      }
      movable = key == "kernelcore" ? .kernelCore(amount) : .movableCore(amount)
    case "cma":
      contiguous = try value.split(separator: ",").map {
        try size($0, 4096...MachineConfiguration.largestRAM, "sizes such as 64M, joined by commas")
      }
    case "memmap": memoryMapFile = value
    case "memmap.in_use":
      guard value == "0" || value == "1" else { throw wrong("0 or 1") }
      keepsInUse = value == "1"
    default:
      if key.hasPrefix("node.") {
        try setNode(String(key.dropFirst(5)), value, wrong)
      } else if key.hasPrefix("distance.") {
        let numbers = key.dropFirst(9).split(separator: ".").map { Int($0) }
        guard numbers.count == 2, let from = numbers[0], let to = numbers[1], let distance = Int(value) else {
          throw wrong("a distance from 11 to 254 between two nodes")
        }
        distances[NodePair(from: from, to: to)] = distance
      } else if MemorySysctl.all.contains(where: { $0.name == key }) {
        sysctls.append((key, value, place))
      } else {
        return false
      }
    }
    return true
  }

  private mutating func setNode(_ number: String, _ value: String, _ wrong: (String) -> Failure) throws {
    let accepted = "NODE:SIZE or NODE:SIZE:CPUS with a node from 0 to 63, such as 0:256M or 1:512M:0-1,4"
    let parts = value.split(separator: ":", omittingEmptySubsequences: false)
    guard let node = Int(number), (0..<MemoryMap.mostNodes).contains(node), (1...2).contains(parts.count),
      let bytes = ByteSize(argument: String(parts[0]))?.bytes, bytes <= MachineConfiguration.largestRAM
    else { throw wrong(accepted) }
    guard bytes == 0 || bytes >= PageSize.bytes else { throw wrong("a node of no memory (0) or at least one page, 4K") }
    var processors: [Int]?
    if parts.count == 2 {
      var list: [Int] = []
      for range in parts[1].split(separator: ",") {
        let ends = range.split(separator: "-").map { Int($0) }
        guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first <= last,
          first >= 0,
          last < MachineConfiguration.mostProcessors
        else { throw wrong(accepted) }
        list += first...last
      }
      processors = list
    }
    nodes[node] = NodeDescription(bytes: bytes, processors: processors)
  }

  func configuration() throws -> PhysicalConfiguration {
    if keepsInUse && memoryMapFile == nil {
      throw Failure(
        .usage, "memmap.in_use says what the memory of --memmap was used for; expected --memmap FILE with it")
    }
    do {
      return memoryMapFile == nil ? try described() : try imitated()
    } catch let problem as PhysicalConfiguration.Problem {
      throw Failure(.usage, problem.description)
    }
  }

  /// The settings given, over those of `start`.
  private func settings(_ architecture: Architecture, over start: MemorySettings) throws -> MemorySettings {
    var settings = start
    for (name, value, place) in sysctls {
      guard let sysctl = MemorySysctl.all.first(where: { $0.name == name }) else { continue }
      if !sysctl.set(value, &settings, architecture) {
        throw Failure(.usage, "\(place): '\(value)' is not accepted; expected \(sysctl.accepted)")
      }
    }
    return settings
  }

  /// A machine with the zones of a zoneinfo text.
  private func imitated() throws -> PhysicalConfiguration {
    let path = memoryMapFile ?? ""
    guard ram == nil, nodes.isEmpty, kernelRAM == nil, contiguous.isEmpty else {
      throw Failure(
        .usage, "--memmap says where memory is; it cannot be given with --ram, --node, --kernel-ram or --cma")
    }
    var memory = ImitatedMemory(try readZoneInfo(path))
    if let architecture {
      guard (architecture == .x86_64) == (memory.architecture == .x86_64) else {
        throw Failure(.usage, "--memmap '\(path)' is of another architecture than 'arch' says")
      }
      memory.architecture = architecture
    }
    memory.settings = try settings(memory.architecture, over: memory.settings)
    memory.free = free
    memory.keepsInUse = keepsInUse
    if let cpus { memory.nodeOfProcessor = [Int](repeating: 0, count: cpus) }
    return try imitatedConfiguration(memory, path)
  }

  private func described() throws -> PhysicalConfiguration {
    let architecture = architecture ?? .x86_64
    let settings = try settings(architecture, over: MemorySettings())
    let bytes = try nodeSizes()
    let total = bytes.reduce(0, +)
    guard total >= MachineConfiguration.smallestRAM, total <= MachineConfiguration.largestRAM else {
      throw Failure(.usage, "the nodes have \(total) bytes of RAM together; expected 8M to 15T")
    }
    if let kernelRAM, kernelRAM > total / 4 * 3 {
      throw Failure(.usage, "--kernel-ram: the kernel may take three quarters of the RAM at most")
    }
    let frames = Int(total >> 12)
    let movable: MovableMemory =
      switch self.movable {
      case .none: .none
      case .kernelCore(let amount): .kernelCore(amount.frames(of: frames))
      case .movableCore(let amount): .movableCore(amount.frames(of: frames))
      }
    return try PhysicalConfiguration.pc(
      bytes, kernelBytes: kernelRAM, nodeOfProcessor: try nodeOfProcessor(bytes.count),
      distances: try table(bytes.count),
      settings: settings, movable: movable, architecture: architecture,
      lowMemoryEnd: lowMemory.map { FrameNumber(UInt32($0 >> 12)) } ?? Architecture.usualLowMemoryEnd,
      contiguousBytes: contiguous)
  }

  private func nodeSizes() throws -> [UInt64] {
    guard let last = nodes.keys.max() else { return [ram ?? 1 << 30] }
    for node in 0...last where nodes[node] == nil {
      throw Failure(.usage, "--node \(last) is given, but no --node \(node)")
    }
    let bytes = (0...last).map { nodes[$0]?.bytes ?? 0 }
    if let ram, ram != bytes.reduce(0, +) {
      throw Failure(.usage, "--ram says \(ram) bytes, the nodes have \(bytes.reduce(0, +)) together")
    }
    return bytes
  }

  private func nodeOfProcessor(_ nodeCount: Int) throws -> [Int] {
    let given = nodes.values.flatMap { $0.processors ?? [] }
    let highest = given.max() ?? -1
    if let cpus, highest >= cpus {
      throw Failure(.usage, "--node: processor \(highest) does not exist; --cpus says \(cpus)")
    }
    let count = cpus ?? max(highest + 1, 1)
    var result = [Int?](repeating: nil, count: count)
    for (node, description) in nodes {
      for processor in description.processors ?? [] {
        if let other = result[processor] {
          throw Failure(
            .usage, "--node: processor \(processor) is given to nodes \(min(node, other)) and \(max(node, other))")
        }
        result[processor] = node
      }
    }
    let open = (0..<nodeCount).filter { nodes[$0]?.processors == nil }
    var next = 0
    for processor in result.indices where result[processor] == nil {
      result[processor] = open.isEmpty ? 0 : open[next % open.count]
      next += 1
    }
    return result.map { $0 ?? 0 }
  }

  private func table(_ nodeCount: Int) throws -> [Int]? {
    if distances.isEmpty { return nil }
    var table = (0..<(nodeCount * nodeCount)).map {
      $0 / nodeCount == $0 % nodeCount ? NodeTopology.localDistance : NodeTopology.remoteDistance
    }
    for (pair, distance) in distances {
      guard (0..<nodeCount).contains(pair.from), (0..<nodeCount).contains(pair.to) else {
        throw Failure(.usage, "--distance \(pair.from):\(pair.to): there are only nodes 0 to \(nodeCount - 1)")
      }
      table[pair.from * nodeCount + pair.to] = distance
      // Given in one direction, a distance holds in both.
      if distances[NodePair(from: pair.to, to: pair.from)] == nil { table[pair.to * nodeCount + pair.from] = distance }
    }
    return table
  }
}

/// Reads a zoneinfo text.
func readZoneInfo(_ path: String) throws -> ZoneInfoText {
  let text = try readText(path)
  do throws(ZoneInfoText.Problem) { return try ZoneInfoText(text) } catch {
    throw Failure(.damagedInput, "'\(path)' is not a text of zoneinfo: \(error)")
  }
}

/// The configuration of a machine with the zones of a text.
func imitatedConfiguration(_ memory: ImitatedMemory, _ path: String) throws -> PhysicalConfiguration {
  do { return try memory.configuration() } catch {
    throw Failure(.damagedInput, "'\(path)' describes no machine that can be modelled: \(error)")
  }
}
