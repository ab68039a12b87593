/// Telling processors that translations have changed (`arch/x86/mm/tlb.c:flush_tlb_mm_range`, `flush_tlb_func`).
extension Processors {
  /// The most pages that are dropped one by one; more, and everything goes. Linux: `tlb_single_page_flush_ceiling`.
  static var ceiling: UInt64 { 33 }

  /// Drops the translations of `start ..< end` of an address space, whose generation has been raised to
  /// that in `context`, from the processors that have it loaded; the others will see the generation
  /// when they load it.
  ///
  /// Lazy processors are left alone, unless tables are freed: those they might still walk, so that they are made to drop
  /// the address space altogether.
  ///
  /// - Parameters:
  ///   - stride: the size of the pages as a power of two of base pages.
  ///   - freesTables: whether tables are about to be freed.
  ///   - initiator: the processor that flushes; all others need an interrupt.
  /// - Complexity: O(processors + pages dropped · ways).
  mutating func flush(
    _ context: TranslationContext, _ start: VirtualPage, _ end: VirtualPage, stride: UInt64 = 0,
    freesTables: Bool = false, by initiator: Int = 0
  ) {
    // A PAE root stands in registers, which only loading it again refreshes.
    let isFull = (end - start) >> stride > Self.ceiling || freesTables && geometry.hasRootRegisters
    var isShared = false
    for processor in 0..<count where processor != initiator && states[processor].loaded == context.identifier {
      isShared = true
    }
    for processor in 0..<count where states[processor].loaded == context.identifier {
      let isLazy = states[processor].isLazy
      if isLazy && isShared && !freesTables { continue }
      if processor != initiator { statistics.interrupts &+= 1 }
      if isLazy {
        loadKernel(on: processor)
        continue
      }
      let generation = states[processor].slots[states[processor].current].generation
      if generation >= context.generation { continue }
      if isFull || generation + 1 != context.generation {
        flushSlot(states[processor].current, on: processor)
      } else {
        invalidatePages(start, end, stride: stride, on: processor)
      }
      states[processor].slots[states[processor].current].generation = context.generation
    }
  }

  /// Drops translations of the kernel's own part of all address spaces from all processors, global ones too
  /// (`flush_tlb_kernel_range`).
  mutating func flushKernel(_ start: VirtualPage, _ end: VirtualPage, by initiator: Int = 0) {
    for processor in 0..<count {
      if processor != initiator { statistics.interrupts &+= 1 }
      if end - start > Self.ceiling {
        flushEverything(on: processor)
      } else {
        invalidatePages(start, end, stride: 0, on: processor)
      }
    }
  }
}
