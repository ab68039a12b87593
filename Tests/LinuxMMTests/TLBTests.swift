import Testing

@testable import LinuxMM

/// One buffer as lists of pages, most recently used first.
private struct NaiveBuffer {
  let geometry: TLBGeometry
  var sets: [[UInt64]]

  init(_ geometry: TLBGeometry) {
    self.geometry = geometry
    sets = Array(repeating: [], count: geometry.sets)
  }

  /// - Returns: whether the page was there; it is afterwards, in front.
  mutating func use(_ page: UInt64) -> Bool {
    let set = Int(page) % geometry.sets
    let known = sets[set].firstIndex(of: page)
    if let known { sets[set].remove(at: known) }
    sets[set].insert(page, at: 0)
    if sets[set].count > geometry.ways { sets[set].removeLast() }
    return known != nil
  }
}

@Suite struct TLBTests {
  @Test(arguments: [(64, 4, 1536, 12), (16, 1, 64, 64), (8, 8, 32, 2), (96, 6, 512, 4)])
  func hitsAsListsDo(_ data: Int, _ dataWays: Int, _ second: Int, _ secondWays: Int) throws {
    var configuration = TLBConfiguration()
    let first = try #require(TLBGeometry(entries: data, ways: dataWays))
    let other = try #require(TLBGeometry(entries: second, ways: secondWays))
    configuration.data.base = first
    configuration.second.base = other
    let machine = try TestMachine(tlb: configuration)
    let process = machine.process
    let base = try machine.anonymous(process, pages: 600)
    for page in 0..<600 { #expect(machine.write(process, base.page(UInt64(page))) == .done) }
    // From here on nothing faults: only the buffers decide.
    var firstLevel = NaiveBuffer(first)
    var secondLevel = NaiveBuffer(other)
    machine.machine.spaces.flushAll(machine.machine.processes[process.rawValue].space)
    let before = machine.tlbStatistics
    var random = XorShift64(seed: 5)
    var firstMisses: UInt64 = 0
    var secondHits: UInt64 = 0
    for _ in 0..<100_000 {
      let span: UInt64 = random.below(3) == 0 ? 600 : 40
      let page = random.below(span)
      if !firstLevel.use(base.page.rawValue + page) {
        firstMisses += 1
        if secondLevel.use(base.page.rawValue + page) { secondHits += 1 }
      }
      _ = machine.write(process, base.page(page))
    }
    let after = machine.tlbStatistics
    #expect(after.firstLevelMisses - before.firstLevelMisses == firstMisses)
    #expect(after.secondLevelHits - before.secondLevelHits == secondHits)
    #expect(after.walks - before.walks == firstMisses - secondHits)
  }

  @Test func aSwitchBackFindsTheTranslationsWithProcessContextsOnly() throws {
    for contexts in [true, false] {
      var configuration = TLBConfiguration()
      configuration.processContexts = contexts
      let machine = try TestMachine(tlb: configuration)
      var bases: [(ProcessIndex, VirtualAddress)] = []
      for _ in 0..<2 {
        let process = machine.start()
        let base = try machine.anonymous(process, pages: 1)
        bases.append((process, base))
        #expect(machine.write(process, base) == .done)
      }
      let before = machine.tlbStatistics.walks
      for _ in 0..<10 { for (process, base) in bases { #expect(machine.write(process, base) == .done) } }
      #expect(machine.tlbStatistics.walks - before == (contexts ? 0 : 20))
    }
  }

  @Test func translationsAndFaultsCostTime() throws {
    var costs = CostModel()
    costs.instruction = 1000
    costs.secondLevelHit = 1_000_000
    costs.walkReference = 1_000_000_000
    costs.fault = 1_000_000_000_000
    var machine = try SimulatedMachine(
      try MachineConfiguration(ramBytes: 64 << 20, costs: costs), memory: .host)
    machine.advance(accesses: 0, instructions: 7)
    #expect(machine.nanoseconds == 7)
    let process = machine.start()
    _ = machine.execute(process, TestMachine.stackOnly)
    let faults = machine.faultCount
    _ = machine.access(process, VirtualAddress(TestMachine.stackTop - 4096).page, .read, on: 0)
    machine.advance(accesses: 1, instructions: 0)
    // The page is there since exec: a walk of four entries and no fault.
    let walks = machine.tlbStatistics.walkReferences
    #expect(walks == 4)
    #expect(machine.nanoseconds == 7 + faults * 1_000_000_000 + walks * 1_000_000)
  }

  @Test func impossibleGeometriesAreRefused() {
    #expect(TLBGeometry(entries: 0, ways: 1) == nil)
    #expect(TLBGeometry(entries: 64, ways: 0) == nil)
    #expect(TLBGeometry(entries: 65, ways: 4) == nil)
    #expect(TLBGeometry(entries: 48, ways: 4) == nil)
    #expect(TLBGeometry(entries: 256, ways: 129) == nil)
    #expect(TLBGeometry(entries: 72, ways: 72) != nil)
    #expect(TLBGeometry(entries: 1536, ways: 12) != nil)
  }
}
