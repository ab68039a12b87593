import HostMemory
import LinuxMM

/// vmalloc among many areas: what one more costs.
enum VmallocBenchmark {
  /// Ten times as many each time, so that growth by no more than the logarithm shows as equal steps.
  static let areaCounts = [100, 1_000, 10_000, 100_000]

  static func run(repetitions: Int) throws {
    print("\nvmalloc among areas of 1 to 8 pages and holes: ns for allocation and free, medians of \(repetitions)")
    Benchmarks.row("", "1 MiB", "of a page", "4 KiB", "vmalloc_to_page")
    for count in areaCounts {
      let samples = try (0..<repetitions).map { _ in try measure(count) }
      let medians = (0..<3).map { column in samples.map { $0[column] }.median }
      Benchmarks.row(
        "\(count) areas", Benchmarks.f(medians[0], 0), Benchmarks.f(medians[0] / 256, 1), Benchmarks.f(medians[1], 0),
        Benchmarks.f(medians[2], 0))
    }
  }

  private static func measure(_ count: Int) throws -> [Double] {
    let heap = try Kmalloc(bytes: 4 << 30, processors: 1, from: .host).heap
    var random = XorShift64(seed: 2026)
    var live: [VirtualAddress] = []
    var between: [VirtualAddress] = []
    while live.count < count {
      let address = try heap.allocateVirtual(bytes: Int(1 + random.below(8)) << 12)
      if random.below(4) == 0 { between.append(address) } else { live.append(address) }
    }
    for address in between { try heap.freeVirtual(address) }
    heap.purgeVirtual()
    func time(_ operations: Int, _ body: () throws -> Void) rethrows -> Double {
      let start = ContinuousClock.now
      for _ in 0..<operations { try body() }
      return start.duration(to: .now) / .nanoseconds(1) / Double(operations)
    }
    // Many more than what waits for one flush, so that each pays its part.
    let large = try time(2_000) { try heap.freeVirtual(try heap.allocateVirtual(bytes: 1 << 20)) }
    let small = try time(20_000) { try heap.freeVirtual(try heap.allocateVirtual(bytes: 4096)) }
    var found = 0
    let lookup = time(20_000) {
      if heap.frame(of: live[Int(random.below(UInt64(count)))]) != nil { found += 1 }
    }
    guard found == 20_000 else { throw Problem("\(20_000 - found) live areas were not found") }
    return [large, small, lookup]
  }
}
