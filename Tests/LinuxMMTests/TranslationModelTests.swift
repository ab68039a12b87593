import Testing

@testable import LinuxMM

/// The real translation beside the naive one, over everything that can happen to it.
@Suite struct TranslationModelTests {
  /// Small buffers, in which everything meets soon; then the real processors.
  private static var configurations: [(String, TLBConfiguration)] {
    var small = TLBConfiguration(
      instruction: TLBLevel(4, 2), data: TLBLevel(8, 2, large: .own(2, 2)),
      second: TLBLevel(24, 3, large: .shared, huge: .own(2, 1)), processContexts: true)
    small.walkCaches.pde = .own(TLBGeometry(entries: 4, ways: 2)!)
    small.walkCaches.pdpte = .own(TLBGeometry(entries: 2, ways: 2)!)
    small.walkCaches.pml4e = .own(TLBGeometry(entries: 2, ways: 1)!)
    small.walkCaches.pml5e = .own(TLBGeometry(entries: 1, ways: 1)!)
    var shared = TLBConfiguration(
      instruction: TLBLevel(20, 20, large: .shared, huge: .shared),
      data: TLBLevel(18, 18, large: .shared, huge: .shared), store: TLBLevel(3, 3, large: .shared, huge: .shared),
      second: TLBLevel(34, 17, large: .shared), secondInstruction: TLBLevel(8, 1), processContexts: true)
    shared.walkCaches.pde = .secondLevel
    shared.walkCaches.pdpte = .own(TLBGeometry(entries: 6, ways: 3)!)
    shared.walkCaches.pml4e = .below
    shared.walkCaches.pml5e = .below
    var single = small
    single.processContexts = false
    return [("small", small), ("shared", shared), ("single", single)]
      + ProcessorModel.allCases.map { ("\($0.name)", $0.tlb) }
  }

  @Test(arguments: 0..<11, TestTranslation.geometries)
  func randomEvents(_ number: Int, _ geometry: PageTableGeometry) throws {
    let (name, configuration) = Self.configurations[number]
    for seed in [1, 2] as [UInt64] {
      let run = try Run(geometry, configuration, seed: seed * 100 + UInt64(number))
      for step in 0..<2500 {
        let what = try run.step()
        #expect(run.differences.isEmpty, "\(name), seed \(run.seed), step \(step), \(what): \(run.differences)")
        guard run.differences.isEmpty else { return }
        if step % 50 == 0 { try run.check() }
      }
      // Everything happened.
      #expect(run.naive.statistics.fullFlushes > 0 && run.naive.statistics.interrupts > 0)
      #expect(run.naive.statistics.pageFlushes > 0 && run.faults > 0)
      if configuration.second.base != nil { #expect(run.naive.statistics.secondLevelHits > 0) }
      if configuration.walkCaches.pde != .none { #expect(run.naive.statistics.walkCacheHits.pde > 0) }
    }
  }

  private final class Run {
    let seed: UInt64
    let test: TestTranslation
    let naive: NaiveTranslation
    var contexts: [TranslationContext] = []
    var random: XorShift64
    var differences: [String] = []
    var faults = 0
    private static let processors = 3
    /// Where base pages, large and huge ones are.
    private let regions: [UInt64]
    private let largeRegion: UInt64
    private let hugeRegion: UInt64
    private let kernelPage: UInt64?

    init(_ geometry: PageTableGeometry, _ configuration: TLBConfiguration, seed: UInt64) throws {
      self.seed = seed
      test = try TestTranslation(geometry, processors: Self.processors, tlb: configuration)
      naive = NaiveTranslation(geometry, configuration, processors: Self.processors)
      random = XorShift64(seed: seed)
      let end = geometry.userEnd.rawValue
      regions = [1000, end / 3, end / 2]
      largeRegion = end / 4 / 1024 * 1024
      hugeRegion = end / 5 * 4 / (1 << 18) * (1 << 18)
      kernelPage = geometry.addressBits == 32 ? nil : VirtualAddress(0xffff_ffff_8000_0000).page.rawValue
      for _ in 0..<8 {
        let context = try test.makeContext()
        contexts.append(context)
        naive.spaces[context.identifier] = NaiveTranslation.Space()
        if geometry.hasRootRegisters {
          for index in 0..<3 as Range<UInt64> {
            naive.spaces[context.identifier]?.tables[2].insert(index * geometry.span(2))
          }
        }
        if let kernelPage { for page in 0..<4 { try map(context, kernelPage + UInt64(page), kernel: true) } }
      }
    }

    private func bits(_ mapping: NaiveTranslation.Mapping) -> UInt64 {
      PageTableEntry.present | PageTableEntry.accessed | (mapping.isWritable ? PageTableEntry.writable : 0)
        | (mapping.isUser ? PageTableEntry.user : 0) | (mapping.isExecutable ? 0 : PageTableEntry.noExecute)
        | (mapping.isDirty ? PageTableEntry.dirty : 0) | (mapping.isGlobal ? PageTableEntry.global : 0)
    }

    private func map(
      _ context: TranslationContext, _ page: UInt64, size: Int = 0, kernel: Bool = false
    ) throws {
      let span = test.geometry.span(size)
      var mapping = NaiveTranslation.Mapping(
        frame: UInt32(random.below(200)) * UInt32(span), size: size, isWritable: random.below(3) > 0,
        isUser: random.below(12) > 0, isExecutable: test.geometry.hasNarrowEntries || random.below(2) > 0)
      if kernel {
        mapping = NaiveTranslation.Mapping(
          frame: UInt32(truncatingIfNeeded: page & 0xfff), size: 0, isWritable: true, isUser: false, isExecutable: true)
        mapping.isDirty = true
        mapping.isGlobal = true
      }
      naive.set(context.identifier, page, mapping, size: size)
      var allocated = 0
      let place = try test.translation.makePlace(
        context.root, VirtualPage(page), owner: 0, level: size, allocated: &allocated)
      let frame = FrameNumber(mapping.frame)
      test.translation.setEntry(
        place, to: size == 0 ? .page(frame, bits(mapping)) : .largePage(frame, bits(mapping), span: span))
    }

    /// A page of a size, somewhere.
    private func somePage() -> (page: UInt64, size: Int) {
      let geometry = test.geometry
      switch random.below(10) {
      case 0..<7: return (regions[Int(random.below(3))] + random.below(random.below(3) == 0 ? 150 : 12), 0)
      case 7, 8: return (largeRegion + random.below(6) * geometry.span(1), 1)
      default:
        return geometry.holdsPages(2) ? (hugeRegion + random.below(3) * geometry.span(2), 2) : (largeRegion, 1)
      }
    }

    func step() throws -> String {
      let space = Int(random.below(8))
      let processor = Int(random.below(UInt64(Self.processors)))
      let (page, size) = somePage()
      switch random.below(40) {
      case 0, 1:
        // Take a range away, and say so.
        let span = test.geometry.span(size)
        let count = 1 + random.below(random.below(4) == 0 ? 60 : 4)
        for index in 0..<count { remove(space, page + index * span, size) }
        flush(space, page, page + count * span, stride: UInt64(size) * UInt64(test.geometry.indexBits), by: processor)
        return "unmap"
      case 2:
        // Take away rights, or only the dirty mark.
        change(space, page, size) { mapping in
          if random.below(2) == 0 { mapping.isWritable = false }
          mapping.isDirty = false
        }
        flush(space, page, page + test.geometry.span(size), stride: 0, by: processor)
        return "protect"
      case 3:
        // Give rights: that needs no flush.
        change(space, page, size) { $0.isWritable = true }
        return "grant"
      case 4:
        let context = contexts[Int(random.below(8))]
        test.translation.processors.enterLazy(context, on: processor)
        naive.enterLazy(context.identifier, on: processor)
        return "lazy"
      case 5 where random.below(3) == 0:
        try freeRegion(space, by: processor)
        return "free tables"
      case 6 where kernelPage != nil && random.below(4) == 0:
        let count = 1 + random.below(40)
        let start = kernelPage!
        test.translation.processors.flushKernel(VirtualPage(start), VirtualPage(start + count), by: processor)
        naive.flushKernel(start, start + count, by: processor)
        return "kernel flush"
      default:
        let bursts = 1 + random.below(random.below(24) == 0 ? 500 : 6)
        for _ in 0..<bursts { try access(space, processor) }
        return "access"
      }
    }

    private func access(_ space: Int, _ processor: Int) throws {
      var (page, size) = somePage()
      var isUser = random.below(8) > 0
      let kind = AccessKind(rawValue: UInt8(random.below(3)))!
      let context = contexts[space]
      test.load(context, on: processor)
      naive.load(context.identifier, on: processor)
      if let kernelPage, random.below(20) == 0 {
        page = kernelPage + random.below(5)
        isUser = random.below(4) == 0
        size = 0
      }
      let offset = random.below(test.geometry.span(size))
      for attempt in 0..<2 {
        let wanted = naive.access(context.identifier, page + offset, kind, isUser: isUser, on: processor)
        let found = test.access(
          context, VirtualPage(page + offset), kind, isUser ? .user : .supervisor, on: processor)
        var outcome = NaiveTranslation.Outcome.fault
        if found.outcome == .done {
          let span = test.geometry.span(found.page.size)
          outcome = .done(frame: found.page.frame.rawValue + UInt32((page + offset) % span))
        }
        if outcome != wanted {
          differences.append(
            "\(kind) of \(page + offset) by \(isUser) in \(space) on \(processor): \(found), not \(wanted)")
        }
        if test.statistics != naive.statistics {
          differences.append("\(test.statistics), not \(naive.statistics)")
        }
        guard outcome == .fault else { return }
        faults += 1
        // As a fault handler does: bring the page, and try again.
        let isMapped = naive.spaces[context.identifier]?.mappings[size][page] != nil
        guard attempt == 0, !isMapped, page != kernelPage.map({ $0 + 4 }) else { return }
        try map(context, page, size: size)
      }
    }

    private func change(_ space: Int, _ page: UInt64, _ size: Int, _ body: (inout NaiveTranslation.Mapping) -> Void) {
      let context = contexts[space]
      guard var mapping = naive.spaces[context.identifier]?.mappings[size][page] else { return }
      body(&mapping)
      naive.spaces[context.identifier]?.mappings[size][page] = mapping
      let lookup = test.translation.lookUp(context.root, VirtualPage(page))
      let frame = FrameNumber(mapping.frame)
      let span = test.geometry.span(size)
      test.translation.setEntry(
        lookup.place, to: size == 0 ? .page(frame, bits(mapping)) : .largePage(frame, bits(mapping), span: span))
    }

    private func remove(_ space: Int, _ page: UInt64, _ size: Int) {
      let context = contexts[space]
      guard naive.spaces[context.identifier]?.mappings[size].removeValue(forKey: page) != nil else { return }
      test.translation.setEntry(test.translation.lookUp(context.root, VirtualPage(page)).place, to: .empty)
    }

    private func flush(
      _ space: Int, _ start: UInt64, _ end: UInt64, stride: UInt64, freesTables: Bool = false, by processor: Int
    ) {
      test.flush(
        &contexts[space], VirtualPage(start), VirtualPage(end), stride: stride, freesTables: freesTables, by: processor)
      naive.flush(
        contexts[space].identifier, start, end, stride: stride, freesTables: freesTables, by: processor)
    }

    /// Unmaps all of the first region and frees its last-level tables.
    private func freeRegion(_ space: Int, by processor: Int) throws {
      let context = contexts[space]
      let span = test.geometry.span(1)
      let start = regions[0] / span * span
      let end = (regions[0] + 1000 + span) / span * span
      for page in start..<end { remove(space, page, 0) }
      let freed = test.translation.freeTables(
        context.root, VirtualPage(start), VirtualPage(end), floor: VirtualPage(start), ceiling: VirtualPage(end))
      for page in stride(from: start, to: end, by: Int(span)) {
        naive.spaces[context.identifier]?.tables[1].remove(page)
      }
      if freed > 0 { flush(space, start, end, stride: 0, freesTables: true, by: processor) }
    }

    func check() throws {
      for context in contexts { try test.check(context) }
      if test.statistics != naive.statistics { differences.append("\(test.statistics), not \(naive.statistics)") }
    }
  }
}
