import Foundation
import Glibc
import HostMemory
import LinuxMM

/// Translations, each dependent on the one before, beside dependent loads of this machine.
struct TranslationBenchmark: ~Copyable {
  private var machine: SimulatedMachine
  private let process: ProcessIndex
  private var base = VirtualPage(0)

  /// A process with `pages` mapped pages.
  private static func make(
    pages: UInt64, _ configure: (inout TLBConfiguration) -> Void = { _ in }
  ) throws -> TranslationBenchmark {
    var tlb = TLBConfiguration()
    configure(&tlb)
    var result = TranslationBenchmark(
      try SimulatedMachine(
        try MachineConfiguration(ramBytes: 5 << 30, kernelBytes: 0, tlb: tlb, startsWarm: true), memory: .host))
    result.base = try result.machine.map(
      result.process, MapRequest(length: pages * 4096, protection: [.read, .write], flags: [.private, .anonymous])
    ).page
    for page in 0..<pages {
      guard result.machine.access(result.process, result.base + page, .write, on: 0) == .done else {
        throw Problem("a page has no frame")
      }
    }
    return result
  }

  private init(_ machine: consuming SimulatedMachine) {
    self.machine = machine
    process = self.machine.start()
  }

  /// Nanoseconds for each of `count` translations of random pages among the first `span`.
  private mutating func random(_ span: UInt64, _ count: Int) throws -> Double {
    var state: UInt64 = 88_172_645_463_325_252
    let start = ContinuousClock.now
    for _ in 0..<count {
      let page = base + (state >> 32 &* span) >> 32
      guard let frame = machine.translate(process, page, .read, on: 0) else { throw Problem("a page is not mapped") }
      state = (state ^ UInt64(frame.rawValue)) &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    }
    return start.duration(to: .now) / .nanoseconds(1) / Double(count)
  }

  /// The same of pages that are known ahead, as those of a recorded program are.
  private mutating func recorded(_ pages: [VirtualPage]) throws -> Double {
    let start = ContinuousClock.now
    for page in pages where machine.translate(process, page, .read, on: 0) == nil {
      throw Problem("a page is not mapped")
    }
    return start.duration(to: .now) / .nanoseconds(1) / Double(pages.count)
  }

  private mutating func bestRecorded(_ span: UInt64, _ repetitions: Int) throws -> Double {
    var random = XorShift64(seed: 2026)
    let pages = (0..<200_000).map { _ in base + random.below(span) }
    var result = Double.infinity
    for _ in 0..<(10 * repetitions) { result = min(result, try recorded(pages)) }
    return result
  }

  /// The same loop without translations.
  private static func loop(_ count: Int) -> Double {
    var state: UInt64 = 88_172_645_463_325_252
    let start = ContinuousClock.now
    for _ in 0..<count {
      state = (state ^ state >> 32) &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    }
    let time = start.duration(to: .now) / .nanoseconds(1) / Double(count)
    return state == 0 ? 0 : time
  }

  private mutating func best(_ span: UInt64, _ repetitions: Int) throws -> Double {
    var result = Double.infinity
    for _ in 0..<(10 * repetitions) { result = min(result, try random(span, 200_000)) }
    return result
  }

  static func run(repetitions: Int) throws {
    print("\ntranslation, each after the one before, ns; a fifth of 8192 pages are in the second level")
    let large: UInt64 = 1 << 20
    var plain = try Self.make(pages: large)
    var cached = try Self.make(pages: large) {
      $0.walkCaches.pde = .own(TLBGeometry(entries: 32, ways: 4)!)
      $0.walkCaches.pdpte = .own(TLBGeometry(entries: 4, ways: 4)!)
    }
    var none = try Self.make(pages: 8192) { $0 = ProcessorModel.none.tlb }
    func row(_ name: String, _ time: Double) { Benchmarks.row(name, Benchmarks.f(time, 2)) }
    row("the loop alone", (0..<repetitions).map { _ in loop(1_000_000) }.min() ?? 0)
    row("first level, same page", try plain.best(1, repetitions))
    row("first level, 32 pages", try plain.best(32, repetitions))
    row("second level, 1024 pages", try plain.best(1024, repetitions))
    row("walk of 4, 8192 pages", try plain.best(8192, repetitions))
    row("walk caches, 8192 pages", try cached.best(8192, repetitions))
    row("no buffers, 8192 pages", try none.best(8192, repetitions))
    row("known ahead: same page", try plain.bestRecorded(1, repetitions))
    row("known ahead: walk of 4, 8192", try plain.bestRecorded(8192, repetitions))
    row("known ahead: walk of 4, 65536", try plain.bestRecorded(65536, repetitions))
    row("known ahead: walk caches, 8192", try cached.bestRecorded(8192, repetitions))
    let real = try RealMemory(bytes: Int(large) * 4096)
    var loads: [Double] = []
    var walks: [Double] = []
    var shorter: [Double] = []
    for _ in 0..<repetitions {
      loads.append(real.chase(1_000_000))
      walks.append(try plain.random(large, 1_000_000))
      shorter.append(try cached.random(large, 1_000_000))
    }
    row("4 GiB, this machine", loads.median)
    for (name, times) in [("4 GiB, walk of 4", walks), ("4 GiB, walk caches", shorter)] {
      let ratio = zip(times, loads).map { $0 / $1 }.median
      Benchmarks.row(name, Benchmarks.f(times.median, 2), "\(Benchmarks.f(ratio, 2)) of this machine's load")
    }
  }
}
