import Foundation
import HostMemory
import LinuxMM
import Testing

@testable import KernelText

@Suite struct HeapEventTests {
  @Test func bothTextsAreRead() throws {
    let ftrace = HeapEvent(
      line:
        "   sh-102     [001] .....     6.373702: kmem_cache_alloc: call_site=shmem_alloc_inode+0x1d/0x30 ptr=ffff8ebe82a04310 bytes_req=776 bytes_alloc=784 gfp_flags=GFP_NOFS|__GFP_ZERO node=-1 accounted=true"
    )
    #expect(
      ftrace?.kind
        == .allocation(
          isCache: true, name: nil, requested: 776, granted: 784, flags: [.noFS, .zero], node: nil, isCharged: true))
    #expect(ftrace?.processor == 1 && ftrace?.microseconds == 6_373_702 && ftrace?.pointer == 0xffff_8ebe_82a0_4310)
    #expect(ftrace?.site == "shmem_alloc_inode+0x1d/0x30")
    // A process may be called anything; later kernels name the cache, and perf the subsystem.
    let perf = HeapEvent(
      line:
        "a 1.5: [x] 102 [000] 11630.684201:     kmem:kmem_cache_alloc: (f+0x1) call_site=f+0x1 ptr=0xffff8ebe82a04310 name=dentry bytes_req=192 bytes_alloc=192 gfp_flags=GFP_KERNEL node=1 accounted=false"
    )
    #expect(
      perf?.kind
        == .allocation(
          isCache: true, name: "dentry", requested: 192, granted: 192, flags: .kernel, node: 1, isCharged: false))
    let old = HeapEvent(
      line: "x [000] 1.0: kmalloc_node: call_site=f ptr=ff bytes_req=8 bytes_alloc=8 gfp_flags=GFP_ATOMIC node=0")
    #expect(old?.kind != nil && old?.pointer == 255)
    #expect(HeapEvent(line: "x [000] 1.0: kfree: call_site=f ptr=0xff")?.kind == .free(isCache: false, name: nil))
    #expect(
      HeapEvent(line: "x [000] 1.0: kmem_cache_free: call_site=f ptr=ff name=filp")?.kind
        == .free(isCache: true, name: "filp"))
    for text in [
      "kfree: call_site=f ptr=0000000000000000", "kfree: call_site=f ptr=(nil)", "kfree: call_site=f", "kfree: ptr=xyz",
      "kmalloc: call_site=f ptr=ff bytes_req=9 bytes_alloc=8 gfp_flags=GFP_KERNEL",
      "kmalloc: call_site=f ptr=ff bytes_req=0 bytes_alloc=0 gfp_flags=GFP_KERNEL",
      "kmem_cache_alloc: call_site=f ptr=ff bytes_req=0 bytes_alloc=64 gfp_flags=GFP_KERNEL",
      "kmalloc: call_site=f ptr=ff bytes_req=1 bytes_alloc=99999999999 gfp_flags=GFP_KERNEL",
      "mm_page_free: page=ff pfn=0x1 order=0", "",
    ] {
      #expect(HeapEvent(line: Substring("x [000] 1.0: \(text)")) == nil, "\(text)")
    }
    let far = HeapEvent(
      line: "x [000] 1.0: kmalloc: ptr=ff bytes_req=8 bytes_alloc=8 gfp_flags=GFP_KERNEL node=0xffffffffffffffff")
    #expect(far?.site == "?")
    #expect(HeapEvent(line: "x [000] 99999999999.0: kfree: call_site=f ptr=ff") == nil)
  }

  @Test(arguments: HeapAllocator.allCases) func whatIsOutstandingIsKnownBySite(allocator: HeapAllocator) throws {
    var random = XorShift64(seed: 5)
    var events: [HeapEvent] = []
    // By pointer: where it was allocated, its size, and when.
    var live: [UInt64: (site: String, granted: Int, requested: Int, time: UInt64)] = [:]
    var unknown = 0
    for time in 0..<20_000 as Range<UInt64> {
      let pointer = 0x1000 + random.below(800) * 8
      let processor = Int(random.below(4))
      let isCache = pointer % 16 == 0
      if live.removeValue(forKey: pointer) != nil {
        events.append(
          HeapEvent(
            microseconds: time, processor: processor, pointer: pointer, site: "free",
            kind: .free(isCache: isCache, name: isCache ? "cache\(pointer % 3)" : nil)))
      } else if random.below(50) == 0 {
        unknown += 1
        events.append(
          HeapEvent(
            microseconds: time, processor: processor, pointer: pointer, site: "free",
            kind: .free(isCache: isCache, name: nil)))
      } else {
        let size = isCache ? Int(64 + pointer % 3 * 64) : 1 << Int(5 + random.below(8))
        let site = "site\(random.below(9))"
        live[pointer] = (site, size, size - 3, time)
        events.append(
          HeapEvent(
            microseconds: time, processor: processor, pointer: pointer, site: site,
            kind: .allocation(
              isCache: isCache, name: nil, requested: size - 3, granted: size, flags: .kernel, node: nil,
              isCharged: false)))
      }
    }
    let configuration = try PhysicalConfiguration.pc([64 << 20], nodeOfProcessor: [0, 0])
    guard let memory = PhysicalMemory(configuration, metadata: .host),
      let platform = SimulatedPlatform(end: configuration.map.end, from: .host)
    else { throw Errno.ENOMEM }
    var settings = HeapSettings(processors: 2)
    settings.allocator = allocator
    guard let heap = KernelHeap(memory, platform, settings, metadata: .host) else { throw Errno.ENOMEM }
    var replay = HeapEventReplay(heap, for: events)
    for event in events { replay.carryOut(event) }
    let sites = replay.sites
    var expected: [String: (count: Int, bytes: Int, requested: Int, oldest: UInt64)] = [:]
    for object in live.values {
      let old = expected[object.site] ?? (0, 0, 0, .max)
      expected[object.site] = (
        old.count + 1, old.bytes + object.granted, old.requested + object.requested, min(old.oldest, object.time)
      )
    }
    for (site, wanted) in expected {
      let found = sites.filter { $0.site == site }
      #expect(found.reduce(0) { $0 + $1.objects } == wanted.count)
      #expect(found.reduce(0) { $0 + $1.bytes } == wanted.bytes)
      #expect(found.reduce(0) { $0 + $1.requestedBytes } == wanted.requested)
      #expect(found.compactMap(\.oldestMicroseconds).min() == wanted.oldest)
    }
    let counts = replay.counts
    #expect(counts.liveBytes == live.values.reduce(0) { $0 + $1.granted } && counts.unknownFrees == unknown)
    #expect(counts.modelFailures == 0 && counts.unknownAllocations == 0)
    if allocator == .slub { #expect(counts.differingSizes == 0) }
    try replay.heap.checkInvariants()
    if allocator != .slob {
      var active = 0
      for cache in replay.heap.allCaches { active += try replay.heap.usage(of: cache).activeObjects }
      #expect(active == live.count)
      let text = String(decoding: try replay.heap.slabInfoText(), as: UTF8.self)
      let rows = text.split(separator: "\n").dropFirst(2).map { $0.split(separator: " ") }
      #expect(rows.reduce(0) { $0 + (Int($1[1]) ?? 0) } == live.count)
      // The text is one of slabinfo: what reads a kernel's reads it.
      #expect(try SlabInfoText(text).caches.count == rows.count)
      let top = String(decoding: try replay.heap.slabTopText(), as: UTF8.self)
      #expect(top.hasPrefix(" Active / Total Objects (% used)   : \(live.count) / "))
    }
  }

  /// Lines that are cut off or changed anywhere are refused or read, never a fault.
  @Test func damagedLinesAreRefused() {
    let lines = [
      "   sh-102     [001] .....     6.373702: kmem_cache_alloc: call_site=f+0x1d/0x30 ptr=ffff8ebe82a04310 bytes_req=776 bytes_alloc=784 gfp_flags=GFP_NOFS|__GFP_ZERO node=-1 accounted=true",
      "sh 102 [001] 6.373702: kmem:kfree: call_site=0xff ptr=0xffff8ebe82a04310",
    ]
    var random = XorShift64(seed: 11)
    var read = 0
    for _ in 0..<30_000 {
      var bytes = Array(lines[Int(random.below(2))].utf8)
      for _ in 0...random.below(3) {
        switch random.below(3) {
        case 0: bytes[Int(random.below(UInt64(bytes.count)))] = UInt8(random.below(256))
        case 1: bytes.remove(at: Int(random.below(UInt64(bytes.count))))
        default: bytes.removeLast(Int(random.below(UInt64(bytes.count))))
        }
        if bytes.isEmpty { bytes = [32] }
      }
      if HeapEvent(line: Substring(decoding: bytes, as: UTF8.self)) != nil { read += 1 }
    }
    #expect(read > 1000)
  }
}
