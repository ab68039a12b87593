import HostMemory
import LinuxMM

/// Memory that is short: what evicting, scanning and charging cost on this host.
enum PressureBenchmark {
  private static let base: UInt64 = 0x7000_0000_0000
  private static let image = ProgramImage(
    segments: [], cleared: [], stackPointer: VirtualAddress(0x7fff_f000_0000 - 4096),
    stackTop: VirtualAddress(0x7fff_f000_0000), breakStart: VirtualAddress(0x1000_0000))

  static func run(repetitions: Int) throws {
    print("\nunder pressure: medians of \(repetitions)")
    Benchmarks.row("", "million a second", "goal", "ns each")
    for (name, isFile) in [("private pages evicted", false), ("pages of a file evicted", true)]
    where Benchmarks.isWanted(name) {
      let nanoseconds = try (0..<repetitions).map { _ in try evict(isFile: isFile) }.median
      Benchmarks.row(name, Benchmarks.f(1000 / nanoseconds, 2), "5", Benchmarks.f(nanoseconds, 0))
    }
    if Benchmarks.isWanted("pages scanned") {
      let scan = try (0..<repetitions).map { _ in try Self.scan() }.median
      Benchmarks.row("pages scanned", Benchmarks.f(1000 / scan, 2), "50", Benchmarks.f(scan, 1))
    }
    guard Benchmarks.isWanted("faults charged") else { return }
    let plain = try (0..<repetitions).map { _ in try fault(groups: 0) }.median
    for groups in [1, 10_000] {
      let charged = try (0..<repetitions).map { _ in try fault(groups: groups) }.median
      Benchmarks.row(
        "faults charged, \(groups) groups", Benchmarks.f(1000 / charged, 2), "",
        "\(Benchmarks.f(charged, 1)), \(Benchmarks.f((charged / plain - 1) * 100, 1)) % more than without")
    }
  }

  /// A machine with one program.
  private final class Subject {
    var machine: SimulatedMachine
    let process: ProcessIndex

    init(ram: UInt64, swap: UInt64) throws {
      var configuration = try MachineConfiguration(ramBytes: ram)
      configuration.virtualMemory.overcommitMemory = .always
      if let area = SwapConfiguration(bytes: swap, device: .virtual) { configuration.swap = [area] }
      machine = try SimulatedMachine(configuration, memory: .host)
      process = machine.start()
      guard machine.execute(process, image) == .done else { throw Problem("the machine has no room for a program") }
    }

    func map(pages: UInt64) throws -> VirtualPage {
      try machine.map(
        process,
        MapRequest(
          address: VirtualAddress(base), length: pages << 12, protection: [.read, .write],
          flags: [.private, .anonymous, .fixed])
      ).page
    }

    func write(_ start: VirtualPage, _ pages: UInt64) {
      for page in 0..<pages { _ = machine.access(process, start + page, .write, on: 0) }
    }

    func figure(_ name: String) -> UInt64 {
      var result: UInt64 = 0
      machine.forEachStatistic { if $0.description == name { result = $1 } }
      return result
    }
  }

  private static func time(_ body: () throws -> Void) rethrows -> Double {
    let began = ContinuousClock.now
    try body()
    return began.duration(to: .now) / .nanoseconds(1)
  }

  /// Nanoseconds for each page evicted, with the faults or reads that bring the next one.
  private static func evict(isFile: Bool) throws -> Double {
    let subject = try Subject(ram: 128 << 20, swap: 1 << 30)
    let pages: UInt64 = 131_072
    let file = subject.machine.file(FileIdentity(device: 1, inode: 1), size: pages << 12)
    let start = try isFile ? VirtualPage(0) : subject.map(pages: pages)
    func pass() {
      guard isFile else { return subject.write(start, pages) }
      for part in 0..<(pages / 16) {
        subject.machine.accessFile(subject.process, file, offset: part << 16, length: 1 << 16, writes: false)
      }
    }
    pass()
    let name = isFile ? "pgsteal_file" : "pgsteal_anon"
    let before = subject.figure(name)
    let nanoseconds = time(pass)
    return nanoseconds / Double(max(subject.figure(name) - before, 1))
  }

  /// Nanoseconds for each page that is looked at; most stay, since they were used.
  private static func scan() throws -> Double {
    let subject = try Subject(ram: 4 << 30, swap: 40 << 20)
    subject.write(try subject.map(pages: 900_000), 900_000)
    let before = subject.figure("pgscan_anon")
    let nanoseconds = time { subject.machine.reclaim(pages: 1 << 18) }
    return nanoseconds / Double(max(subject.figure("pgscan_anon") - before, 1))
  }

  /// Nanoseconds for a first touch.
  private static func fault(groups: Int) throws -> Double {
    let subject = try Subject(ram: 1 << 30, swap: 40 << 20)
    for number in 0..<groups {
      guard let group = subject.machine.makeGroup() else { throw Problem("no group \(number)") }
      if number == groups / 2 { subject.machine.setGroup(subject.process, group) }
    }
    let start = try subject.map(pages: 100_000)
    return time { subject.write(start, 100_000) } / 100_000
  }
}
