import Testing

@testable import LinuxMM

/// Tables of every geometry beside a dictionary.
@Suite struct PageTableTests {
  @Test func geometriesAreThoseOfTheHardware() {
    let four = PageTableGeometry.fourLevels
    #expect((0..<4).map { four.name($0) } == [.pte, .pmd, .pud, .pgd])
    #expect((0..<5).map { PageTableGeometry.fiveLevels.name($0) } == [.pte, .pmd, .pud, .p4d, .pgd])
    #expect((0..<3).map { PageTableGeometry.physicalAddressExtension.name($0) } == [.pte, .pmd, .pgd])
    #expect((0..<2).map { PageTableGeometry.twoLevels.name($0) } == [.pte, .pgd])
    // Folded levels are the root's.
    #expect(four.level(.p4d) == 3 && four.level(.pgd) == 3 && four.level(.pud) == 2)
    #expect(PageTableGeometry.twoLevels.level(.pmd) == 1)
    #expect(PageTableGeometry.physicalAddressExtension.level(.pud) == 2)
    // Bytes an entry covers, from facts §9.1 and the headers.
    let spans: [(PageTableGeometry, [UInt64])] = [
      (.fiveLevels, [4096, 2 << 20, 1 << 30, 512 << 30, 256 << 40]), (.twoLevels, [4096, 4 << 20]),
      (.physicalAddressExtension, [4096, 2 << 20, 1 << 30]),
    ]
    for (geometry, bytes) in spans { #expect((0..<bytes.count).map { geometry.span($0) * 4096 } == bytes) }
    #expect(four.userEnd.address.rawValue == 0x7fff_ffff_f000)
    #expect(PageTableGeometry.fiveLevels.userEnd.address.rawValue == 0xff_ffff_ffff_f000)
    #expect(PageTableGeometry.fiveLevels.usualMapEnd.address.rawValue == 0x7fff_ffff_f000)
    #expect(PageTableGeometry.twoLevels.userEnd.address.rawValue == 0xc000_0000)
    #expect(PageTableGeometry(.i386PAE) == .physicalAddressExtension && PageTableGeometry(.i386) == .twoLevels)
    #expect(PageTableGeometry(.x86_64, fiveLevels: true) == .fiveLevels)
  }

  @Test func canonicalAddressesEndWhereTheHardwareSays() {
    func isCanonical(_ geometry: PageTableGeometry, _ address: UInt64) -> Bool {
      geometry.isCanonical(VirtualAddress(address).page)
    }
    for (geometry, low, high) in [
      (PageTableGeometry.fourLevels, 0x0000_8000_0000_0000 as UInt64, 0xffff_8000_0000_0000 as UInt64),
      (.fiveLevels, 0x0100_0000_0000_0000, 0xff00_0000_0000_0000),
    ] {
      #expect(isCanonical(geometry, 0) && isCanonical(geometry, low - 1) && !isCanonical(geometry, low))
      #expect(!isCanonical(geometry, high - 1) && isCanonical(geometry, high) && isCanonical(geometry, .max))
    }
    #expect(isCanonical(.twoLevels, 0xffff_ffff) && !isCanonical(.twoLevels, 0x1_0000_0000))
  }

  /// Random mappings at random places of a few regions far apart, emptied page by page and unmapped range by range:
  /// entries are those of the dictionary, every table is reached and counted, and none is left.
  @Test(arguments: TestTranslation.geometries, [31, 32] as [UInt64])
  func randomMappingsAgreeWithADictionary(_ geometry: PageTableGeometry, seed: UInt64) throws {
    let test = try TestTranslation(geometry)
    var random = XorShift64(seed: seed)
    let free = test.translation.memory.freeFrames + test.translation.memory.listedFrames
    let context = try test.makeContext()
    let atStart = test.tables
    var pages: [UInt64: PageTableEntry] = [:]
    var accounted = atStart - 1
    let end = geometry.userEnd.rawValue
    let regions = (0..<6).map { _ in random.below(end - 5000) }
    for step in 0..<4000 {
      let page = regions[Int(random.below(6))] + random.below(5000)
      switch random.below(5) {
      case 0..<3:
        let entry = randomEntry(&random)
        let place = try test.translation.makePlace(
          context.root, VirtualPage(page), owner: 0, allocated: &accounted)
        test.translation.setEntry(place, to: entry)
        pages[page] = stored(entry, geometry)
      case 3:
        // As MADV_DONTNEED does: the page still belongs to somebody, and its tables stay.
        let held = test.entry(context, VirtualPage(page))
        #expect((test.place(context, VirtualPage(page)) == nil ? .empty : held) == pages[page] ?? .empty)
        if pages[page] != nil, let place = test.place(context, VirtualPage(page)) {
          test.translation.setEntry(place, to: .empty)
          pages[page] = .empty
        }
      default:
        // Unmap a range; its neighbours begin and end at the nearest pages that are mapped.
        let last = min(page + 1 + random.below(3000), end)
        for unmapped in page..<last where pages.removeValue(forKey: unmapped) != nil {
          let place = try #require(test.place(context, VirtualPage(unmapped)))
          test.translation.setEntry(place, to: .empty)
        }
        let floor = pages.keys.filter { $0 < page }.max().map { $0 + 1 } ?? 0
        let ceiling = pages.keys.filter { $0 >= last }.min() ?? geometry.userCeiling.rawValue
        accounted -= test.translation.freeTables(
          context.root, VirtualPage(page), VirtualPage(last), floor: VirtualPage(floor), ceiling: VirtualPage(ceiling))
      }
      if step % 200 == 0 {
        for (page, entry) in pages {
          #expect(test.entry(context, VirtualPage(page)) == entry, "seed \(seed), step \(step), page \(page)")
        }
        try expectTables(test, context, accounted, "seed \(seed), step \(step)")
      }
    }
    let ceiling = geometry.userCeiling
    for page in pages.keys {
      let place = try #require(test.place(context, VirtualPage(page)))
      test.translation.setEntry(place, to: .empty)
    }
    accounted -= test.translation.freeTables(
      context.root, VirtualPage(0), ceiling, floor: VirtualPage(0), ceiling: ceiling)
    accounted -= test.translation.freeRoot(context.root)
    #expect(accounted == 0 && test.tables == 0, "seed \(seed)")
    #expect(test.translation.memory.freeFrames + test.translation.memory.listedFrames == free)
    try test.translation.memory.checkInvariants()
  }

  private func randomEntry(_ random: inout XorShift64) -> PageTableEntry {
    let frame = FrameNumber(UInt32(random.below(1 << 20)))
    switch random.below(8) {
    case 0: return PageTableEntry(.swap(device: Int(random.below(26)), offset: random.below(1 << 23)))
    case 1: return .page(frame, PageTableEntry.protectionNone | PageTableEntry.accessed)
    case 2: return .empty
    default: return .page(frame, TestTranslation.userBits | random.below(2) << 6)
    }
  }

  /// What is read back: narrow entries lose the bits they have no room for.
  private func stored(_ entry: PageTableEntry, _ geometry: PageTableGeometry) -> PageTableEntry {
    geometry.hasNarrowEntries ? NarrowEntry.decode(NarrowEntry.encode(entry)) : entry
  }

  /// Counts the tables from the root down: all of them, and those that are the process's.
  private func expectTables(
    _ test: TestTranslation, _ context: TranslationContext, _ accounted: Int, _ when: String
  ) throws {
    var all = 1
    var counted = 0
    func visit(_ table: FrameNumber, _ level: Int) {
      for index in 0..<(test.geometry.hasRootRegisters && level == test.geometry.top ? 4 : test.geometry.entryCount) {
        let entry = test.translation.entry(EntryPlace(table: table, index: index))
        guard level > 0, entry.isPresent else { continue }
        all += 1
        if test.geometry.name(level - 1) != .p4d { counted += 1 }
        visit(entry.frame, level - 1)
      }
    }
    visit(context.root, test.geometry.top)
    #expect(all == test.tables, "\(when)")
    #expect(counted == accounted, "\(when)")
  }

  /// P4D tables and roots are not the process's; with PAE three PMD tables are there from the start.
  @Test func tablesThatCount() throws {
    for (geometry, start, first) in [
      (PageTableGeometry.fourLevels, 0, 3), (.fiveLevels, 0, 3), (.twoLevels, 0, 1), (.physicalAddressExtension, 3, 1),
    ] {
      let test = try TestTranslation(geometry)
      var allocated = 0
      let root = try test.translation.makeRoot(for: 0, allocated: &allocated)
      #expect(allocated == start)
      _ = try test.translation.makePlace(root, VirtualPage(5), owner: 0, allocated: &allocated)
      #expect(allocated == start + first)
      #expect(test.tables == 1 + start + first + (geometry == .fiveLevels ? 1 : 0))
    }
  }

  /// Every size of page on every geometry: made, read through the walk, split down to base pages with all frames and rights.
  @Test func largePagesAreMadeReadAndSplit() throws {
    for geometry in TestTranslation.geometries {
      for level in 1...2 where geometry.holdsPages(level) {
        let test = try TestTranslation(geometry, ram: 256 << 20)
        let context = try test.makeContext()
        let span = geometry.span(level)
        let page = VirtualPage(span * 2)
        let first = FrameNumber(UInt32(span) * 3 & (1 << 20 - 1))
        let bits = TestTranslation.userBits | PageTableEntry.attributeLarge | PageTableEntry.dirty
        var place = try test.setLarge(context, page, level: level, first, bits)
        test.load(context)
        for offset in [0, 1, span - 1] {
          let found = test.access(context, page + offset, .write)
          #expect(found.outcome == .done)
          #expect(found.page.frame == first && found.page.size == level)
        }
        #expect(test.access(context, page + span, .read).outcome == .fault([.user]))
        var size = level
        var allocated = 0
        while size > 0 {
          try test.translation.splitLarge(place, level: size, owner: 0, allocated: &allocated)
          try test.check(context)
          size -= 1
          let lookup = test.translation.lookUp(context.root, page + (span - 1))
          place = lookup.place
          #expect(lookup.level == size)
          let step = geometry.span(size)
          #expect(lookup.entry.frame(span: step) == first + Int(span - step))
          let kept = lookup.entry.rawValue
          #expect(kept & TestTranslation.userBits == TestTranslation.userBits && lookup.entry.isDirty)
          let attribute = size > 0 ? PageTableEntry.attributeLarge : PageTableEntry.attribute
          #expect(kept & attribute != 0)
        }
        #expect(allocated == level)
      }
    }
  }
}
