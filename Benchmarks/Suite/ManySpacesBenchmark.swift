import Foundation
import HostMemory
import LinuxMM

/// Many areas in one address space, and many processes around one library: what one more operation costs, and the memory.
enum ManySpacesBenchmark {
  /// Ten times as many each time, so that growth by no more than the logarithm shows as equal steps.
  static let areaCounts: [UInt64] = [1_000, 10_000, 100_000, 1_000_000]
  static let processCounts = [10, 100, 1_000, 10_000]

  static func run(repetitions: Int) throws {
    print("\nareas in one address space: ns an operation at random places, medians of \(repetitions)")
    Benchmarks.row("", "fault", "mmap+munmap", "mprotect", "bytes an area")
    for count in areaCounts {
      let samples = try (0..<repetitions).map { _ in try areas(count) }
      row("\(count) areas", samples, 0, 1)
    }
    print("\nprocesses that share one library of 512 pages: ns an operation of one of them, medians of \(repetitions)")
    Benchmarks.row("", "fault", "mmap+munmap", "fork+exit", "KiB a process")
    for count in processCounts {
      let samples = try (0..<repetitions).map { _ in try processes(count) }
      row("\(count) processes", samples, 1, 1024)
    }
  }

  private static func row(_ name: String, _ samples: [[Double]], _ digits: Int, _ unit: Double) {
    var medians = (0..<4).map { column in samples.map { $0[column] }.median }
    // What a repetition gives back, the next one need not ask the host for.
    medians[3] = (samples.map { $0[3] }.max() ?? 0) / unit
    Benchmarks.row(
      name, Benchmarks.f(medians[0], 0), Benchmarks.f(medians[1], 0), Benchmarks.f(medians[2], 0),
      Benchmarks.f(medians[3], digits))
  }

  private static func machine(ram: UInt64) throws -> SimulatedMachine {
    var configuration = try MachineConfiguration(ramBytes: ram, startsWarm: true)
    configuration.virtualMemory.overcommitMemory = .always
    configuration.virtualMemory.maximumAreas = 2_000_000
    return try SimulatedMachine(configuration, memory: .host)
  }

  private static func residentBytes() throws -> Double {
    let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    return (Double(text.split(separator: " ")[1]) ?? 0) * 4096
  }

  private static func time(_ count: Int, _ body: (_ index: Int) throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    for index in 0..<count { try body(index) }
    return start.duration(to: .now) / .nanoseconds(1) / Double(count)
  }

  /// Areas of three pages with holes of two between them.
  private static func areas(_ count: UInt64) throws -> [Double] {
    var machine = try machine(ram: 16 << 30)
    let process = machine.start()
    let base: UInt64 = 0x1_0000_0000
    let before = try residentBytes()
    for area in 0..<count {
      _ = try machine.map(
        process,
        MapRequest(
          address: VirtualAddress(base + area * 20480), length: 12288, protection: [.read, .write],
          flags: [.private, .anonymous, .fixed]))
    }
    let bytes = (try residentBytes() - before) / Double(count)
    var random = XorShift64(seed: 2026)
    let operations = 20_000
    let places = (0..<operations).map { _ in VirtualAddress(base + random.below(count) * 20480) }
    // The page tables are there when it counts, each page is not.
    for place in places { _ = machine.access(process, place.page, .write, on: 0) }
    for place in places { try machine.advise(process, place, length: 4096, .dontNeed) }
    let fault = time(operations) { index in
      _ = machine.access(process, places[index].page, .write, on: 0)
    }
    let mapping = try time(operations) { index in
      let hole = VirtualAddress(places[index].rawValue + 12288)
      _ = try machine.map(
        process,
        MapRequest(address: hole, length: 4096, protection: .read, flags: [.private, .anonymous, .fixed]))
      try machine.unmap(process, hole, length: 4096)
    }
    let protection = try time(operations * 2) { index in
      let middle = VirtualAddress(places[index / 2].rawValue + 4096)
      try machine.protect(process, middle, length: 4096, index % 2 == 0 ? .read : [.read, .write])
    }
    return [fault, mapping, protection, bytes]
  }

  /// Processes with a library's code, its data, and memory of their own.
  private static func processes(_ count: Int) throws -> [Double] {
    var machine = try machine(ram: 16 << 30)
    let library = machine.file(FileIdentity(device: 1, inode: 2), size: 512 * 4096)
    let code: UInt64 = 0x7f00_0000_0000
    func fill(_ process: ProcessIndex) throws {
      _ = try machine.map(
        process,
        MapRequest(
          address: VirtualAddress(code), length: 400 * 4096, protection: [.read, .execute], flags: [.private, .fixed],
          file: library))
      _ = try machine.map(
        process,
        MapRequest(
          address: VirtualAddress(code + 400 * 4096), length: 112 * 4096, protection: [.read, .write],
          flags: [.private, .fixed], file: library, offset: 400 * 4096))
      _ = try machine.map(
        process,
        MapRequest(
          address: VirtualAddress(0x1000_0000), length: 64 * 4096, protection: [.read, .write],
          flags: [.private, .anonymous, .fixed]))
      for page in stride(from: UInt64(0), to: 400, by: 16) {
        _ = machine.access(process, VirtualAddress(code).page + page, .fetch, on: 0)
      }
      for page in 0..<UInt64(8) {
        _ = machine.access(process, VirtualAddress(code).page + 400 + page, .write, on: 0)
        _ = machine.access(process, VirtualAddress(0x1000_0000).page + page, .write, on: 0)
      }
    }
    let before = try residentBytes()
    var processes: [ProcessIndex] = []
    for _ in 0..<count {
      processes.append(machine.start())
      try fill(processes[processes.count - 1])
    }
    let bytes = (try residentBytes() - before) / Double(count)
    var random = XorShift64(seed: 2026)
    let operations = 20_000
    let choices = (0..<operations).map { _ in processes[Int(random.below(UInt64(count)))] }
    let data = VirtualAddress(code + 408 * 4096)
    // Each copy is given back, so that there is a fault the next time too.
    var fault = 0.0
    for process in choices {
      fault += time(1) { _ in _ = machine.access(process, data.page, .write, on: 0) }
      try machine.advise(process, data, length: 4096, .dontNeed)
    }
    let mapping = try time(operations) { index in
      let address = try machine.map(
        choices[index],
        MapRequest(length: 4096, protection: [.read, .execute], flags: .private, file: library))
      try machine.unmap(choices[index], address, length: 4096)
    }
    let fork = try time(operations / 20) { index in
      guard let child = machine.fork(choices[index], sharesMemory: false) else { throw Problem("fork failed") }
      machine.exit(child)
    }
    return [fault / Double(operations), mapping, fork, bytes]
  }
}
