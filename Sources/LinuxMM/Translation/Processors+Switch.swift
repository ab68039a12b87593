/// Switching address spaces (`arch/x86/mm/tlb.c:switch_mm_irqs_off`).
extension Processors {
  /// Loads an address space on a processor.
  @inline(__always)
  mutating func load(_ context: TranslationContext, on processor: Int) {
    let slot = states[processor].slots[states[processor].current]
    if slot.context == context.identifier && slot.generation == context.generation && !states[processor].isLazy {
      return
    }
    change(to: context, on: processor)
  }

  /// Makes a processor look anew whose address space it has, if `runner` used it last.
  mutating func forgetRunner(_ runner: UInt32) {
    for processor in 0..<count where states[processor].runner == runner {
      states[processor].runner = ProcessorState.nobody
    }
  }

  /// Notes that a processor that ran in an address space runs the kernel for nobody now; it keeps what it has loaded
  /// until it is told otherwise (`enter_lazy_tlb`).
  mutating func enterLazy(_ context: TranslationContext, on processor: Int) {
    if states[processor].loaded == context.identifier { enterLazy(on: processor) }
  }

  /// The same of a processor in whatever address space, on which a thread of the kernel runs.
  mutating func enterLazy(on processor: Int) {
    guard states[processor].loaded != TranslationContext.kernel.identifier else { return }
    states[processor].isLazy = true
    states[processor].runner = ProcessorState.nobody
  }

  /// Loads the kernel's own address space, which ends a processor's interest in any other (`leave_mm`).
  mutating func loadKernel(on processor: Int) { change(to: .kernel, on: processor) }

  /// A slot that has the address space already is used again, flushed only if flushes were missed.
  @inline(never)
  private mutating func change(to context: TranslationContext, on processor: Int) {
    states[processor].isLazy = false
    states[processor].runner = ProcessorState.nobody
    let (slot, flush) = chooseSlot(context, on: processor)
    if flush { flushSlot(slot, on: processor) }
    states[processor].current = slot
    states[processor].slotBits = BufferedEntry.slotBits(slot)
    states[processor].loaded = context.identifier
    states[processor].slots[slot] = ContextSlot(context: context.identifier, generation: context.generation)
  }

  /// Linux: `choose_new_asid`.
  private func chooseSlot(_ context: TranslationContext, on processor: Int) -> (slot: Int, flush: Bool) {
    let current = states[processor].current
    if states[processor].loaded == context.identifier {
      return (current, states[processor].slots[current].generation < context.generation)
    }
    // Without process contexts there is one slot, emptied at each switch.
    guard hasContexts else { return (0, states[processor].loaded != 0) }
    for slot in 0..<ProcessorState.slotCount where states[processor].slots[slot].context == context.identifier {
      return (slot, states[processor].slots[slot].generation < context.generation)
    }
    let next = states[processor].next
    states[processor].next = next + 1 == ProcessorState.slotCount ? 0 : next + 1
    // A slot that was never used holds nothing.
    return (next, states[processor].slots[next].context != 0)
  }
}
