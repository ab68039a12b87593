import Foundation
import Testing

@testable import LinuxMM

/// Caches of objects and kmalloc beside a naive model of who has which bytes.
@Suite struct KernelHeapTests {
  private struct Held {
    var address: VirtualAddress
    var bytes: Int
    /// `nil` if it came from kmalloc.
    var cache: SlabCacheIndex?
    var pattern: UInt64
  }

  /// Operations of each random sequence; the long form sets QUIRE_HEAP_STEPS.
  private static let steps = Int(ProcessInfo.processInfo.environment["QUIRE_HEAP_STEPS"] ?? "") ?? 120_000

  /// Random allocations and frees by random processors; every object keeps its bytes until it is freed.
  @Test(arguments: HeapAllocator.allCases, [1, 2, 3, 4])
  func objectsKeepTheirBytes(allocator: HeapAllocator, seed: UInt64) throws {
    let nodes = seed == 4 ? [0, 0, 1, 1] : [0, 0, 0]
    let test = try TestHeap(frames: 8192, nodes: nodes) {
      $0.allocator = allocator
      if seed == 2 { $0.magazineBytes = 0 }
      if seed == 3 { $0.keptPart = 0 }
      $0.hidesLinks = seed % 2 == 0
      $0.shufflesSlabs = seed > 2
      $0.seed = seed
    }
    var random = XorShift64(seed: seed &* 0x9e37_79b9_7f4a_7c15)
    var caches: [SlabCacheIndex] = []
    for (name, size, alignment, flags) in [
      ("small", 24, 0, SlabCacheFlags()), ("line", 100, 0, .cacheLineAligned), ("odd", 715, 0, .reclaimable),
      ("wide", 3000, 64, .account), ("huge", 20000, 0, []), ("tiny", 1, 0, []), ("late", 200, 0, .typeSafe),
      ("later", 512, 0, .typeSafe), ("latest", 5000, 0, .typeSafe),
    ] {
      let request = SlabCacheRequest(name: name, objectSize: size, alignment: alignment, flags: flags)
      caches.append(try test.heap.createCache(request))
    }
    let atStart = test.heap.memory.freeFrames + test.heap.memory.listedFrames
    var held: [Held] = []
    var bytes = 0
    for step in 0..<Self.steps {
      let processor = Int(random.below(UInt64(nodes.count)))
      // The amount goes up and down, so that slabs come and go.
      let limit = [2000, 200, 4000][step / 15000 % 3]
      if held.isEmpty || (held.count < limit && bytes < 12 << 20 && random.below(100) < 53) {
        var object = Held(address: VirtualAddress(0), bytes: 0, cache: nil, pattern: random.next())
        if random.below(2) == 0 {
          let cache = caches[Int(random.below(UInt64(caches.count)))]
          object.cache = cache
          object.bytes = test.heap.description(of: cache)!.layout.objectSize & ~7
          let node = Int(random.below(UInt64(test.heap.memory.nodeCount)))
          object.address =
            random.below(4) == 0
            ? try test.heap.allocate(cache, processor: processor, onNode: node)
            : try test.heap.allocate(cache, processor: processor)
          let alignment = UInt64(test.heap.description(of: cache)!.layout.alignment)
          #expect(object.address.rawValue % alignment == 0)
        } else {
          let size = 1 << random.below(random.below(50) == 0 ? 17 : 13) + random.below(64)
          let flags: [GFPFlags] = [.kernel, .kernelAccount, [.kernel, .reclaimable], [.kernel, .zero]]
          let kind = flags[Int(random.below(4))]
          object.address = try test.heap.allocate(bytes: Int(size), kind, processor: processor)
          object.bytes = test.heap.size(of: object.address)
          switch allocator {
          case .slub: #expect(object.bytes == SizeClass.granted(Int(size)))
          case .slab: #expect(object.bytes == SizeClass.granted(max(32, Int(size))))
          case .slob:
            #expect(object.bytes == (size >= 4088 ? PageOrder(covering: Int(size)).byteCount : (Int(size) + 1) & ~1))
          }
          object.bytes &= ~7
          if kind.contains(.zero) {
            for offset in stride(from: 0, to: UInt64(size) & ~7, by: 8) {
              let word = test.heap.platform.word(
                at: PhysicalAddress(DirectMap.physical(object.address).rawValue + offset))
              if word != 0 { Issue.record("not cleared, seed \(seed), step \(step)") }
            }
          }
        }
        test.fill(object.address, object.bytes, object.pattern)
        held.append(object)
        bytes += object.bytes
      } else {
        let object = held.swapRemove(Int(random.below(UInt64(held.count))))
        bytes -= object.bytes
        if !test.isFilled(object.address, object.bytes, object.pattern) {
          Issue.record("bytes changed, seed \(seed), step \(step)")
          return
        }
        if let cache = object.cache, allocator == .slob || random.below(2) == 0 {
          try test.heap.free(object.address, cache, processor: processor)
        } else {
          try test.heap.free(object.address, processor: processor)
        }
      }
      if step % 10000 == 9999 {
        try test.heap.checkInvariants()
        if allocator != .slob {
          for cache in caches {
            #expect(try test.heap.usage(of: cache).activeObjects == held.count { $0.cache == cache })
          }
        }
        if random.below(2) == 0 { test.heap.shrink(caches[Int(random.below(9))]) }
        if random.below(2) == 0 { test.heap.reap(processor: Int(random.below(3)), looksAtNode: random.below(2) == 0) }
        test.heap.endGracePeriod(processor: 1)
      }
    }
    for object in held {
      if let cache = object.cache {
        try test.heap.free(object.address, cache)
      } else {
        try test.heap.free(object.address)
      }
    }
    // The caches' slabs first: SLAB keeps notes on them in objects of kmalloc.
    for cache in test.heap.allCaches.reversed() {
      test.heap.shrink(cache)
      #expect(try test.heap.usage(of: cache) == SlabCacheUsage(), "seed \(seed)")
    }
    test.heap.endGracePeriod()
    try test.heap.checkInvariants()
    #expect(test.heap.memory.freeFrames + test.heap.memory.listedFrames == atStart)
  }

  @Test func whatIsNoObjectIsRefused() throws {
    let test = try TestHeap()
    let first = try test.heap.createCache(SlabCacheRequest(name: "first", objectSize: 40))
    let second = try test.heap.createCache(SlabCacheRequest(name: "second", objectSize: 800))
    let object = try test.heap.allocate(first)
    #expect(throws: ObjectFault.otherCache(object, first)) { try test.heap.free(object, second) }
    #expect(throws: ObjectFault.notAllocated(VirtualAddress(0x1000))) { try test.heap.free(VirtualAddress(0x1000)) }
    let foreign = VirtualAddress(DirectMap.address(of: PhysicalAddress(5000 << 12)).rawValue)
    #expect(throws: ObjectFault.notAllocated(foreign)) { try test.heap.free(foreign) }
    #expect(throws: ObjectFault.notAllocated(VirtualAddress(.max))) { try test.heap.free(VirtualAddress(.max)) }
    try test.heap.free(object, first)
    #expect(throws: ObjectFault.alreadyFree(object)) { try test.heap.free(object, first) }
    #expect(throws: ObjectFault.alreadyFree(object)) { try test.heap.free(object) }
    // Nothing, and what kmalloc gives for nothing, can be freed.
    try test.heap.free(VirtualAddress(0))
    try test.heap.free(try test.heap.allocate(bytes: 0))
    let block = try test.heap.allocate(bytes: 100_000)
    let inside = VirtualAddress(block.rawValue + 4096)
    #expect(throws: ObjectFault.notAllocated(inside)) { try test.heap.free(inside) }
    try test.heap.free(block)
    #expect(throws: ObjectFault.notAllocated(block)) { try test.heap.free(block) }
    #expect(throws: AllocationFailure.self) { try test.heap.allocate(bytes: 4 << 20 + 1) }
    #expect(throws: AllocationFailure.self) { try test.heap.allocate(bytes: -1) }
    try test.heap.checkInvariants()
  }

  @Test func cachesThatCannotBeAreRefused() throws {
    let test = try TestHeap()
    for (size, alignment) in [(0, 0), (-8, 0), (8 << 20, 0), (64, 3), (64, 8192), (64, -8)] {
      #expect(throws: Errno.EINVAL) {
        try test.heap.createCache(SlabCacheRequest(name: "none", objectSize: size, alignment: alignment))
      }
    }
  }

  @Test func cachesOfOneShapeAreOne() throws {
    let test = try TestHeap()
    let first = try test.heap.createCache(SlabCacheRequest(name: "first", objectSize: 100))
    let second = try test.heap.createCache(SlabCacheRequest(name: "second", objectSize: 104))
    #expect(first == second && test.heap.description(of: first)?.layout.objectSize == 104)
    let charged = try test.heap.createCache(SlabCacheRequest(name: "charged", objectSize: 104, flags: .account))
    let apart = try test.heap.createCache(SlabCacheRequest(name: "apart", objectSize: 104, flags: .typeSafe))
    #expect(charged != first && apart != first && apart != charged)
    // kmalloc's own are nobody else's.
    let words = try test.heap.createCache(SlabCacheRequest(name: "words", objectSize: 64))
    #expect(words.index >= SlabCacheIndex.kmallocCount)
  }

  @Test func memoryThatRunsOutIsReported() throws {
    let test = try TestHeap(frames: 1024)
    var held: [VirtualAddress] = []
    var failure: AllocationFailure?
    while failure == nil && held.count < 100_000 {
      do throws(AllocationFailure) {
        held.append(try test.heap.allocate(bytes: 4000, [.kernel, .noWarn]))
      } catch { failure = error }
    }
    #expect(failure != nil && held.count > 900)
    try test.heap.checkInvariants()
    for object in held { try test.heap.free(object) }
    try test.heap.checkInvariants()
    // What that cache keeps is there for others.
    var others = 0
    while (try? test.heap.allocate(bytes: 200, [.kernel, .noWarn])) != nil { others += 1 }
    #expect(others > 900 * 16)
    try test.heap.checkInvariants()
  }

  @Test func aCacheEndsWhenNobodyHasItsObjects() throws {
    let test = try TestHeap { $0.debugging = [.storeUser, .redZone] }
    let cache = try test.heap.createCache(SlabCacheRequest(name: "ending", objectSize: 100))
    let objects = try (0..<50).map { try test.heap.allocate(cache, site: 100 + UInt64($0)) }
    for object in objects[..<47] { try test.heap.free(object, cache) }
    do {
      try test.heap.destroyCache(cache)
      Issue.record("destroyed while in use")
    } catch {
      #expect(error.objects.map(\.address) == objects[47...].sorted())
      #expect(Set(error.objects.map { $0.allocated?.site }) == [147, 148, 149])
    }
    for object in objects[47...] { try test.heap.free(object, cache) }
    try test.heap.destroyCache(cache)
    #expect(test.heap.description(of: cache) == nil)
    #expect(throws: CacheInUse.self) { try test.heap.destroyCache(SlabCacheIndex(.normal, SizeClass(serving: 64))) }
    try test.heap.checkInvariants()
  }

  @Test func aSharedCacheEndsWithItsLastUser() throws {
    let test = try TestHeap()
    let first = try test.heap.createCache(SlabCacheRequest(name: "first", objectSize: 328))
    let second = try test.heap.createCache(SlabCacheRequest(name: "second", objectSize: 328))
    let object = try test.heap.allocate(second)
    try test.heap.destroyCache(first)
    try test.heap.free(object, second)
    try test.heap.destroyCache(second)
    #expect(test.heap.description(of: second) == nil)
  }

  @Test func resizedMemoryKeepsItsBytes() throws {
    let test = try TestHeap()
    var random = XorShift64(seed: 5)
    var address = try test.heap.resize(VirtualAddress(0), bytes: 24)
    var size = 24
    test.fill(address, size, 77)
    for _ in 0..<2000 {
      let next = 8 + Int(random.below(random.below(10) == 0 ? 200_000 : 3000)) & ~7
      let moved = try test.heap.resize(address, bytes: next)
      #expect(test.isFilled(moved, min(size, next), 77))
      #expect(test.heap.size(of: moved) >= next)
      address = moved
      size = next
      test.fill(address, size, 77)
    }
    try test.heap.free(address)
    for cache in test.heap.allCaches { #expect(try test.heap.usage(of: cache).activeObjects == 0) }
    #expect(throws: AllocationFailure.self) { try test.heap.allocate(count: .max / 2, ofBytes: 16) }
    try test.heap.free(try test.heap.allocate(count: 100, ofBytes: 16))
    try test.heap.checkInvariants()
  }
}
