import HostMemory
import Testing

@testable import LinuxMM

/// Who gets memory from where, and what is kept back.
@Suite struct AllocationRuleTests {
  private func nodes(_ bytes: [UInt64], distances: [Int]? = nil) throws -> TestMemory {
    try TestMemory(
      .pc(bytes, kernelBytes: 0, nodeOfProcessor: Array(bytes.indices), distances: distances))
  }

  private func node(_ frame: FrameNumber, _ test: TestMemory) -> Int {
    test.memory.zones[test.memory.zone(of: frame)].node
  }

  private func kind(_ frame: FrameNumber, _ test: TestMemory) -> ZoneKind {
    test.memory.zones[test.memory.zone(of: frame)].kind
  }

  @Test func memoryComesFromTheNearestNode() throws {
    let test = try nodes([64 << 20, 64 << 20, 64 << 20], distances: [10, 30, 20, 30, 10, 20, 20, 20, 10])
    for processor in 0..<3 { #expect(node(try test.allocate(processor: processor), test) == processor) }
    #expect(node(try test.allocate(node: 2), test) == 2)
    // When node 0 is used up, node 2 is nearer than node 1.
    var last = 0
    while last == 0 { last = node(try test.allocate(0, .noWait, processor: 0), test) }
    #expect(last == 2)
    // Only there, or not at all.
    var count = 0
    while (try? test.allocate(0, [.noWait, .thisNode], processor: 0)) != nil { count += 1 }
    #expect(node(try test.allocate(processor: 0), test) == 2)
    try test.check()
  }

  @Test func zonesFollowTheFlags() throws {
    let test = try TestMemory(.pc([6 << 30], kernelBytes: 0, movable: .movableCore(1 << 18)))
    #expect(kind(try test.allocate(), test) == .normal)
    #expect(kind(try test.allocate(0, .highUserMovable), test) == .movable)
    #expect(kind(try test.allocate(0, .highUser), test) == .normal)
    #expect(kind(try test.allocate(0, [.kernel, .dma32]), test) == .dma32)
    #expect(kind(try test.allocate(0, [.kernel, .dma]), test) == .dma)
    let small = try TestMemory(.pc([2 << 30], kernelBytes: 0, architecture: .i386PAE))
    #expect(kind(try small.allocate(0, .highUser), small) == .highmem)
    #expect(kind(try small.allocate(), small) == .normal)
    #expect(kind(try small.allocate(0, [.kernel, .dma32]), small) == .normal)
  }

  /// How much each kind of request leaves: half and 3/8 of the minimum for those with a right to it.
  @Test func reservesAreKept() throws {
    // The last blocks mix pageblocks, which would raise the marks.
    var settings = MemorySettings()
    settings.watermarkBoostFactor = 0
    func left(_ flags: GFPFlags) throws -> Int {
      let test = try TestMemory(.pc([64 << 20], kernelBytes: 0, settings: settings))
      while (try? test.allocate(0, flags)) != nil {}
      return test.free
    }
    let plain = try left(.noWait)
    let high = try left([.kswapdReclaim, .high, .noReserve])
    let atomic = try left(.atomicRequest)
    #expect(plain > high && high > atomic && atomic > 0)
    #expect(try left([.kernel, .memoryAllocation]) == 0)
    let test = try TestMemory(.pc([64 << 20], kernelBytes: 0))
    let figures = test.memory.zoneFigures
    let minimum = figures.reduce(0) { $0 + $1.minimum }
    let protection = figures[0].protection[2]
    // Lists are refilled in batches, so that a little less than one batch may go below.
    let batch = figures.map(\.listBatch).max() ?? 0
    #expect(abs(plain - minimum - protection) <= batch, "\(plain) \(minimum) \(protection) \(high) \(atomic)")
  }

  @Test func kindsOfUseKeepApart() throws {
    let test = try TestMemory(.pc([64 << 20], kernelBytes: 0))
    var blocks: [[MigrationType: Int]] = []
    for _ in 0..<2000 {
      let unmovable = try test.allocate()
      let movable = try test.allocate(0, .highUserMovable)
      let reclaimable = try test.allocate(0, [.kernel, .reclaimable])
      for (frame, type) in [(unmovable, MigrationType.unmovable), (movable, .movable), (reclaimable, .reclaimable)] {
        #expect(test.memory.pageblocks[test.memory.pageblock(of: frame)].type == type)
      }
      blocks.append([:])
    }
    #expect(test.memory.events().fallbacks >= 2)
    #expect(test.memory.events().fragmenting == 0)
    try test.check()
  }

  @Test func blocksForThoseWhoCannotWaitAreKept() throws {
    let test = try TestMemory(.pc([256 << 20], kernelBytes: 0))
    // Below the low mark such requests take their pageblock with them.
    while test.free > test.memory.zoneFigures.reduce(0, { $0 + $1.low }) + 200 { _ = try test.allocate(0, .kernel) }
    for _ in 0..<40 { _ = try? test.allocate(3, .atomicRequest) }
    let kept = test.memory.zones.indices.reduce(0) { $0 + test.memory.zones[$1].highAtomic.value }
    #expect(kept == 512 || kept == 1024)
    try test.check()
  }

  @Test func boostRaisesTheMarks() throws {
    let test = try TestMemory(.pc([64 << 20], kernelBytes: 0))
    var frames: [FrameNumber] = []
    while let frame = try? test.allocate(0, .highUserMovable) { frames.append(frame) }
    // Free memory, but only in mixed pageblocks.
    for (index, frame) in frames.enumerated() where index % 16 < 8 && index > 4000 { try test.free(frame) }
    for _ in 0..<1000 { _ = try? test.allocate() }
    #expect(test.memory.events().fragmenting > 0)
    #expect(test.memory.zoneFigures.contains { $0.boost > 0 })
    try test.check()
  }

  @Test func fragmentationIsMeasuredAsTheKernelDoes() throws {
    let test = try TestMemory([(0, 4096)])
    #expect(test.memory.unusableIndex(zone: 0, PageOrder(9)) == 0)
    #expect(test.memory.fragmentationIndex(zone: 0, PageOrder(9)) == -1000)
    var frames: [FrameNumber] = []
    while let frame = try? test.allocate(0, [.kernel, .memoryAllocation]) { frames.append(frame) }
    #expect(test.memory.fragmentationIndex(zone: 0, PageOrder(9)) == 0)
    for frame in frames where frame.rawValue % 2 == 0 { try test.free(frame) }
    test.drain()
    // 2048 single frames: 1000 - (1000 + 2048 * 1000 / 512) / 2048 = 998.
    #expect(test.memory.fragmentationIndex(zone: 0, PageOrder(9)) == 998)
    #expect(test.memory.unusableIndex(zone: 0, PageOrder(1)) == 1000)
    #expect(test.memory.externalFragmentation(zone: 0, PageOrder(9)) == 100)
  }
}

/// Cases that a review found.
@Suite struct AllocatorEdgeTests {
  /// A HighMem zone may begin anywhere: here in the middle of a pageblock.
  @Test func zonesThatMeetInAPageblockStayApart() throws {
    let map = try MemoryMap(
      regions: [MemoryMap.Region(FrameRange(FrameNumber(1), FrameNumber(24576)))], reserved: [],
      architecture: .i386PAE, lowMemoryEnd: FrameNumber(16382))
    var settings = MemorySettings()
    settings.minimumFreeKilobytes = 0
    let test = try TestMemory(PhysicalConfiguration(map: map, settings: settings))
    try test.check()
    var random = XorShift64(seed: 5)
    var live: [(FrameNumber, Int)] = []
    for step in 0..<100_000 {
      if random.below(100) < 52 {
        let order = Int(random.below(5))
        if let frame = try? test.allocate(order, random.below(2) == 0 ? .highUser : .kernel) {
          live.append((frame, order))
        }
      } else if !live.isEmpty {
        let (frame, order) = live.swapRemove(Int(random.below(UInt64(live.count))))
        try test.free(frame, order)
      }
      if step % 10_000 == 0 { try test.check() }
    }
    for (frame, order) in live { try test.free(frame, order) }
    test.drain()
    try test.check()
    #expect(test.free == test.managed)
  }

  @Test func impossibleOrdersAndFramesAreNamed() throws {
    let test = try TestMemory([(1, 256_000)])
    let frame = try test.allocate()
    for order in [11, 16, 64, 256, -1] {
      #expect(throws: FreeFailure.self) { try test.free(frame, order) }
      #expect(throws: AllocationFailure.self) { try test.allocate(order) }
    }
    #expect(throws: FreeFailure.notAllocated(FrameNumber(256_500))) { try test.free(FrameNumber(256_500)) }
    try test.check()
  }

  /// Who cannot wait may leave the nodes that were asked for.
  @Test func theSetOfNodesIsLeftByThoseWhoMay() throws {
    let test = try TestMemory(.pc([64 << 20, 64 << 20], kernelBytes: 0, nodeOfProcessor: [0, 1]))
    func take(_ flags: GFPFlags) throws(AllocationFailure) -> Int {
      let frame = try test.memory.allocatePages(.single, flags, nodes: 1)
      return test.memory.zones[test.memory.zone(of: frame)].node
    }
    do { while true { #expect(try take(.kernel) == 0) } } catch {}
    do { while try take(.atomicRequest) == 0 {} } catch { Issue.record("an atomic request stayed on its nodes") }
    #expect(throws: AllocationFailure.self) { try take(.kernel) }
    try test.check()
  }

  @Test func anEmptyNodeCountsTheNearestOnesMemoryAsItsOwn() throws {
    let test = try TestMemory(.pc([64 << 20, 0], kernelBytes: 0, nodeOfProcessor: [0, 1]))
    for _ in 0..<10 { _ = try test.allocate(processor: 1) }
    let events = test.memory.events()
    #expect(events.blocks == 10 && events.misses == 0 && events.foreign == 0 && events.other == 10)
  }
}
