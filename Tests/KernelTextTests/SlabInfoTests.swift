import KernelText
import LinuxMM
import Testing

/// Caches of real kernels' heaps, recorded by Tests/Kernels/slabs/record.sh.
@Suite struct SlabInfoTests {
  /// A recorded kernel, and the settings it booted with.
  struct Machine: Sendable, CustomStringConvertible {
    let name: String
    let settings: HeapSettings
    /// The same kernel with caches kept apart.
    let apart: String
    var description: String { name }

    init(
      _ name: String, processors: Int, apart: String = "amd64-apart", _ change: (inout HeapSettings) -> Void = { _ in }
    ) {
      var settings = HeapSettings(processors: processors)
      change(&settings)
      self.name = name
      self.settings = settings
      self.apart = apart
    }
  }

  static let machines = [
    Machine("amd64-1cpu", processors: 1), Machine("amd64-2cpu", processors: 2), Machine("amd64-4cpu", processors: 4),
    Machine("amd64-16cpu", processors: 16),
    Machine("amd64-orders", processors: 4) {
      $0.minimumObjects = 32
      $0.maximumOrder = PageOrder(5)
    },
    Machine("i386-2cpu", processors: 2, apart: "i386-apart") { $0.wordSize = 4 },
  ]
  static let others = [
    Machine("amd64-apart", processors: 2), Machine("amd64-debug", processors: 2),
    Machine("i386-apart", processors: 2) { $0.wordSize = 4 },
    Machine("host-6.18", processors: 2) { $0.rules = HeapRules(version: (6, 18)) },
  ]

  private func text(_ name: String) throws -> SlabInfoText {
    try SlabInfoText(KernelTexts.text("slabs", "\(name).txt"))
  }

  private func expectNoDifference(_ machine: Machine, _ comparison: SlabInfoComparison) {
    for row in comparison.rows where row.differs {
      Issue.record("\(machine.name), \(row.cache) \(row.figure): kernel \(row.kernel), model \(row.model)")
    }
  }

  @Test(arguments: machines) func cachesLieAndShareAsTheKernels(_ machine: Machine) throws {
    let comparison = SlabInfoComparison(try text(machine.name), apart: try text(machine.apart), machine.settings)
    #expect(comparison.cacheCount > 120 && comparison.rows.count { $0.figure == "shares" } > 180)
    expectNoDifference(machine, comparison)
  }

  @Test(arguments: others) func cachesLieAsTheKernels(_ machine: Machine) throws {
    let comparison = SlabInfoComparison(try text(machine.name), machine.settings)
    #expect(comparison.cacheCount > 190)
    expectNoDifference(machine, comparison)
  }

  /// With slabinfo alone, the size of objects is what is given.
  @Test(arguments: machines + others) func slabsHoldAsManyObjects(_ machine: Machine) throws {
    var text = try text(machine.name)
    text.values = []
    let comparison = SlabInfoComparison(text, machine.settings)
    #expect(comparison.cacheCount > 120)
    expectNoDifference(machine, comparison)
  }

  @Test func otherProcessorsAreADifference() throws {
    let comparison = SlabInfoComparison(try text("amd64-16cpu"), HeapSettings(processors: 2))
    #expect(comparison.differences > 50)
  }

  /// kmalloc.txt tells what a kernel gave for requests: first and last of a range, and bytes given.
  @Test func kmallocGivesAsMuchAsTheKernel() throws {
    var requests = 0
    for line in try KernelTexts.text("slabs", "kmalloc.txt").split(separator: "\n") where !line.hasPrefix("#") {
      let numbers = line.split(separator: " ").map { Int($0)! }
      for size in numbers[0]...numbers[1] {
        requests += 1
        if SizeClass.granted(size) != numbers[2] {
          Issue.record("\(size) bytes get \(SizeClass.granted(size)), from the kernel \(numbers[2])")
        }
      }
    }
    #expect(requests > 20_000)
    #expect(SizeClass.granted(1) == 8 && SizeClass.granted(0) == 0)
  }

  /// Between what was measured, the size given never falls, and is the smallest there is.
  @Test func sizesBetweenFollowFromTheirNeighbours() {
    var before = 0
    for size in 1...SizeClass.largestRequest {
      let given = SizeClass.granted(size)
      if given < size || given < before || (given > before && size != before + 1) {
        Issue.record("\(size) bytes get \(given), \(size - 1) got \(before)")
        return
      }
      before = given
    }
    for size in (SizeClass.largestRequest + 1)...(8 << 20) where SizeClass.granted(size) != 0 {
      Issue.record("\(size) bytes are more than kmalloc has")
      return
    }
  }

  @Test func textsOfOtherKindsAreRefused() {
    for (text, problem) in [
      ("", "there is no cache in it"),
      ("slabinfo - version: 1.1\n", "line 1: expected 'slabinfo - version: 2.1', found 'slabinfo - version: 1.1'"),
      ("vma 1 2 0 3 1 : tunables 0 0 0\n", "line 1: '0' is no number from 1 to 4194304"),
      ("vma 1 2 8 : tunables 0 0 0\n", "line 1: a line of slabinfo has a name and five numbers before ':'"),
      ("slab object_size align\nvma 8\n", "line 2: 1 values, where the table has 2 columns"),
      ("slab object_size align\nvma 8 3\n", "line 2: align 3 is no power of two up to 1 MiB"),
      ("MemTotal: 5 kB\n", "line 1: 'MemTotal:' is no line of slabinfo"),
    ] {
      do {
        _ = try SlabInfoText(text)
        Issue.record("accepted: \(text)")
      } catch {
        #expect(error.description == problem)
      }
    }
  }

  /// Damaged texts are refused or compared, and never stop the program.
  @Test func damagedTextsAreHarmless() throws {
    let bytes = Array(try KernelTexts.text("slabs", "amd64-2cpu.txt").utf8)
    let apart = try text("amd64-apart")
    var random = SystemRandomNumberGenerator()
    let seed = random.next()
    var generator = XorShift64(seed: seed | 1)
    for _ in 0..<150 {
      var damaged = bytes
      for _ in 0..<Int(generator.below(20)) {
        damaged[Int(generator.below(UInt64(damaged.count)))] = UInt8(truncatingIfNeeded: generator.next() & 127)
      }
      damaged.removeLast(Int(generator.below(UInt64(damaged.count / 2))))
      guard let text = try? SlabInfoText(String(decoding: damaged, as: UTF8.self)) else { continue }
      let comparison = SlabInfoComparison(text, apart: apart, HeapSettings(processors: 2))
      #expect(comparison.cacheCount > 0, "seed \(seed)")
    }
  }
}
