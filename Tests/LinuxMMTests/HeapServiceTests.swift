import Synchronization
import Testing

@testable import LinuxMM

/// What caches do besides giving objects out.
@Suite struct HeapServiceTests {
  /// An object comes constructed, and as its last owner left it; a slab's objects are constructed once.
  @Test(arguments: HeapAllocator.allCases) func objectsComeConstructed(allocator: HeapAllocator) throws {
    let test = try TestHeap { $0.allocator = allocator }
    let made = Atomic<Int>(0)
    let request = SlabCacheRequest(
      name: "list", objectSize: 40,
      constructor: { object, set in
        // A list's head that points to itself.
        set(16, object.rawValue + 16)
        set(24, object.rawValue + 16)
        made.add(1, ordering: .relaxed)
      })
    let cache = try test.heap.createCache(request)
    #expect(test.heap.description(of: cache)?.isMergeable(HeapSettings(processors: 2)) == false)
    let objects = try test.heap.allocate(cache, count: 300)
    #expect(Set(objects).count == 300)
    for object in objects {
      #expect(try test.heap.word(at: VirtualAddress(object.rawValue + 16)) == object.rawValue + 16)
      #expect(try test.heap.word(at: VirtualAddress(object.rawValue + 24)) == object.rawValue + 16)
    }
    let before = made.load(ordering: .relaxed)
    #expect(before >= 300)
    try test.heap.free(objects, cache)
    let again = try test.heap.allocate(cache, count: 300)
    for object in again {
      #expect(try test.heap.word(at: VirtualAddress(object.rawValue + 16)) == object.rawValue + 16)
    }
    // SLOB constructs each object that it gives out.
    #expect(made.load(ordering: .relaxed) == (allocator == .slob ? 600 : before))
    try test.heap.free(again, cache)
    try test.heap.checkInvariants()
  }

  /// Who looks at an object that was freed still finds it until the grace period ends.
  @Test(arguments: HeapAllocator.allCases) func typeSafeMemoryStaysUntilTheGracePeriodEnds(allocator: HeapAllocator)
    throws
  {
    let test = try TestHeap { $0.allocator = allocator }
    let cache = try test.heap.createCache(SlabCacheRequest(name: "safe", objectSize: 1000, flags: .typeSafe))
    let free = test.heap.memory.freeFrames + test.heap.memory.listedFrames
    let objects = try test.heap.allocate(cache, count: 64)
    for object in objects { test.fill(object, 1000, object.rawValue) }
    let used = test.heap.memory.freeFrames + test.heap.memory.listedFrames
    try test.heap.free(objects, cache)
    test.heap.shrink(cache)
    #expect(test.heap.memory.freeFrames + test.heap.memory.listedFrames == used)
    // The object that SLAB's list of free ones is in would be another matter: these have it elsewhere.
    for object in objects { #expect(test.isFilled(object, 1000, object.rawValue)) }
    test.heap.endGracePeriod()
    #expect(test.heap.memory.freeFrames + test.heap.memory.listedFrames == free)
    try test.heap.checkInvariants()
  }

  @Test(arguments: HeapAllocator.allCases) func objectsComeFromTheNodeThatIsAskedFor(allocator: HeapAllocator) throws {
    let test = try TestHeap(frames: 2048, nodes: [0, 1]) { $0.allocator = allocator }
    let cache = try test.heap.createCache(SlabCacheRequest(name: "near", objectSize: 500))
    func node(_ object: VirtualAddress) -> Int {
      test.heap.memory.node(of: FrameNumber(containing: DirectMap.physical(object)))
    }
    var objects: [(VirtualAddress, SlabCacheIndex?)] = []
    for index in 0..<400 {
      let node = index % 2
      let processor = index / 2 % 2
      objects.append((try test.heap.allocate(cache, processor: processor, onNode: node), cache))
      #expect(self.node(objects.last!.0, test) == node)
      objects.append((try test.heap.allocate(bytes: 8 << (index % 11), processor: processor, onNode: node), nil))
      #expect(self.node(objects.last!.0, test) == node)
    }
    try test.heap.checkInvariants()
    // When the node has no memory left, another one serves, unless that is forbidden.
    var blocks: [VirtualAddress] = []
    while let block = try? test.heap.allocate(bytes: 65536, [.kernel, .noWarn, .noRetry, .thisNode], onNode: 1) {
      blocks.append(block)
    }
    while let page = try? test.heap.allocate(bytes: 16384, [.kernel, .noWarn, .noRetry, .thisNode], onNode: 1) {
      blocks.append(page)
    }
    while let page = try? test.heap.allocate(bytes: 4096, [.kernel, .noWarn, .noRetry, .thisNode], onNode: 1) {
      blocks.append(page)
    }
    #expect(throws: AllocationFailure.self) {
      while true { objects.append((try test.heap.allocate(cache, [.kernel, .thisNode], onNode: 1), cache)) }
    }
    let far = try test.heap.allocate(cache, onNode: 1)
    #expect(node(far) == 0)
    objects.append((far, cache))
    try test.heap.checkInvariants()
    try test.heap.free(blocks)
    for (object, cache) in objects {
      if let cache { try test.heap.free(object, cache, processor: 1) } else { try test.heap.free(object, processor: 1) }
    }
    try test.heap.checkInvariants()
  }

  private func node(_ object: VirtualAddress, _ test: TestHeap) -> Int {
    test.heap.memory.node(of: FrameNumber(containing: DirectMap.physical(object)))
  }

  @Test(arguments: HeapAllocator.allCases) func severalObjectsOrNone(allocator: HeapAllocator) throws {
    let test = try TestHeap(frames: 512) { $0.allocator = allocator }
    let cache = try test.heap.createCache(SlabCacheRequest(name: "many", objectSize: 3000))
    let free = test.heap.memory.freeFrames + test.heap.memory.listedFrames
    #expect(throws: AllocationFailure.self) { try test.heap.allocate(cache, count: 5000, [.kernel, .noWarn]) }
    test.heap.shrink(cache)
    #expect(test.heap.memory.freeFrames + test.heap.memory.listedFrames == free)
    let some = try test.heap.allocate(cache, count: 20)
    if allocator != .slob {
      #expect(try test.heap.usage(of: cache).activeObjects == 20)
      // SLOB needs the cache's name.
      try test.heap.free(some)
      #expect(try test.heap.usage(of: cache).activeObjects == 0)
    }
  }

  /// Nothing is freed that is no object, or the last one freed; SLOB finds any that is free.
  @Test(arguments: HeapAllocator.allCases) func whatIsNoObjectIsRefused(allocator: HeapAllocator) throws {
    let test = try TestHeap { $0.allocator = allocator }
    let object = try test.heap.allocate(bytes: 200)
    let other = try test.heap.allocate(bytes: 200)
    let inside = VirtualAddress(object.rawValue + 4)
    #expect(throws: ObjectFault.notAllocated(inside)) { try test.heap.free(inside) }
    try test.heap.free(object)
    #expect(throws: ObjectFault.alreadyFree(object)) { try test.heap.free(object) }
    try test.heap.free(other)
    let foreign = DirectMap.address(of: PhysicalAddress(5000 << 12))
    #expect(throws: ObjectFault.notAllocated(foreign)) { try test.heap.free(foreign) }
    let first = try test.heap.createCache(SlabCacheRequest(name: "first", objectSize: 48))
    let second = try test.heap.createCache(SlabCacheRequest(name: "second", objectSize: 300))
    let mine = try test.heap.allocate(first)
    let neighbour = try test.heap.allocate(first)
    if allocator != .slob {
      #expect(throws: ObjectFault.otherCache(mine, first)) { try test.heap.free(mine, second) }
    }
    try test.heap.free(mine, first)
    #expect(throws: ObjectFault.alreadyFree(mine)) { try test.heap.free(mine, first) }
    try test.heap.free(neighbour, first)
    try test.heap.checkInvariants()
  }

  /// Who fills slabs finds its objects in a random order, and cannot read where the next one is.
  @Test func freeListsAreShuffledAndHidden() throws {
    func addresses(_ seed: UInt64) throws -> [UInt64] {
      let test = try TestHeap {
        $0.shufflesSlabs = true
        $0.hidesLinks = true
        $0.seed = seed
        $0.magazineBytes = 0
      }
      let cache = try test.heap.createCache(SlabCacheRequest(name: "secret", objectSize: 64, flags: .account))
      let first = try test.heap.allocate(cache)
      let second = try test.heap.allocate(cache)
      try test.heap.free(second, cache)
      // What stands in the free object is no address.
      let link = try test.heap.word(at: VirtualAddress(second.rawValue + 32))
      #expect(link >> 40 != 0)
      let rest = try test.heap.allocate(cache, count: 63)
      #expect(rest.contains(second))
      try test.heap.checkInvariants()
      return [first.rawValue] + rest.map(\.rawValue)
    }
    let one = try addresses(1)
    let again = try addresses(1)
    let other = try addresses(2)
    #expect(Set(one).count == 64 && one != one.sorted() && one == again && one != other)
  }

  /// Shrinkers are asked for as much as reclaim's priority says, and for what they owe from the last time
  /// (`mm/vmscan.c:do_shrink_slab`).
  @Test func shrinkersAreAskedForTheirPart() throws {
    final class Objects: Sendable {
      let left = Atomic<Int>(100_000)
    }
    let test = try TestHeap()
    let objects = Objects()
    let index = test.heap.register(
      Shrinker(
        name: "dentry", count: { _ in objects.left.load(ordering: .relaxed) },
        scan: { scan, _ in
          let freed = min(scan, objects.left.load(ordering: .relaxed))
          objects.left.subtract(freed, ordering: .relaxed)
          return freed
        }))
    // 100,000 / 4096 * 4 / 2 = 48 objects: less than a batch, so they are owed.
    #expect(test.heap.shrinkObjects(priority: 12, node: 0) == ShrinkResult())
    #expect(test.heap.shrinkObjects(priority: 12, node: 0) == ShrinkResult())
    // 48 a call are owed; a fourth of that and half of what there is: 24 + 50,000 in batches of 128.
    let part = test.heap.shrinkObjects(priority: 2, node: 0)
    #expect(part.scanned == 390 * 128 && part.freed == part.scanned)
    let all = test.heap.dropObjects()
    #expect(all.freed == 100_000 - part.freed && objects.left.load(ordering: .relaxed) == 0)
    test.heap.unregister(index)
    objects.left.store(1000, ordering: .relaxed)
    #expect(test.heap.shrinkObjects(priority: 0, node: 0) == ShrinkResult())
  }

  @Test func whatNobodyGaveBackIsNamed() throws {
    let test = try TestHeap { $0.debugging = .storeUser }
    let cache = try test.heap.createCache(SlabCacheRequest(name: "leaky", objectSize: 100))
    let first = try test.heap.allocate(cache, site: 0xabc)
    _ = try test.heap.allocate(cache, site: 0xdef)
    _ = try test.heap.allocate(cache, site: 0xdef)
    _ = try test.heap.allocate(bytes: 30, site: 0x123)
    try test.heap.free(first, cache, site: 0x1)
    let leaks = try test.heap.outstandingObjects()
    #expect(leaks.map(\.site) == [0xdef, 0x123] && leaks.map(\.count) == [2, 1])
    let block = try test.heap.allocate(bytes: 20_000)
    let area = try test.heap.allocateVirtual(bytes: 100_000, site: 0x77)
    let more = try test.heap.outstandingObjects()
    #expect(more.contains(OutstandingObjects(kind: .areas, site: 0x77, count: 1, bytes: 25 * 4096)))
    #expect(more.contains(OutstandingObjects(kind: .blocks, count: 1, bytes: 32768)))
    try test.heap.free(block)
    try test.heap.freeVirtual(area)
    let text = String(decoding: try test.heap.leakText(), as: UTF8.self)
    #expect(text.contains("2 objects") && text.contains("in leaky allocated in 0xdef oldest age=5\n"))
    do throws(CacheInUse) {
      try test.heap.destroyCache(cache)
      Issue.record("a cache with objects was destroyed")
    } catch {
      let text = String(decoding: test.heap.text(of: error, cache), as: UTF8.self)
      #expect(text.contains("BUG leaky (Not tainted): Objects remaining in leaky on __kmem_cache_shutdown()\n"))
      #expect(text.contains("Allocated in 0xdef age=5 cpu=0 pid=0\n"))
      #expect(text.hasSuffix("kmem_cache_destroy leaky: Slab cache still has objects\n"))
    }
  }

  /// Frees far from their node wait in other nodes' arrays; when a cache is to end they all come home.
  @Test func slabsGoBackToTheirNodes() throws {
    let test = try TestHeap(frames: 4096, nodes: [0, 1]) { $0.allocator = .slab }
    let cache = try test.heap.createCache(SlabCacheRequest(name: "far", objectSize: 1500))
    let free = test.heap.memory.freeFrames + test.heap.memory.listedFrames
    let objects = try test.heap.allocate(cache, count: 100, processor: 0)
    try test.heap.free(objects, cache, processor: 1)
    test.heap.reap(processor: 1, looksAtNode: true)
    try test.heap.checkInvariants()
    try test.heap.destroyCache(cache)
    #expect(test.heap.memory.freeFrames + test.heap.memory.listedFrames == free)
  }

  /// SLAB's list of a slab lies on the slab's node, although the request was for no other (`mm/slab.c:alloc_slabmgmt`).
  @Test func listsOutsideOfSlabsAreFound() throws {
    let test = try TestHeap(frames: 2048, nodes: [0, 1]) { $0.allocator = .slab }
    let cache = try test.heap.createCache(SlabCacheRequest(name: "outside", objectSize: 512, flags: .typeSafe))
    var blocks: [VirtualAddress] = []
    for size in [65536, 4096] {
      while let block = try? test.heap.allocate(bytes: size, [.kernel, .noWarn, .noRetry, .thisNode], onNode: 0) {
        blocks.append(block)
      }
    }
    let object = try test.heap.allocate(cache, [.kernel, .thisNode], processor: 0, onNode: 1)
    #expect(node(object, test) == 1)
    try test.heap.free(object, cache, processor: 0)
    try test.heap.free(blocks)
    try test.heap.checkInvariants()
  }

  /// In a grace period too what is free, or no object, is refused.
  @Test func typeSafeObjectsOfBlocksAreChecked() throws {
    let test = try TestHeap { $0.allocator = .slob }
    let cache = try test.heap.createCache(SlabCacheRequest(name: "safe", objectSize: 600, flags: .typeSafe))
    let object = try test.heap.allocate(cache)
    _ = try test.heap.allocate(cache)
    let inside = VirtualAddress((object.rawValue & ~0xfff) + 3600)
    #expect(throws: ObjectFault.alreadyFree(inside)) { try test.heap.free(inside, cache) }
    try test.heap.free(object, cache)
    try test.heap.free(object, cache)
    test.heap.endGracePeriod()
    #expect(throws: ObjectFault.alreadyFree(object)) { try test.heap.free(object, cache) }
    try test.heap.checkInvariants()
  }

  /// Neighbours in one word of memory: what one processor writes to its object leaves the other's bytes alone.
  @Test func blocksInOneWordAreApart() throws {
    let test = try TestHeap { $0.allocator = .slob }
    let cache = try test.heap.createCache(SlabCacheRequest(name: "odd", objectSize: 12))
    let objects = try test.heap.allocate(cache, count: 64, [.kernel, .zero])
    for (index, object) in objects.enumerated() {
      let start = DirectMap.physical(object).rawValue
      test.heap.platform.fill(start, 12, with: UInt8(index))
    }
    for (index, object) in objects.enumerated() {
      #expect(test.heap.platform.firstOther(DirectMap.physical(object).rawValue, 12, than: UInt8(index)) == 0)
    }
    try test.heap.free(objects, cache)
    try test.heap.checkInvariants()
  }
}
