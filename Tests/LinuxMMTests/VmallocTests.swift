import Foundation
import Testing

@testable import LinuxMM

/// The kernel's addresses beside a naive model of who has which.
@Suite struct VmallocTests {
  /// Operations of each random sequence; the long form sets QUIRE_HEAP_STEPS.
  private static let steps = Int(ProcessInfo.processInfo.environment["QUIRE_HEAP_STEPS"] ?? "") ?? 40_000

  private enum Kind: CaseIterable { case own, zeroed, huge, mapped, device }

  private struct Held {
    var kind: Kind
    var address: VirtualAddress
    var pages: Int
    var pattern: UInt64
  }

  /// Small enough to run full: 24 MiB of addresses, so that purges happen because there is no room too.
  private static func heap(_ nodes: [Int], range pages: UInt64 = 6144) throws -> TestHeap {
    try TestHeap(frames: 16384, nodes: nodes) {
      let start: UInt64 = 0xffff_c900_0000_0000
      $0.vmallocRange = VirtualAddress(start)..<VirtualAddress(start + pages * PageSize.bytes)
    }
  }

  /// Random areas of all kinds, each page's first and last word with a pattern of its own.
  @Test(arguments: [1, 2, 3]) func areasKeepTheirPages(seed: UInt64) throws {
    let nodes = seed == 3 ? [0, 0, 1] : [0, 0]
    let test = try Self.heap(nodes)
    var random = XorShift64(seed: seed &* 0x9e37_79b9_7f4a_7c15)
    let atStart = test.heap.memory.freeFrames + test.heap.memory.listedFrames
    var lent: [FrameNumber] = []
    for _ in 0..<64 { lent.append(try test.heap.memory.allocatePages(.single, .kernel)) }
    var held: [Held] = []
    // By page, whether somebody has it: the naive model of the addresses.
    var taken = [Bool](repeating: false, count: 6144)
    let first = VirtualAddress(0xffff_c900_0000_0000).page
    func mark(_ object: Held, _ isTaken: Bool) {
      let start = Int(object.address.page - first)
      for page in start..<(start + object.pages) {
        #expect(taken[page] != isTaken, "seed \(seed)")
        taken[page] = isTaken
      }
    }
    func end(_ object: Held) throws {
      if object.kind != .device && object.kind != .mapped {
        for page in 0..<object.pages {
          let base = object.address.rawValue + UInt64(page) << 12
          let own = object.pattern &+ UInt64(page)
          if try test.heap.word(at: VirtualAddress(base)) != own
            || test.heap.word(at: VirtualAddress(base + 4088)) != ~own
          {
            Issue.record("bytes changed, seed \(seed)")
          }
        }
      }
      // What begins inside is refused.
      let inside = VirtualAddress(object.address.rawValue + 4096)
      #expect(throws: ObjectFault.notAllocated(inside)) { try test.heap.freeVirtual(inside) }
      switch object.kind {
      case .own, .zeroed, .huge: try test.heap.freeVirtual(object.address)
      case .mapped: try test.heap.unmap(object.address)
      case .device: try test.heap.unmapDevice(VirtualAddress(object.address.rawValue + 4))
      }
      mark(object, false)
      #expect(test.heap.frame(of: object.address) == nil)
    }
    for step in 0..<Self.steps {
      let limit = [60, 8, 120][step / 5000 % 3]
      if held.isEmpty || (held.count < limit && random.below(100) < 55) {
        var object = Held(
          kind: Kind.allCases[Int(random.below(5))], address: VirtualAddress(0), pages: 1 + Int(random.below(40)),
          pattern: random.next())
        if random.below(60) == 0 { object.pages = 520 + Int(random.below(600)) }
        if object.kind == .mapped { object.pages = 1 + object.pages % 64 }
        let processor = Int(random.below(UInt64(nodes.count)))
        do throws(VmallocFailure) {
          let bytes = object.pages << 12 - Int(random.below(4096))
          switch object.kind {
          case .own: object.address = try test.heap.allocateVirtual(bytes: bytes, processor: processor)
          case .zeroed:
            object.address = try test.heap.allocateVirtual(bytes: bytes, [.kernel, .zero], processor: processor)
          case .huge:
            object.address = try test.heap.allocateVirtual(bytes: bytes, processor: processor, isHuge: true)
          case .mapped:
            object.address = try test.heap.map(Array(lent[0..<object.pages]), processor: processor)
          case .device:
            object.address = try test.heap.mapDevice(
              PhysicalAddress(0xf000_0000_0), bytes: object.pages << 12, processor: processor)
          }
        } catch {
          #expect(error.reason == .noAddresses || error.reason == .noMemory)
          // Then there is no room: the areas held, with guard pages, leave no gap that is long enough.
          if error.reason == .noAddresses {
            #expect(test.heap.vmallocFigures.lazyPages == 0)
            if let object = held.popLast() { try end(object) }
          }
          continue
        }
        if object.kind == .huge, let area = test.heap.areas.with({ $0.find(object.address.page) }) {
          object.pages = Int(area.mappedEnd - area.start)
        }
        mark(object, true)
        for page in 0..<object.pages {
          let base = object.address.rawValue + UInt64(page) << 12
          guard let frame = test.heap.frame(of: VirtualAddress(base)) else {
            Issue.record("not mapped, seed \(seed), step \(step)")
            return
          }
          switch object.kind {
          case .mapped: #expect(frame == lent[page])
          case .device: #expect(frame.rawValue == 0xf00000 + UInt32(page))
          default:
            if object.kind == .zeroed && random.below(8) == 0 {
              #expect(try test.heap.word(at: VirtualAddress(base + random.below(512) * 8)) == 0)
            }
            let own = object.pattern &+ UInt64(page)
            try test.heap.setWord(at: VirtualAddress(base), to: own)
            try test.heap.setWord(at: VirtualAddress(base + 4088), to: ~own)
          }
        }
        // The guard page.
        let guardPage = VirtualAddress(object.address.rawValue + UInt64(object.pages) << 12)
        #expect(throws: KernelPageFault(address: guardPage, code: .write)) {
          try test.heap.setWord(at: guardPage, to: 0)
        }
        held.append(object)
      } else {
        try end(held.swapRemove(Int(random.below(UInt64(held.count)))))
      }
      if step % 2000 == 1999 {
        try test.heap.checkInvariants()
        #expect(test.heap.vmallocFigures.areas >= held.count)
      }
    }
    while let object = held.popLast() { try end(object) }
    #expect(test.heap.vmallocFigures.areas == 0 && test.heap.vmallocFigures.frames == 0)
    test.heap.purgeVirtual()
    #expect(test.heap.vmallocFigures.lazyPages == 0)
    for frame in lent { try test.heap.memory.freePages(frame) }
    for cache in test.heap.allCaches { test.heap.shrink(cache) }
    try test.heap.checkInvariants()
    let atEnd = test.heap.memory.freeFrames + test.heap.memory.listedFrames + test.heap.tables.count.value
    #expect(atEnd == atStart)
  }

  @Test func addressesFollowEachOtherWhereFramesDoNot() throws {
    let test = try Self.heap([0])
    // Free memory in single frames: no two of an area's can be neighbours.
    var all: [FrameNumber] = []
    while let frame = try? test.heap.memory.allocatePages(.single, [.kernel, .noWarn, .noRetry]) { all.append(frame) }
    for frame in all where frame.rawValue % 2 == 0 { try test.heap.memory.freePages(frame) }
    let address = try test.heap.allocateVirtual(bytes: 1 << 20)
    let frames = (0..<256).map { test.heap.frame(of: VirtualAddress(address.rawValue + UInt64($0) << 12))! }
    #expect(Set(frames).count == 256)
    #expect(frames.allSatisfy { !frames.contains($0 + 1) })
    for page in 0..<256 {
      let place = VirtualAddress(address.rawValue + UInt64(page) << 12 + 8)
      try test.heap.setWord(at: place, to: UInt64(page))
      #expect(test.heap.platform.word(at: PhysicalAddress(frames[page].address.rawValue + 8)) == UInt64(page))
    }
    let end = VirtualAddress(address.rawValue + 1 << 20)
    #expect(throws: KernelPageFault(address: end, code: [])) { try test.heap.word(at: end) }
    #expect(throws: DMAFailure.vmallocMemory(address)) { try test.heap.deviceAddress(of: address, bytes: 64) }
    try test.heap.freeVirtual(address)
    #expect(throws: KernelPageFault.self) { try test.heap.word(at: address) }
    #expect(throws: ObjectFault.notAllocated(address)) { try test.heap.freeVirtual(address) }
  }

  /// Addresses that were given back are not used again before a flush, and one flush serves many.
  @Test func addressesWaitForTheFlush() throws {
    let test = try TestHeap(frames: 16384, nodes: [0, 0])
    // Two processors: 2 * 32 MiB may wait (mm/vmalloc.c:lazy_max_pages).
    #expect(test.heap.areas.with { $0.mostLazyPages } == 16384)
    let first = try test.heap.allocateVirtual(bytes: 4096)
    try test.heap.freeVirtual(first)
    var freed: UInt64 = 2
    while freed + 257 <= 16384 {
      let address = try test.heap.allocateVirtual(bytes: 1 << 20)
      #expect(address.rawValue == first.rawValue + freed << 12)
      try test.heap.freeVirtual(address)
      freed += 257
    }
    #expect(test.heap.vmallocFigures.lazyPages == freed && test.heap.vmallocFigures.flushes == 0)
    try test.heap.freeVirtual(try test.heap.allocateVirtual(bytes: 1 << 20))
    #expect(test.heap.vmallocFigures.lazyPages == 0 && test.heap.vmallocFigures.flushes == 1)
    #expect(test.heap.vmallocFigures.flushedPages == freed + 257)
    #expect(try test.heap.allocateVirtual(bytes: 4096) == first)
  }

  @Test func largePagesAreUsedWhereTheyFit() throws {
    let test = try TestHeap(frames: 16384, nodes: [0])
    func depth(_ address: VirtualAddress) -> Int? { test.heap.tables.walk(address, test.heap.platform)?.stepCount }
    let tablesBefore = test.heap.tables.count.value
    let huge = try test.heap.allocateVirtual(bytes: 5 << 20, isHuge: true)
    #expect(huge.rawValue % (2 << 20) == 0 && test.heap.vmallocFigures.frames == 3 * 512 + 3)
    // Root and two levels, none of single pages.
    #expect(test.heap.tables.count.value - tablesBefore == 3 + 1)  // the list of 1536 frames is an area too
    #expect(depth(VirtualAddress(huge.rawValue + 0x12345)) == 3)
    let first = test.heap.frame(of: huge)!
    #expect(test.heap.frame(of: VirtualAddress(huge.rawValue + 511 << 12)) == first + 511)
    // Below 2 MiB, and with memory in small pieces, single pages serve.
    let small = try test.heap.allocateVirtual(bytes: 2 << 20 - 4096, isHuge: true)
    #expect(depth(small) == 4)
    try test.heap.freeVirtual(huge)
    // The frames of a large page are given back one by one, and join again.
    var all: [FrameNumber] = []
    while let frame = try? test.heap.memory.allocatePages(.single, [.kernel, .noWarn, .noRetry]) { all.append(frame) }
    for frame in all where frame.rawValue % 16 != 0 { try test.heap.memory.freePages(frame) }
    let broken = try test.heap.allocateVirtual(bytes: 4 << 20, isHuge: true)
    #expect(depth(broken) == 4)
    try test.heap.checkInvariants()
  }

  @Test func whatCannotBeIsRefused() throws {
    let test = try Self.heap([0])
    func reason(_ body: () throws(VmallocFailure) -> VirtualAddress) -> VmallocFailure.Reason? {
      do throws(VmallocFailure) { _ = try body() } catch { return error.reason }
      return nil
    }
    let heap = test
    #expect(reason { () throws(VmallocFailure) in try heap.heap.allocateVirtual(bytes: 0) } == .empty)
    #expect(reason { () throws(VmallocFailure) in try heap.heap.allocateVirtual(bytes: -5) } == .empty)
    #expect(reason { () throws(VmallocFailure) in try heap.heap.allocateVirtual(bytes: 1 << 30) } == .exceedsMachine)
    #expect(reason { () throws(VmallocFailure) in try heap.heap.allocateVirtual(bytes: 30 << 20) } == .noAddresses)
    #expect(reason { () throws(VmallocFailure) in try heap.heap.map([]) } == .empty)
    let hole = FrameNumber(3)
    #expect(reason { () throws(VmallocFailure) in try heap.heap.map([hole]) } == .noMemoryThere(hole))
    let memory = PhysicalAddress(2000 << 12)
    #expect(reason { () throws(VmallocFailure) in try heap.heap.mapDevice(memory, bytes: 4096) } == .isMemory(memory))
    #expect(reason { () throws(VmallocFailure) in try heap.heap.mapDevice(memory, bytes: 0) } == .empty)
    let object = try test.heap.allocate(bytes: 100)
    #expect(throws: ObjectFault.notAllocated(object)) { try test.heap.freeVirtual(object) }
    #expect(try test.heap.deviceAddress(of: object, bytes: 100) == DirectMap.physical(object))
    let nothing = DirectMap.address(of: PhysicalAddress(0))
    #expect(throws: DMAFailure.noMemory(nothing)) { try test.heap.deviceAddress(of: nothing, bytes: 8) }
    let area = try test.heap.allocateVirtual(bytes: 100)
    #expect(throws: ObjectFault.notAllocated(area)) { try test.heap.free(area) }
    #expect(throws: ObjectFault.notAllocated(area)) { try test.heap.unmap(area) }
    try test.heap.freeEither(area)
    try test.heap.freeEither(object)
    let either = try test.heap.allocateEither(bytes: 6 << 20)
    let isVirtual = test.heap.isVirtual(either)
    #expect(isVirtual)
    try test.heap.freeEither(either)
  }

  /// Devices lie at multiples of their size, and keep their place in the page.
  @Test func devicesAreAligned() throws {
    let test = try TestHeap(frames: 16384, nodes: [0])
    _ = try test.heap.allocateVirtual(bytes: 4096)
    let device = try test.heap.mapDevice(PhysicalAddress(0xfebc_0123), bytes: 100 << 10, site: 7)
    #expect(device.rawValue & 0xfff == 0x123 && (device.rawValue & ~0xfff) % (128 << 10) == 0)
    #expect(try test.heap.physicalAddress(of: device) == PhysicalAddress(0xfebc_0123))
    let text = String(decoding: test.heap.vmallocInfoText(), as: UTF8.self)
    #expect(
      text == """
        0xffffc90000000000-0xffffc90000002000    8192 pages=1 vmalloc N0=1
        0xffffc90000020000-0xffffc9000003b000  110592 0x7 phys=0x00000000febc0000 ioremap

        """)
    try test.heap.unmapDevice(device)
    #expect(String(decoding: test.heap.vmallocInfoText(), as: UTF8.self).hasSuffix("unpurged vm_area\n"))
  }

  /// A device's pages are large where both addresses permit; nothing answers there.
  @Test func largeDevicesHaveLargePages() throws {
    let test = try TestHeap(frames: 16384, nodes: [0])
    let device = try test.heap.mapDevice(PhysicalAddress(0xe000_0000 - 8192), bytes: 6 << 20 + 20000)
    func depth(_ offset: UInt64) -> Int? {
      test.heap.tables.walk(VirtualAddress(device.rawValue + offset), test.heap.platform)?.stepCount
    }
    // The area begins at a multiple of 8 MiB, the device 8 KiB before one of 2 MiB: no place is a multiple for both.
    #expect(depth(0) == 4 && depth(4 << 20) == 4)
    try test.heap.unmapDevice(device)
    let aligned = try test.heap.mapDevice(PhysicalAddress(0xe000_0000), bytes: 6 << 20 + 20000)
    for offset in stride(from: UInt64(0), to: 6 << 20 + 20000, by: 4096) {
      let address = VirtualAddress(aligned.rawValue + offset)
      #expect(try test.heap.physicalAddress(of: address).rawValue == 0xe000_0000 + offset)
      let steps = test.heap.tables.walk(address, test.heap.platform)?.stepCount
      #expect(steps == (offset < 6 << 20 ? 3 : 4))
    }
    #expect(try test.heap.word(at: aligned) == .max)
    try test.heap.setWord(at: aligned, to: 1)
    try test.heap.unmapDevice(aligned)
    #expect(throws: KernelPageFault.self) { try test.heap.word(at: aligned) }
    test.heap.purgeVirtual()
    // Single pages where the large ones were: the tables are made again.
    let area = try test.heap.allocateVirtual(bytes: 8 << 20)
    try test.heap.setWord(at: VirtualAddress(area.rawValue + 7 << 20), to: 5)
    #expect(try test.heap.word(at: VirtualAddress(area.rawValue + 7 << 20)) == 5)
    try test.heap.checkInvariants()
  }
}
