import HostMemory
import Testing

@testable import LinuxMM

/// Free memory as nothing but the set of free frames: the allocator must never give a frame that is not in it.
private struct NaiveMemory {
  var isFree: [Bool]
  var count = 0

  init(frames: Int) { isFree = [Bool](repeating: false, count: frames) }

  mutating func take(_ frame: FrameNumber, _ order: PageOrder) -> Bool {
    for index in frame.index..<(frame.index + order.frameCount) {
      if !isFree[index] { return false }
      isFree[index] = false
    }
    count -= order.frameCount
    return true
  }

  mutating func give(_ frame: FrameNumber, _ order: PageOrder) {
    for index in frame.index..<(frame.index + order.frameCount) { isFree[index] = true }
    count += order.frameCount
  }
}

/// Holds physical memory for tests, whose macros cannot call methods of noncopyable values.
final class TestMemory: @unchecked Sendable {
  private(set) var memory: PhysicalMemory

  init(_ configuration: PhysicalConfiguration) throws {
    guard let memory = PhysicalMemory(configuration, metadata: .host) else { throw BrokenInvariant("no memory", 0) }
    self.memory = memory
  }

  /// RAM in the given ranges, without any mark to keep.
  convenience init(_ ranges: [(UInt32, UInt32)], reserved: [(UInt32, UInt32)] = []) throws {
    var settings = MemorySettings()
    settings.minimumFreeKilobytes = 0
    let map = try MemoryMap(
      regions: ranges.map { MemoryMap.Region(FrameRange(FrameNumber($0.0), FrameNumber($0.1))) },
      reserved: reserved.map { FrameRange(FrameNumber($0.0), FrameNumber($0.1)) })
    try self.init(PhysicalConfiguration(map: map, settings: settings))
  }

  func allocate(
    _ order: Int = 0, _ flags: GFPFlags = .kernel, processor: Int = 0, node: Int? = nil
  ) throws -> FrameNumber {
    try memory.allocatePages(PageOrder(order), flags, processor: processor, node: node)
  }

  func free(_ frame: FrameNumber, _ order: Int = 0, processor: Int = 0) throws {
    try memory.freePages(frame, PageOrder(order), processor: processor)
  }

  func drain() { memory.drainProcessorPages() }
  func check() throws { try memory.checkInvariants() }
  var free: Int { memory.freeFrames }
  var listed: Int { memory.listedFrames }
  var managed: Int { memory.managedFrames }
}

@Suite struct BuddyTests {
  /// 10 million steps in all: orders, kinds of use and zones at random, against a set of free frames.
  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64]) func randomOperationsAgreeWithASet(seed: UInt64) throws {
    let test = try TestMemory([(1, 3001), (4099, 9000), (10240, 20480)], reserved: [(100, 107)])
    var naive = NaiveMemory(frames: 20480)
    for range in [(1, 100), (107, 3001), (4099, 9000), (10240, 20480)] as [(UInt32, UInt32)] {
      for frame in range.0..<range.1 { naive.give(FrameNumber(frame), .single) }
    }
    var random = XorShift64(seed: seed)
    var live: [(FrameNumber, Int)] = []
    let kinds: [GFPFlags] = [.kernel, .highUserMovable, [.kernel, .reclaimable], .atomicRequest, [.kernel, .dma]]
    var refusals = 0
    for step in 0..<2_000_000 {
      if random.below(1000) < 505 {
        let order = Int(random.below(random.below(4) == 0 ? 11 : 4))
        let flags = kinds[Int(random.below(5))]
        do {
          let frame = try test.allocate(order, flags)
          guard frame.rawValue % UInt32(1 << order) == 0, !flags.contains(.dma) || frame.rawValue < 4096,
            naive.take(frame, PageOrder(order))
          else {
            Issue.record("frame \(frame.rawValue) of order \(order) is not free, seed \(seed), step \(step)")
            return
          }
          live.append((frame, order))
        } catch {
          refusals += 1
        }
      } else if !live.isEmpty {
        let (frame, order) = live.swapRemove(Int(random.below(UInt64(live.count))))
        try test.free(frame, order)
        naive.give(frame, PageOrder(order))
      }
      if step % 20_000 == 0 { try test.check() }
      if test.free + test.listed != naive.count {
        Issue.record("\(test.free) + \(test.listed) free frames, not \(naive.count), seed \(seed), step \(step)")
        return
      }
    }
    #expect(refusals > 0)
    for (frame, order) in live { try test.free(frame, order) }
    test.drain()
    try test.check()
    #expect(test.free == test.managed)
  }

  /// Every sequence of five allocations and frees over a zone of 16 frames, orders 0 to 2, emptied lists or not.
  @Test func exhaustiveSmallZone() throws {
    let choices = 7
    var sequences = 0
    for code in 0..<(choices * choices * choices * choices * choices) {
      let test = try TestMemory([(16, 32)])
      var live: [(FrameNumber, Int)] = []
      var rest = code
      for _ in 0..<5 {
        let choice = rest % choices
        rest /= choices
        if choice < 3 {
          if let frame = try? test.allocate(choice) { live.append((frame, choice)) }
        } else if choice == 6 {
          test.drain()
        } else if live.count > choice - 3 {
          let (frame, order) = live.remove(at: choice - 3)
          try test.free(frame, order)
        }
      }
      try test.check()
      let used = live.reduce(0) { $0 + 1 << $1.1 }
      #expect(test.free + test.listed == 16 - used)
      var taken = Set<UInt32>()
      for (frame, order) in live {
        for index in 0..<UInt32(1 << order) { #expect(taken.insert(frame.rawValue + index).inserted) }
      }
      sequences += 1
    }
    #expect(sequences == 16807)
  }

  @Test func allFramesOfTheMapAreManagedOnce() throws {
    let physical = try MachineConfiguration(ramBytes: 5 << 30).physical
    let test = try TestMemory(physical)
    let reserved = physical.map.reserved.reduce(0) { $0 + $1.count }
    #expect(test.managed == physical.map.presentFrames - reserved)
    #expect(test.free == test.managed)
    try test.check()
  }

  @Test func wrongFreesAreNamedAndChangeNothing() throws {
    let test = try TestMemory([(1, 4096)], reserved: [(1, 16)])
    let block = try test.allocate(3)
    let inner = block + 1
    #expect(throws: FreeFailure.otherOrder(block, allocated: PageOrder(3))) { try test.free(block, 2) }
    #expect(throws: FreeFailure.notAllocated(inner)) { try test.free(inner) }
    #expect(throws: FreeFailure.notAllocated(FrameNumber(3))) { try test.free(FrameNumber(3)) }
    #expect(throws: FreeFailure.notAllocated(FrameNumber(1 << 20))) { try test.free(FrameNumber(1 << 20)) }
    #expect(throws: FreeFailure.alreadyFree(FrameNumber(4000))) { try test.free(FrameNumber(4000)) }
    let before = test.free + test.listed
    try test.free(block, 3)
    #expect(throws: FreeFailure.alreadyFree(block)) { try test.free(block, 3) }
    test.drain()
    #expect(throws: FreeFailure.alreadyFree(block)) { try test.free(block, 3) }
    #expect(test.free == before + 8)
    try test.check()
  }

  @Test func impossibleRequestsAreNamed() throws {
    let test = try TestMemory([(1, 4096)])
    #expect(throws: AllocationFailure.self) { try test.allocate(11) }
    #expect(throws: AllocationFailure.self) { try test.allocate(0, [.dma, .highmem]) }
    #expect(throws: AllocationFailure.self) { try test.allocate(0, [.movable, .reclaimable]) }
  }
}

extension Array {
  mutating func swapRemove(_ index: Int) -> Element {
    swapAt(index, count - 1)
    return removeLast()
  }
}
