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

  /// All that the buffers did is somebody's: of a process, and of an area of it, through splits, merges, forks and moves.
  @Test(arguments: [41, 42] as [UInt64]) func figuresBelongToProcessesAndAreas(seed: UInt64) throws {
    var random = XorShift64(seed: seed)
    let machine = try TestMachine(ram: 256 << 20, processors: 2)
    let first = machine.process
    let second = try #require(machine.fork(first, sharesMemory: false))
    var bases: [[VirtualAddress]] = []
    for process in [first, second] {
      var areas: [VirtualAddress] = []
      for _ in 0..<3 {
        areas.append(try machine.anonymous(process, pages: 200))
        // A page that must stay free keeps areas apart.
        _ = try machine.map(
          process, MapRequest(length: 4096, protection: [], flags: [.private, .anonymous]))
      }
      bases.append(areas)
    }
    for _ in 0..<30_000 {
      let which = Int(random.below(2))
      let base = bases[which][Int(random.below(3))]
      let process = which == 0 ? first : second
      switch random.below(200) {
      case 0:
        try machine.protect(process, base.page(random.below(150)), length: 8 * 4096, [.read])
      case 1:
        try machine.protect(process, base, length: 200 * 4096, [.read, .write])
      case 2:
        try machine.advise(process, base.page(random.below(150)), length: 8 * 4096, .dontNeed)
      default:
        let page = base.page(random.below(200)).page
        _ = machine.access(process, page, random.below(4) == 0 ? .write : .read, on: Int(random.below(2)))
      }
    }
    let total = machine.tlbStatistics
    func sum(_ figures: [TranslationFigures]) -> TranslationFigures {
      figures.reduce(into: TranslationFigures()) { $0.add($1, since: TranslationFigures()) }
    }
    let processes = sum([first, second].map { machine.process($0).translation })
    let areas = sum(machine.areaFigures.map(\.figures))
    for figures in [processes, areas] {
      #expect(figures.misses == total.firstLevelMisses, "seed \(seed)")
      #expect(figures.secondLevelHits == total.secondLevelHits && figures.walks == total.walks, "seed \(seed)")
      #expect(figures.walkReferences == total.walkReferences, "seed \(seed)")
    }
    // Three areas of each process, however often they were split.
    for (which, process) in [first, second].enumerated() {
      let own = machine.areaFigures.filter { $0.process == process }
      #expect(own.count == 3, "seed \(seed): \(own)")
      for area in own {
        let base = try #require(bases[which].first { $0.page == area.start })
        #expect(area.end == base.page + 200 && area.kind == .anonymous && area.figures.misses > 0, "seed \(seed)")
      }
    }
    try machine.checkInvariants()
  }

  @Test func areasAreWhatTheirProgramUsesThemFor() throws {
    let machine = try TestMachine()
    let process = machine.process
    let heap = try machine.setBreak(process, VirtualAddress(0x1000_0000 + 16 * 4096))
    let file = machine.file(FileIdentity(device: 3, inode: 4), size: 1 << 20)
    let mapped = try machine.map(
      process, MapRequest(length: 16 * 4096, protection: [.read], flags: [.private], file: file))
    let shared = try machine.map(
      process, MapRequest(length: 4096, protection: [.read, .write], flags: [.shared, .anonymous]))
    let pages = [heap.rawValue - 4096, mapped.rawValue, shared.rawValue, TestMachine.stackTop - 4096]
    for page in pages { #expect(machine.write(process, VirtualAddress(page)) != .killed) }
    for page in pages { #expect(machine.read(process, VirtualAddress(page)) == .done) }
    let kinds = machine.areaFigures.map(\.kind)
    #expect(kinds == [.heap, .file(FileIdentity(device: 3, inode: 4)), .sharedMemory, .stack])
  }

  @Test func exitsInterruptProcessorsThatStillHaveTheSpace() throws {
    let machine = try TestMachine(processors: 2)
    let base = try machine.anonymous(machine.process, pages: 2)
    for processor in 0..<2 { #expect(machine.access(machine.process, base.page, .write, on: processor) == .done) }
    machine.exit(machine.process)
    #expect(machine.tlbStatistics.interrupts == 1)
  }

  @Test func theSameMachineWithFiveLevels() throws {
    for fiveLevels in [false, true] {
      var machine = try SimulatedMachine(
        try MachineConfiguration(physical: .pc([64 << 20]), fiveLevels: fiveLevels, startsWarm: true), memory: .host)
      let process = machine.start()
      #expect(machine.execute(process, TestMachine.stackOnly) == .done)
      let page = VirtualAddress(TestMachine.stackTop - 4096).page
      #expect(machine.access(process, page, .read, on: 0) == .done)
      #expect(machine.tlbStatistics.walkReferences == (fiveLevels ? 5 : 4))
      // The P4D table is not the process's.
      #expect(machine.process(process).tablePages == 3)
      // High addresses are there for those who ask for them.
      let high = MapRequest(
        address: VirtualAddress(0x00ff_0000_0000_0000), length: 4096, protection: [.read, .write],
        flags: [.private, .anonymous, .fixed])
      let mapped = try? machine.map(process, high)
      #expect((mapped != nil) == fiveLevels)
      if let mapped { #expect(machine.access(process, mapped.page, .write, on: 0) == .done) }
      let low = try machine.map(
        process, MapRequest(length: 4096, protection: [.read], flags: [.private, .anonymous]))
      #expect(low.rawValue < 1 << 47)
      try machine.checkInvariants()
    }
  }

  /// A 32-bit machine runs what fits below 3 GiB.
  @Test func the32BitMachines() throws {
    for (architecture, references, tables) in [(Architecture.i386, 2, 2), (.i386PAE, 2, 5)] {
      let physical = try PhysicalConfiguration.pc([64 << 20], architecture: architecture)
      var machine = try SimulatedMachine(
        try MachineConfiguration(physical: physical, startsWarm: true), memory: .host)
      let process = machine.start()
      let top: UInt64 = 0xbfff_f000
      let image = ProgramImage(
        segments: [], cleared: [], stackPointer: VirtualAddress(top - 4096), stackTop: VirtualAddress(top),
        breakStart: VirtualAddress(0x1000_0000))
      #expect(machine.execute(process, image) == .done)
      let base = try machine.map(
        process, MapRequest(length: 8 * 4096, protection: [.read, .write], flags: [.private, .anonymous]))
      #expect(base.rawValue < 0xc000_0000)
      for page in 0..<8 as Range<UInt64> { #expect(machine.access(process, base.page + page, .write, on: 0) == .done) }
      let before = machine.tlbStatistics.walkReferences
      #expect(machine.access(process, VirtualAddress(top - 4096).page, .read, on: 0) == .done)
      #expect(machine.tlbStatistics.walkReferences - before == UInt64(references))
      #expect(machine.process(process).tablePages == tables)
      let beyond = machine.access(process, VirtualAddress(0xc000_0000).page, .read, on: 0)
      #expect(beyond == .refused(.notMapped))
      let fork = machine.fork(process, sharesMemory: false)
      let child = try #require(fork)
      #expect(machine.access(child, base.page, .write, on: 0) == .done)
      try machine.checkInvariants()
      machine.exitAll()
      machine.sync()
      machine.dropCaches()
      #expect(machine.frameAccount.lost == 0 && machine.frameAccount.pageTables == 0)
    }
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
