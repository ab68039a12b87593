import HostMemory
import Testing

@testable import LinuxMM

/// Free memory as nothing but the set of free frames: the allocator must never give a frame that is not in it.
private struct NaiveMemory {
  var free: Set<UInt32>

  mutating func take(_ frame: FrameNumber, _ order: PageOrder) -> Bool {
    for index in 0..<UInt32(order.frameCount) where free.remove(frame.rawValue + index) == nil { return false }
    return true
  }

  mutating func give(_ frame: FrameNumber, _ order: PageOrder) {
    for index in 0..<UInt32(order.frameCount) { free.insert(frame.rawValue + index) }
  }
}

@Suite struct BuddyTests {
  private func memory(_ map: MemoryMap) throws -> PhysicalMemory {
    let made = PhysicalMemory(map: map, metadata: .host)
    guard let made else { throw BrokenInvariant("no memory", 0) }
    return made
  }

  @Test(arguments: [1, 2, 3] as [UInt64]) func randomOperationsAgreeWithASet(seed: UInt64) throws {
    let map = MemoryMap(
      usable: [FrameRange(FrameNumber(1), FrameNumber(3001)), FrameRange(FrameNumber(4099), FrameNumber(9000))],
      reserved: [FrameRange(FrameNumber(100), FrameNumber(107))])
    var memory = try memory(map)
    memory.setWatermarks(minimumFreeKilobytes: 0)
    var naive = NaiveMemory(free: [])
    for range in map.free() { for frame in range.start.rawValue..<range.end.rawValue { naive.free.insert(frame) } }
    var random = XorShift64(seed: seed)
    var live: [(FrameNumber, PageOrder)] = []
    for step in 0..<200_000 {
      if random.below(100) < 52 {
        let order = PageOrder(Int(random.below(UInt64(random.below(4) == 0 ? 11 : 4))))
        let highest: ZoneKind = random.below(5) == 0 ? .dma : .normal
        do throws(AllocationFailure) {
          let frame = try memory.allocate(order, from: highest)
          #expect(frame.rawValue % UInt32(order.frameCount) == 0)
          #expect(highest != .dma || frame.rawValue < 4096)
          guard naive.take(frame, order) else {
            Issue.record("frame \(frame.rawValue) given twice, seed \(seed), step \(step)")
            return
          }
          live.append((frame, order))
        } catch {
          #expect(error.order == order)
        }
      } else if !live.isEmpty {
        let (frame, order) = live.swapRemove(Int(random.below(UInt64(live.count))))
        memory.free(frame, order)
        naive.give(frame, order)
      }
      if step % 5000 == 0 { try memory.checkInvariants() }
      #expect(memory.freeFrames == naive.free.count, "seed \(seed), step \(step)")
    }
    for (frame, order) in live { memory.free(frame, order) }
    try memory.checkInvariants()
    #expect(memory.freeFrames == memory.managedFrames)
  }

  /// Every sequence of five allocations and frees over a zone of 16 frames, orders 0 to 2.
  @Test func exhaustiveSmallZone() throws {
    let map = MemoryMap(usable: [FrameRange(FrameNumber(16), FrameNumber(32))], reserved: [])
    let choices = 6
    var sequences = 0
    for code in 0..<(choices * choices * choices * choices * choices) {
      var memory = try memory(map)
      memory.setWatermarks(minimumFreeKilobytes: 0)
      var live: [(FrameNumber, PageOrder)] = []
      var rest = code
      for _ in 0..<5 {
        let choice = rest % choices
        rest /= choices
        if choice < 3 {
          if let frame = try? memory.allocate(PageOrder(choice)) { live.append((frame, PageOrder(choice))) }
        } else if live.count > choice - 3 {
          let (frame, order) = live.remove(at: choice - 3)
          memory.free(frame, order)
        }
      }
      try memory.checkInvariants()
      let used = live.reduce(0) { $0 + $1.1.frameCount }
      #expect(memory.freeFrames == 16 - used)
      sequences += 1
    }
    #expect(sequences == 7776)
  }

  @Test func allFramesOfTheMapAreManagedOnce() throws {
    let configuration = try MachineConfiguration(ramBytes: 5 << 30)
    let memory = try memory(configuration.memoryMap)
    let reserved = configuration.memoryMap.reserved.reduce(0) { $0 + $1.count }
    #expect(memory.managedFrames == configuration.memoryMap.presentFrames - reserved)
    #expect(memory.zones[ZoneKind.normal.rawValue].managed > 0)
    try memory.checkInvariants()
  }

  @Test func freeingTwiceIsCaught() async {
    await #expect(processExitsWith: .failure) {
      var memory = PhysicalMemory(
        map: MemoryMap(usable: [FrameRange(FrameNumber(0), FrameNumber(64))], reserved: []), metadata: .host)!
      memory.setWatermarks(minimumFreeKilobytes: 0)
      let frame = try memory.allocate()
      memory.free(frame)
      memory.free(frame)
    }
  }

  @Test func freeingWithAnotherOrderIsCaught() async {
    await #expect(processExitsWith: .failure) {
      var memory = PhysicalMemory(
        map: MemoryMap(usable: [FrameRange(FrameNumber(0), FrameNumber(64))], reserved: []), metadata: .host)!
      memory.setWatermarks(minimumFreeKilobytes: 0)
      let frame = try memory.allocate(PageOrder(2))
      memory.free(frame, PageOrder(1))
    }
  }
}

extension Array {
  mutating func swapRemove(_ index: Int) -> Element {
    swapAt(index, count - 1)
    return removeLast()
  }
}
