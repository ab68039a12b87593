import Foundation
import LinuxMM

/// Runs `Tests/CallDriver` on a kernel.
struct Driver {
  let name: String
  private let kernel: CallConformance.Kernel
  private let folder: URL
  private let sources = "Tests/CallDriver"
  private(set) var environment = Model.Environment()

  init(_ kernel: CallConformance.Kernel) throws {
    self.kernel = kernel
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("quire-calls-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Self.run("/bin/bash", ["\(sources)/build.sh", folder.path])
    let program = try Data(contentsOf: folder.appendingPathComponent("subject"))
    environment.subjectSize = UInt64(program.count)
    // Behind the file's header, the first program header: address and size of the segment.
    let address = program.withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: 64 + 16, as: UInt64.self) }
    let size = program.withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: 64 + 32, as: UInt64.self) }
    environment.subjectEnd = address + size
    // Pages that are not on their disk yet would count as dirty.
    try Self.run("/bin/sync", [folder.path + "/subject"])
    switch kernel {
    case .running:
      name = try Self.text("/proc/sys/kernel/osrelease")
      guard let rules = Self.rules(name) else {
        throw NotComparable("the running kernel, \(name), is neither 6.1 nor 6.18: the model has no rules for it")
      }
      guard geteuid() == 0 else { throw NotComparable("only root sees the pages of the running kernel's processes") }
      environment.rules = rules
      environment.capabilities = Self.capabilities()
      // A new process has nothing but new areas.
      environment.recordsWrites = try Self.text("/proc/self/smaps").contains(" sd")
      environment.lowestAddress = UInt64(try Self.text("/proc/sys/vm/mmap_min_addr")) ?? 65536
    case .debian:
      name = "Debian's 6.1"
      // The root of the virtual machine is in memory.
      environment.hasDisk = false
      environment.readsBeforeWriting = true
    }
  }

  /// In what a kernel differs from 6.1, `nil` if that is not known.
  private static func rules(_ release: String) -> KernelRules? {
    switch release.split(separator: ".").prefix(2).joined(separator: ".") {
    case "6.1": .linux61
    case "6.18": .linux618
    default: nil
    }
  }

  /// What root may do here.
  private static func capabilities() -> Capabilities {
    let lines = ((try? text("/proc/self/status")) ?? "").split(separator: "\n")
    let value = lines.first { $0.hasPrefix("CapEff:") }?.split(separator: "\t").last
    return Capabilities(rawValue: value.flatMap { UInt64($0, radix: 16) } ?? .max)
  }

  func clean() { try? FileManager.default.removeItem(at: folder) }

  /// The outcomes of sequences, each beginning with two for its start.
  func outcomes(of sequences: [CallSequence]) throws -> [[Outcome]] {
    try write(sequences)
    try drive([])
    let bytes = try Data(contentsOf: folder.appendingPathComponent("results"))
    let stride = MemoryLayout<Outcome>.stride
    let wanted = sequences.reduce(0) { $0 + $1.calls.count + 2 }
    guard bytes.count >= wanted * stride else {
      throw Problem("the driver answered \(bytes.count / stride) of \(wanted) calls")
    }
    var position = 0
    return sequences.map { sequence in
      (0..<(sequence.calls.count + 2)).map { _ in
        defer { position += stride }
        return bytes.withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: position, as: Outcome.self) }
      }
    }
  }

  /// Both sides' states around a difference.
  func details(_ sequence: CallSequence, _ difference: Comparison.Difference, _ model: (String, String)) throws
    -> String
  {
    try write([sequence])
    let first = difference.step
    let output = try drive(["\(first)", "\(max(difference.step, 1))"])
    var states = output.components(separatedBy: "=== ")
    var after = states.popLast() ?? ""
    if difference.step == 0 { after = states.popLast() ?? "" }
    let kernelLines = Set(after.split(separator: "\n").map(String.init))
    let modelLines = Set(model.0.split(separator: "\n").map(String.init))
    return """
      --- before
      \(model.1)--- only the kernel has
      \(after.split(separator: "\n").dropFirst().filter { !modelLines.contains(String($0)) }.joined(separator: "\n"))
      --- only the model has
      \(model.0.split(separator: "\n").filter { !kernelLines.contains(String($0)) }.joined(separator: "\n"))
      """
  }

  private func write(_ sequences: [CallSequence]) throws {
    var bytes = Data()
    for sequence in sequences {
      withUnsafeBytes(of: (UInt32(sequence.calls.count), UInt32(sequence.isUnprivileged ? 1 : 0))) {
        unsafe bytes.append(contentsOf: $0)
      }
      for call in sequence.calls { withUnsafeBytes(of: call) { unsafe bytes.append(contentsOf: $0) } }
    }
    try bytes.write(to: folder.appendingPathComponent("calls"))
  }

  @discardableResult
  private func drive(_ range: [String]) throws -> String {
    switch kernel {
    case .running:
      return try Self.run(
        folder.path + "/driver", [folder.path + "/subject", folder.path + "/calls", folder.path + "/results"] + range,
        in: folder)
    case .debian: return try Self.run("/bin/bash", ["\(sources)/debian.sh", folder.path] + range)
    }
  }

  private static func text(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  @discardableResult
  private static func run(_ program: String, _ arguments: [String], in folder: URL? = nil) throws -> String {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardOutput = output
    if let folder { process.currentDirectoryURL = folder }
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Problem("\(program) ended with \(process.terminationStatus)") }
    return String(decoding: data, as: UTF8.self)
  }
}

/// Why a kernel cannot be compared with.
struct NotComparable: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
