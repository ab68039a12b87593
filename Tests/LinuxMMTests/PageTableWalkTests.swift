import HostMemory
import Testing

@testable import LinuxMM

/// Walks beside one that is written down from the manual's figures, and beside the hardware's own.
@Suite struct PageTableWalkTests {
  /// The lowest address bit of each level's index, from the root on, and the bits of an index.
  private static let shifts: [Int: (shifts: [UInt64], bits: UInt64)] = [
    2: ([22, 12], 10), 3: ([30, 21, 12], 9), 4: ([39, 30, 21, 12], 9), 5: ([48, 39, 30, 21, 12], 9),
  ]

  /// What a naive walk finds: the raw entries with their addresses, and the physical address if there is a page.
  private struct Naive: Equatable {
    var entries: [UInt64] = []
    var places: [UInt64] = []
    var physical: UInt64?
  }

  private func naive(_ test: TestTranslation, _ root: FrameNumber, _ address: UInt64) throws -> Naive {
    let levels = test.geometry.levelCount
    let shape = try #require(Self.shifts[levels])
    let width: UInt64 = levels == 2 ? 4 : 8
    var result = Naive()
    var table = UInt64(root.rawValue) * 4096
    for (number, shift) in shape.shifts.enumerated() {
      let place = table + (address >> shift) % (1 << shape.bits) * width
      var entry = test.translation.platform.word(
        Int(place % 4096 / 8), of: FrameNumber(UInt32(place / 4096)))
      if width == 4 { entry = place % 8 == 0 ? entry & 0xffff_ffff : entry >> 32 }
      result.entries.append(entry)
      result.places.append(place)
      if entry & 1 == 0 { return result }
      table = entry & 0x000f_ffff_ffff_f000
      let isLast = number == shape.shifts.count - 1
      if isLast || entry & 0x80 != 0 && number > 0 || entry & 0x80 != 0 && levels == 2 {
        result.physical = (table >> shift) << shift | address & (1 << shift - 1)
        return result
      }
    }
    return result
  }

  @Test(arguments: TestTranslation.geometries, [41, 42] as [UInt64])
  func walksAreThoseOfTheManual(_ geometry: PageTableGeometry, seed: UInt64) throws {
    let test = try TestTranslation(geometry)
    var random = XorShift64(seed: seed)
    let context = try test.makeContext()
    test.load(context)
    let regions = (0..<4).map { _ in random.below(geometry.userEnd.rawValue - 2048) & ~511 }
    for region in regions {
      for _ in 0..<60 {
        let frame = FrameNumber(UInt32(random.below(1 << 14)))
        let entry: PageTableEntry =
          switch random.below(5) {
          case 0: PageTableEntry(.swap(device: Int(random.below(8)), offset: random.below(1 << 20)))
          case 1: .page(frame, PageTableEntry.protectionNone | PageTableEntry.accessed)
          default: .page(frame, TestTranslation.userBits)
          }
        try test.set(context, VirtualPage(region + random.below(512)), entry)
      }
      for level in 1...2 where geometry.holdsPages(level) {
        let span = geometry.span(level)
        let page = VirtualPage((region / span + 3 + random.below(4)) * span)
        guard page + span < geometry.userEnd, test.translation.lookUp(context.root, page).level >= level,
          test.translation.lookUp(context.root, page).entry.isEmpty
        else { continue }
        let frame = FrameNumber(UInt32(random.below(8) * span))
        _ = try test.setLarge(context, page, level: level, frame, TestTranslation.userBits)
        let address = VirtualAddress(page.address.rawValue + random.below(span * 4096))
        try compare(test, context, address, "seed \(seed)")
      }
      for _ in 0..<400 {
        try compare(test, context, VirtualAddress((region + random.below(600)) * 4096 + random.below(4096)), "\(seed)")
      }
    }
  }

  private func compare(
    _ test: TestTranslation, _ context: TranslationContext, _ address: VirtualAddress, _ note: String
  ) throws {
    let slow = try naive(test, context.root, address.rawValue)
    let walk = PageTableWalk(address, from: context.root, test.geometry, reading: test.translation.platform)
    let steps = (0..<walk.stepCount).map { walk.steps[$0] }
    #expect(steps.map(\.rawValue) == slow.entries && steps.map(\.place.rawValue) == slow.places, "\(note), \(address)")
    if case .mapped(let physical) = walk.end {
      #expect(physical.rawValue == slow.physical, "\(note), \(address)")
      #expect(walk.isUser && walk.isWritable && walk.isExecutable)
    } else {
      #expect(slow.physical == nil, "\(note), \(address)")
    }
    // The hardware finds the same page, or faults.
    switch test.access(context, address.page).outcome {
    case .done: #expect(slow.physical != nil, "\(note), \(address)")
    default: #expect(slow.physical == nil, "\(note), \(address)")
    }
  }

  @Test func whatIsNotMappedSaysWhy() throws {
    let test = try TestTranslation()
    let context = try test.makeContext()
    let first = VirtualPage(0x7f12_3456_7)
    try test.set(context, first, PageTableEntry(.swap(device: 3, offset: 0x123), marks: .softDirty))
    try test.set(context, first + 1, .page(FrameNumber(77), PageTableEntry.protectionNone))
    try test.set(context, first + 2, PageTableEntry(.marker(NonPresentEntry.userfaultMarker)))
    try test.set(context, first + 3, .page(FrameNumber(78), TestTranslation.userBits | 1 << 51))
    func walk(_ address: UInt64) -> PageTableWalk {
      PageTableWalk(VirtualAddress(address), from: context.root, test.geometry, reading: test.translation.platform)
    }
    let address = first.address.rawValue
    #expect(walk(address).end == .swapped(device: 3, offset: 0x123) && walk(address).last?.bits == .softDirty)
    #expect(walk(address + 0x1010).end == .inaccessible(PhysicalAddress(77 << 12 | 0x10)))
    #expect(walk(address + 0x1010).last?.bits == .protectionNone && !walk(address + 0x1010).isUser)
    #expect(walk(address + 0x2000).end == .marker(1))
    #expect(walk(address + 0x3000).end == .reserved)
    #expect(walk(address + 0x4000).end == .empty && walk(address + 0x4000).stepCount == 4)
    #expect(walk(address + 1 << 30).end == .noTable && walk(address + 1 << 30).last?.level == 2)
    #expect(walk(0x8000_0000_0000).end == .notCanonical && walk(0x8000_0000_0000).stepCount == 0)
    #expect(walk(.max).end == .noTable)
  }

  /// A process's walks and its pagemap tell of the same frames.
  @Test func processesAreWalked() throws {
    let test = try TestMachine()
    let address = try test.anonymous(test.process, pages: 600)
    for page in stride(from: 0 as UInt64, to: 600, by: 3) { _ = test.write(test.process, address.page(page)) }
    let words = test.pagemap(address.page.rawValue..<address.page.rawValue + 600)
    for page in 0..<600 {
      let walk = try #require(test.walk(address.page(UInt64(page))))
      if page % 3 == 0 {
        let frame = try #require(test.frame(test.process, address.page(UInt64(page))))
        #expect(walk.end == .mapped(frame.address))
        // Present, anonymous, mapped once, soft-dirty: the area is new.
        #expect(words[page] == 1 << 63 | 1 << 56 | 1 << 55 | UInt64(frame.rawValue))
      } else {
        #expect((walk.end == .empty || walk.end == .noTable) && words[page] == 1 << 55)
      }
    }
    test.exit(test.process)
    #expect(test.walk(address) == nil)
  }

  /// A page in swap, in the words of pagemap.rst: type in bits 0 to 4, offset from bit 5 on, bit 62.
  @Test func pagemapSaysWhereAPageWentTo() {
    let entry = PageTableEntry(.swap(device: 2, offset: 0x55), marks: [.softDirty, .userFaultWrite])
    let word = PagemapEntry(entry, [], isNew: false)
    #expect(word.rawValue == 1 << 62 | 1 << 57 | 1 << 55 | 0x55 << 5 | 2)
    #expect(word.isSwapped && word.swapType == 2 && word.swapOffset == 0x55 && word.isWriteWatched && !word.isPresent)
    #expect(PagemapEntry(.empty, [], isNew: false).rawValue == 0)
  }
}

extension TestMachine {
  fileprivate func walk(_ address: VirtualAddress) -> PageTableWalk? { machine.walk(process, address) }

  fileprivate func pagemap(_ pages: Range<UInt64>) -> [UInt64] { machine.pagemap(process, pages) }
}
