import Dispatch
import Foundation
import Synchronization
import Testing

@testable import LinuxMM

extension ConcurrencyTests {
  /// Objects on their way from the thread that allocated them to one that frees them.
  private final class Handover: @unchecked Sendable {
    private var objects: [(address: VirtualAddress, size: Int, pattern: UInt64)] = []
    private let lock = NSLock()

    func put(_ object: (address: VirtualAddress, size: Int, pattern: UInt64)) {
      lock.withLock { objects.append(object) }
    }
    func take() -> (address: VirtualAddress, size: Int, pattern: UInt64)? { lock.withLock { objects.popLast() } }
  }

  /// The heap from several threads, with magazines, without, and with ones so small that most objects go back to their slabs.
  @Test(arguments: [(2, 1 << 16), (2, 0), (4, 256)])
  func objectsAreGivenToOneThreadAtATime(threads: Int, magazineBytes: Int) throws {
    let test = try TestHeap(frames: 16384, nodes: [Int](repeating: 0, count: threads)) {
      $0.magazineBytes = magazineBytes
      $0.keptPart = 1024
    }
    let handover = Handover()
    let faults = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
      var random = XorShift64(seed: 99 + UInt64(thread))
      var own: [(address: VirtualAddress, size: Int, pattern: UInt64)] = []
      func free(_ object: (address: VirtualAddress, size: Int, pattern: UInt64)) {
        if !test.isFilled(object.address, object.size, object.pattern) { faults.add(1, ordering: .relaxed) }
        do { try test.heap.free(object.address, processor: thread) } catch { faults.add(1, ordering: .relaxed) }
      }
      for _ in 0..<60_000 {
        if own.count < 3000, random.below(100) < 52 {
          let size = SizeClass.granted(1 + Int(random.below(random.below(8) == 0 ? 3000 : 200)))
          guard let address = try? test.heap.allocate(bytes: size, processor: thread) else { continue }
          let object = (address, size, random.next())
          test.fill(address, size, object.2)
          if random.below(2) == 0 { handover.put(object) } else { own.append(object) }
        } else if random.below(2) == 0, let object = handover.take() {
          free(object)
        } else if !own.isEmpty {
          free(own.swapRemove(Int(random.below(UInt64(own.count)))))
        }
      }
      for object in own { free(object) }
    }
    while let object = handover.take() {
      #expect(test.isFilled(object.address, object.size, object.pattern))
      try test.heap.free(object.address)
    }
    #expect(faults.load(ordering: .relaxed) == 0)
    for cache in test.heap.allCaches {
      let usage = try test.heap.usage(of: cache)
      #expect(usage.activeObjects == 0)
      test.heap.shrink(cache)
      #expect(try test.heap.usage(of: cache) == SlabCacheUsage())
    }
    try test.heap.checkInvariants()
  }
}
