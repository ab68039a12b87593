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

  /// Areas of vmalloc from several threads, so close that they share page tables, with purges in between.
  @Test func areasAreGivenToOneThreadAtATime() throws {
    let test = try TestHeap(frames: 16384, nodes: [0, 0, 0, 0]) {
      let start: UInt64 = 0xffff_c900_0000_0000
      $0.vmallocRange = VirtualAddress(start)..<VirtualAddress(start + 16 << 20)
    }
    let faults = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: 4) { thread in
      var random = XorShift64(seed: 7 + UInt64(thread))
      var own: [(address: VirtualAddress, pages: UInt64, pattern: UInt64)] = []
      func free(_ area: (address: VirtualAddress, pages: UInt64, pattern: UInt64)) throws {
        for page in 0..<area.pages {
          let place = VirtualAddress(area.address.rawValue + page << 12)
          if try test.heap.word(at: place) != area.pattern &+ page { faults.add(1, ordering: .relaxed) }
        }
        try test.heap.freeVirtual(area.address, processor: thread)
      }
      do {
        for _ in 0..<6_000 {
          if own.count < 60, random.below(100) < 52 {
            let pages = 1 + random.below(20)
            let address = try test.heap.allocateVirtual(
              bytes: Int(pages) << 12, processor: thread, isHuge: random.below(2) == 0)
            let area = (address, pages, random.next())
            for page in 0..<pages {
              try test.heap.setWord(at: VirtualAddress(address.rawValue + page << 12), to: area.2 &+ page)
            }
            own.append(area)
          } else if !own.isEmpty {
            try free(own.swapRemove(Int(random.below(UInt64(own.count)))))
          }
        }
        for area in own { try free(area) }
      } catch {
        faults.add(1, ordering: .relaxed)
      }
    }
    #expect(faults.load(ordering: .relaxed) == 0)
    #expect(test.heap.vmallocFigures.areas == 0 && test.heap.vmallocFigures.flushes > 0)
    try test.heap.checkInvariants()
  }

  /// The heap from several threads, with magazines, without, and with ones so small that most objects go back to their slabs.
  /// The last two on two nodes, by the other allocators.
  @Test(arguments: [
    (2, 1 << 16, HeapAllocator.slub), (2, 0, .slub), (4, 256, .slub), (4, 0, .slab), (4, 0, .slob),
  ])
  func objectsAreGivenToOneThreadAtATime(threads: Int, magazineBytes: Int, allocator: HeapAllocator) throws {
    let nodes = (0..<threads).map { allocator == .slub ? 0 : $0 / 2 }
    let test = try TestHeap(frames: 16384, nodes: nodes) {
      $0.allocator = allocator
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
          let size = max(32, SizeClass.granted(1 + Int(random.below(random.below(8) == 0 ? 3000 : 200))))
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
