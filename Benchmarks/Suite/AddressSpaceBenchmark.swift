import HostMemory
import LinuxMM

/// What the operations of address spaces cost: calls of the engine in one process, without a trace.
enum AddressSpaceBenchmark {
  /// An operation, its goal in nanoseconds, and how it is done by the model and by the running kernel.
  struct Row {
    var name: String
    var goal: Double
    var model: () throws -> Double
    var kernel: () throws -> Double
  }

  static let pages: UInt64 = 65536

  static var rows: [Row] {
    [
      Row(
        name: "fault on a fresh page", goal: 120, model: { try freshFault() }, kernel: { KernelOperations.freshFault() }
      ),
      Row(
        name: "fault on a present file page", goal: 120, model: { try fileFault() },
        kernel: { try KernelOperations.fileFault() }),
      Row(
        name: "write after fork (copy)", goal: 150, model: { try copyOnWrite() },
        kernel: { KernelOperations.copyOnWrite() }),
      Row(
        name: "mmap+munmap, 10 areas", goal: 250, model: { try mapAndUnmap(areas: 10) },
        kernel: { KernelOperations.mapAndUnmap(areas: 10) }),
      Row(
        name: "mmap+munmap, 50000 areas", goal: 400, model: { try mapAndUnmap(areas: 50_000) },
        kernel: { KernelOperations.mapAndUnmap(areas: 50_000) }),
      Row(
        name: "mprotect split+merge", goal: 400, model: { try splitAndMerge() },
        kernel: { KernelOperations.splitAndMerge() }),
      Row(
        name: "fork, per resident page", goal: 10, model: { try fork() }, kernel: { KernelOperations.fork() }),
    ]
  }

  /// A machine with one process that has nothing but a stack.
  private static func machine(
    ram: UInt64 = 2 << 30, around: UInt64 = 16
  ) throws -> SimulatedMachine {
    var configuration = try MachineConfiguration(ramBytes: ram, startsWarm: true)
    configuration.virtualMemory.overcommitMemory = .always
    configuration.virtualMemory.faultAroundPages = around
    var machine = try SimulatedMachine(configuration, memory: .host)
    let process = machine.start()
    first = process
    let top: UInt64 = 0x7fff_f000_0000
    let image = ProgramImage(
      segments: [], cleared: [], stackPointer: VirtualAddress(top - 4096), stackTop: VirtualAddress(top),
      breakStart: VirtualAddress(0x1000_0000))
    guard machine.execute(process, image) == .done else { throw Problem("the machine is too small") }
    return machine
  }

  nonisolated(unsafe) private static var first: ProcessIndex?

  private static func time(_ count: UInt64, _ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    return start.duration(to: .now) / .nanoseconds(1) / Double(count)
  }

  private static let memory = MapRequest(
    length: pages * 4096, protection: [.read, .write], flags: [.private, .anonymous])

  private static func freshFault() throws -> Double {
    var machine = try machine()
    let process = first!
    let base = try machine.map(process, memory).page
    return time(pages) {
      for page in 0..<pages { _ = machine.access(process, base + page, .write, on: 0) }
    }
  }

  /// Without mapping around, so that each page takes a fault of its own.
  private static func fileFault() throws -> Double {
    var machine = try machine(around: 1)
    let process = first!
    let file = machine.file(FileIdentity(device: 1, inode: 2), size: pages * 4096)
    machine.accessFile(process, file, offset: 0, length: pages * 4096, writes: false)
    let base = try machine.map(
      process, MapRequest(length: pages * 4096, protection: .read, flags: .shared, file: file)
    ).page
    return time(pages) {
      for page in 0..<pages { _ = machine.access(process, base + page, .read, on: 0) }
    }
  }

  private static func copyOnWrite() throws -> Double {
    var machine = try machine()
    let process = first!
    let base = try machine.map(process, memory).page
    for page in 0..<pages { _ = machine.access(process, base + page, .write, on: 0) }
    guard let child = machine.fork(process, sharesMemory: false) else { throw Problem("fork failed") }
    return time(pages) {
      for page in 0..<pages { _ = machine.access(child, base + page, .write, on: 0) }
    }
  }

  private static func mapAndUnmap(areas: UInt64) throws -> Double {
    var machine = try machine()
    let process = first!
    // Areas that cannot merge, with a page between them.
    for area in 0..<areas {
      _ = try machine.map(
        process,
        MapRequest(
          address: VirtualAddress(0x1_0000_0000 + area * 8192), length: 4096, protection: .read,
          flags: [.private, .anonymous, .fixed]))
    }
    let count: UInt64 = 200_000
    return try time(count) {
      for _ in 0..<count {
        let address = try machine.map(
          process, MapRequest(length: 4096, protection: [.read, .write], flags: [.private, .anonymous]))
        try machine.unmap(process, address, length: 4096)
      }
    }
  }

  /// Per call: one that splits an area in three, then one that makes it one again.
  private static func splitAndMerge() throws -> Double {
    var machine = try machine()
    let process = first!
    let base = try machine.map(
      process, MapRequest(length: 16 * 4096, protection: [.read, .write], flags: [.private, .anonymous]))
    let middle = VirtualAddress(base.rawValue + 8 * 4096)
    let count: UInt64 = 200_000
    return try time(count * 2) {
      for _ in 0..<count {
        try machine.protect(process, middle, length: 4096, .read)
        try machine.protect(process, middle, length: 4096, [.read, .write])
      }
    }
  }

  private static func fork() throws -> Double {
    var machine = try machine()
    let process = first!
    let base = try machine.map(process, memory).page
    for page in 0..<pages { _ = machine.access(process, base + page, .write, on: 0) }
    let count: UInt64 = 8
    return try time(count * pages) {
      for _ in 0..<count {
        guard let child = machine.fork(process, sharesMemory: false) else { throw Problem("fork failed") }
        machine.exit(child)
      }
    }
  }
}
