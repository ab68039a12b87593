import HostMemory
import Testing

@testable import LinuxMM

/// Pages that go to swap and stay in memory, compressed.
@Suite struct CompressedSwapTests {
  /// `get_pages_per_zspage` and the chunks of zbud and z3fold by hand.
  @Test func shapesOfBlocks() {
    func shape(_ allocator: CompressedAllocator, _ bytes: Int) -> [Int]? {
      allocator.shape(bytes: bytes).map { [$0.frames, $0.objects] }
    }
    // 1365 and a handle round up to 1376: two in one frame waste 32 %, eleven in four frames 7 %.
    #expect(shape(.zsmalloc, 1365) == [4, 11])
    #expect(shape(.zsmalloc, 2040) == [1, 2])
    #expect(shape(.zsmalloc, 16) == [1, 128])
    #expect(shape(.zsmalloc, 4096) == [1, 1] && shape(.zsmalloc, 3300) == [1, 1])
    #expect(shape(.zsmalloc, 3060) == [3, 4])
    #expect(shape(.zbud, 1365) == [1, 2] && shape(.zbud, 1984) == [1, 2])
    #expect(shape(.zbud, 1985) == [1, 1] && shape(.zbud, 3968) == [1, 1] && shape(.zbud, 3969) == nil)
    #expect(shape(.z3fold, 1344) == [1, 3] && shape(.z3fold, 1345) == [1, 2] && shape(.z3fold, 2000) == [1, 1])
  }

  /// Against a dictionary; blocks go when they are empty.
  @Test(arguments: [(1365, CompressedAllocator.zsmalloc), (40, .zsmalloc), (1365, .zbud), (3500, .z3fold)])
  func aPoolHoldsWhatWasStored(bytes: Int, allocator: CompressedAllocator) throws {
    guard var pool = CompressedPool(CompressionModel(bytes: bytes), allocator, slots: 500, from: .host) else {
      Issue.record("no memory")
      return
    }
    var model: [Int] = []
    var frames = 0
    var random = XorShift64(seed: 11)
    for step in 0..<20_000 {
      let place = Int(random.below(500))
      if random.below(2) == 0, !model.contains(place) {
        let isRepeated = random.below(10) == 0
        if !isRepeated && pool.needsBlock {
          pool.addBlock(InlineArray(repeating: FrameNumber(UInt32(step))))
          frames += pool.framesPerBlock
        }
        pool.store(place, isRepeated: isRepeated)
        model.append(place)
      } else {
        if pool.remove(place) != nil { frames -= pool.framesPerBlock }
        model.removeAll { $0 == place }
      }
      let (stored, oldest, taken) = (pool.stored, pool.oldest, pool.frames)
      #expect(stored == model.count && oldest == model.first && taken == frames)
      if step % 500 == 0 { try pool.check() }
    }
    for place in model { _ = pool.remove(place) }
    let left = pool.frames
    #expect(left == 0)
  }

  private func sweep(_ change: (inout MachineConfiguration) -> Void) throws -> TestMachine {
    var configuration = try MachineConfiguration(ramBytes: 24 << 20)
    configuration.swap = [SwapConfiguration(bytes: 64 << 20)!]
    change(&configuration)
    let machine = try TestMachine(configuration)
    let base = try machine.anonymous(machine.process, pages: 7000)
    for _ in 0..<2 {
      for page in 0..<7000 { #expect(machine.write(machine.process, base.page(UInt64(page))) == .done) }
    }
    try machine.machine.checkInvariants()
    return machine
  }

  /// An area of memory holds three pages in the room of one, reads none ahead and needs no waiting.
  @Test func zramIsFasterThanADiskAndTakesMemory() throws {
    let machine = try sweep { $0.swap[0].isCompressed = true }
    let disk = try sweep { _ in }
    let figures = machine.statistics
    #expect(figures.swapOuts > 5000 && figures.swapIns == figures.majorFaults && figures.swapReadaheads == 0)
    let stored = machine.machine.spaces.swap.zram.stored
    let used = machine.machine.swapUsed
    #expect(stored == used)
    #expect(figures.compressedFrames >= stored * 4 / 11 && figures.compressedFrames < stored * 4 / 11 + 60)
    let (fast, slow) = (machine.machine.nanoseconds, disk.machine.nanoseconds)
    #expect(fast < slow)
    machine.machine.exitAll()
    let left = machine.statistics.compressedFrames
    #expect(left == 0)
    try machine.machine.checkInvariants()
  }

  /// The cache keeps to its share of memory, writes to the disk what it cannot take, and serves most faults.
  @Test func zswapStaysWithinItsShare() throws {
    let machine = try sweep { $0.compressedCache = CompressedCacheSettings() }
    let figures = machine.statistics
    let managed = machine.machine.spaces.memory.managedFrames
    #expect(figures.compressedFrames <= managed / 5 + 1 && figures.compressedFrames > managed / 10)
    #expect(figures.compressedOuts > 500 && figures.compressedIns > 100)
    #expect(figures.compressedCacheFull > 0 && figures.compressedWrites > 0 && figures.swapOuts > 500)
    var meminfo: [String: UInt64] = [:]
    machine.machine.forEachMemoryFigure { meminfo["\($0)"] = $1 }
    #expect(meminfo["Zswap"]! == UInt64(figures.compressedFrames) * 4096)
    #expect(meminfo["Zswapped"]! <= 2 * meminfo["Zswap"]!)
    // Pages that hardly shrink are refused by zbud, and all go to the disk.
    let hopeless = try sweep {
      $0.compression = CompressionModel(bytes: 4000)
      $0.compressedCache = CompressedCacheSettings()
    }
    #expect(hopeless.statistics.compressedOuts == 0 && hopeless.statistics.swapOuts > 2000)
  }
}
