import Dispatch
import Foundation
import HostMemory
import Synchronization
import Testing

@testable import LinuxMM

/// The page allocator from several threads at once, each under its own processor number.
///
/// `make tsan` runs it under ThreadSanitizer.
@Suite struct ConcurrencyTests {
  /// Frames on their way from the thread that allocated them to one that frees them.
  private final class Exchange: @unchecked Sendable {
    private var blocks: [(frame: FrameNumber, order: Int)] = []
    private let lock = NSLock()

    func put(_ frame: FrameNumber, _ order: Int) { lock.withLock { blocks.append((frame, order)) } }
    func take() -> (frame: FrameNumber, order: Int)? { lock.withLock { blocks.popLast() } }
  }

  @Test(arguments: [2, 4]) func blocksAreGivenToOneThreadAtATime(threads: Int) throws {
    let topology = try NodeTopology(nodeOfProcessor: [Int](repeating: 0, count: threads))
    let map = try MemoryMap(
      regions: [MemoryMap.Region(FrameRange(FrameNumber(1), FrameNumber(24576)))], reserved: [])
    let test = try TestMemory(PhysicalConfiguration(map: map, topology: topology))
    // Who has a frame: a thread that is given one must find nobody there.
    let holders = (0..<24576).map { _ in Holder() }
    let exchange = Exchange()
    let faults = Atomic<Int>(0)
    let allocations = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
      var random = XorShift64(seed: 77 + UInt64(thread))
      var own: [(frame: FrameNumber, order: Int)] = []
      func free(_ block: (frame: FrameNumber, order: Int)) {
        for frame in block.frame.index..<(block.frame.index + 1 << block.order) { holders[frame].leave() }
        do { try test.free(block.frame, block.order, processor: thread) } catch {
          faults.add(1, ordering: .relaxed)
        }
      }
      let kinds: [GFPFlags] = [.kernel, .highUserMovable, [.kernel, .reclaimable], .atomicRequest]
      for _ in 0..<60_000 {
        if random.below(100) < 51 {
          let order = Int(random.below(random.below(6) == 0 ? 11 : 4))
          guard
            let frame = try? test.allocate(order, kinds[Int(random.below(4))].union(.noRetry), processor: thread)
          else { continue }
          allocations.add(1, ordering: .relaxed)
          for index in frame.index..<(frame.index + 1 << order) where !holders[index].enter() {
            faults.add(1, ordering: .relaxed)
          }
          if random.below(3) == 0 { exchange.put(frame, order) } else { own.append((frame, order)) }
        } else if random.below(3) == 0, let block = exchange.take() {
          free(block)
        } else if !own.isEmpty {
          let block = own.swapRemove(Int(random.below(UInt64(own.count))))
          free(block)
        }
      }
      for block in own { free(block) }
    }
    while let block = exchange.take() { try test.free(block.frame, block.order) }
    #expect(faults.load(ordering: .relaxed) == 0)
    #expect(allocations.load(ordering: .relaxed) > 10_000 * threads)
    test.drain()
    try test.check()
    #expect(test.free == test.managed)
  }

  private final class Holder: Sendable {
    private let isHeld = Atomic<Bool>(false)

    func enter() -> Bool { !isHeld.exchange(true, ordering: .acquiringAndReleasing) }
    func leave() { isHeld.store(false, ordering: .releasing) }
  }
}
