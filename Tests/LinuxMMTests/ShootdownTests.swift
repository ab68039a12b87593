import Testing

@testable import LinuxMM

/// The rules by which processors follow changes of an address space, one by one (`arch/x86/mm/tlb.c`).
@Suite struct ShootdownTests {
  private func make(_ processors: Int = 3) throws -> (TestTranslation, TranslationContext) {
    let test = try TestTranslation(processors: processors)
    let context = try test.makeContext()
    for page in 0..<100 as Range<UInt64> {
      try test.set(context, VirtualPage(page), .page(FrameNumber(UInt32(page) + 1), TestTranslation.userBits))
    }
    return (test, context)
  }

  /// The walks that reading some pages takes on a processor.
  private func walks(
    _ test: TestTranslation, _ context: TranslationContext, _ pages: Range<UInt64>, on processor: Int = 0
  ) -> UInt64 {
    test.load(context, on: processor)
    let before = test.statistics.walks
    for page in pages { _ = test.access(context, VirtualPage(page), on: processor) }
    return test.statistics.walks - before
  }

  @Test func rangesAreDroppedPageByPageUpToTheCeiling() throws {
    var (test, context) = try make(1)
    #expect(walks(test, context, 0..<50) == 50 && walks(test, context, 0..<50) == 0)
    test.flush(&context, VirtualPage(10), VirtualPage(43))
    #expect(test.statistics.pageFlushes == 33 && test.statistics.fullFlushes == 0)
    #expect(walks(test, context, 0..<50) == 33)
    test.flush(&context, VirtualPage(10), VirtualPage(44))
    #expect(test.statistics.pageFlushes == 33 && test.statistics.fullFlushes == 1)
    #expect(walks(test, context, 0..<50) == 50)
    // In units of the stride: 33 pages of 2 MiB are few, 34 many.
    test.flush(&context, VirtualPage(0), VirtualPage(33 << 9), stride: 9)
    #expect(test.statistics.pageFlushes == 66 && test.statistics.fullFlushes == 1)
    test.flush(&context, VirtualPage(0), VirtualPage(34 << 9), stride: 9)
    #expect(test.statistics.fullFlushes == 2)
  }

  @Test func onlyProcessorsThatHaveTheSpaceAreInterrupted() throws {
    var (test, context) = try make()
    let other = try test.makeContext()
    for processor in 0..<3 { #expect(walks(test, context, 0..<5, on: processor) == 5) }
    // Processor 2 goes on with another space: it is left alone, and finds out when it comes back.
    test.load(other, on: 2)
    test.flush(&context, VirtualPage(1), VirtualPage(3), by: 0)
    #expect(test.statistics.interrupts == 1 && test.statistics.pageFlushes == 4)
    #expect(walks(test, context, 0..<5, on: 1) == 2)
    #expect(test.statistics.fullFlushes == 0)
    #expect(walks(test, context, 0..<5, on: 2) == 5)
    #expect(test.statistics.fullFlushes == 1)
  }

  @Test func lazyProcessorsAreSkippedUnlessTablesAreFreed() throws {
    var (test, context) = try make()
    for processor in 0..<3 { _ = walks(test, context, 0..<5, on: processor) }
    test.translation.processors.enterLazy(context, on: 1)
    test.flush(&context, VirtualPage(0), VirtualPage(1), by: 0)
    #expect(test.statistics.interrupts == 1)
    // Leaving lazy compares generations: one was missed, so all is dropped.
    let full = test.statistics.fullFlushes
    #expect(walks(test, context, 0..<5, on: 1) == 5)
    #expect(test.statistics.fullFlushes == full + 1)
    // If none was missed, nothing is.
    test.translation.processors.enterLazy(context, on: 1)
    #expect(walks(test, context, 0..<5, on: 1) == 0)
    // Freed tables reach it: it gives the space up, so that the next flush need not.
    test.translation.processors.enterLazy(context, on: 1)
    var interrupts = test.statistics.interrupts
    test.flush(&context, VirtualPage(0), VirtualPage(1), freesTables: true, by: 0)
    #expect(test.statistics.interrupts == interrupts + 2)
    interrupts = test.statistics.interrupts
    test.flush(&context, VirtualPage(0), VirtualPage(1), freesTables: true, by: 0)
    #expect(test.statistics.interrupts == interrupts + 1)
  }

  /// A processor that flushes alone and is lazy gives the space up at once.
  @Test func aLazyProcessorThatFlushesAloneLoadsTheKernels() throws {
    var (test, context) = try make()
    _ = walks(test, context, 0..<5)
    test.translation.processors.enterLazy(context, on: 0)
    test.flush(&context, VirtualPage(0), VirtualPage(1), by: 0)
    let slots = test.translation.processors.states[0]
    #expect(slots.loaded == TranslationContext.kernel.identifier)
    #expect(test.statistics.interrupts == 0 && test.statistics.pageFlushes == 0)
  }

  @Test func sixSpacesKeepTheirTranslations() throws {
    let (test, first) = try make(1)
    var contexts = [first]
    for _ in 1..<7 {
      let context = try test.makeContext()
      try test.set(context, VirtualPage(0), .page(FrameNumber(7), TestTranslation.userBits))
      contexts.append(context)
    }
    for context in contexts.prefix(6) { #expect(walks(test, context, 0..<1) == 1) }
    for context in contexts.prefix(6) { #expect(walks(test, context, 0..<1) == 0) }
    #expect(test.statistics.fullFlushes == 0)
    // The seventh takes the slot of the first: slots go round.
    #expect(walks(test, contexts[6], 0..<1) == 1)
    #expect(test.statistics.fullFlushes == 1)
    for context in contexts.dropFirst(2) { #expect(walks(test, context, 0..<1) == 0) }
    #expect(walks(test, contexts[0], 0..<1) == 1)
  }

  @Test func globalPagesStayOverSwitches() throws {
    let test = try TestTranslation()
    let page = VirtualAddress(0xffff_ffff_8100_0000).page
    let bits = PageTableEntry.present | PageTableEntry.global
    var contexts: [TranslationContext] = []
    for _ in 0..<8 {
      let context = try test.makeContext()
      try test.set(context, page, .page(FrameNumber(5), bits))
      contexts.append(context)
    }
    for context in contexts {
      test.load(context)
      #expect(test.access(context, page, .read, .supervisor).page.frame == FrameNumber(5))
      // The user may not, and the processor forgets the page over it.
      #expect(test.access(context, page, .read, .user).outcome == .fault([.protection, .user]))
      _ = test.access(context, page, .read, .supervisor)
    }
    test.load(contexts[0])
    let walks = test.statistics.walks
    for context in contexts {
      test.load(context)
      #expect(test.access(context, page, .fetch, .supervisor).outcome == .done)
    }
    // Once for fetches, then no more.
    #expect(test.statistics.walks - walks == 0)
    test.translation.processors.flushKernel(page, page + 1)
    _ = test.access(contexts[7], page, .read, .supervisor)
    #expect(test.statistics.walks - walks == 1)
  }
}
