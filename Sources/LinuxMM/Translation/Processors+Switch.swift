extension Processors {
  /// Loads an address space on a processor (`arch/x86/mm/tlb.c:switch_mm_irqs_off`,
  /// `choose_new_asid`): a slot that already has it is used again, flushed only if flushes were missed.
  @inline(__always)
  mutating func load(_ context: TranslationContext, on processor: Int) {
    let place = UInt32(truncatingIfNeeded: processor)
    let slot = states[place].slots[states[place].current]
    if slot.context == context.identifier && slot.generation == context.generation { return }
    change(to: context, on: processor)
  }

  @inline(never)
  private mutating func change(to context: TranslationContext, on processor: Int) {
    let place = UInt32(truncatingIfNeeded: processor)
    let state = states[place]
    var chosen = state.current
    var flush = true
    if configuration.processContexts {
      var slot = 0
      while slot < ProcessorState.slotCount && state.slots[slot].context != context.identifier {
        slot += 1
      }
      if slot < ProcessorState.slotCount {
        chosen = slot
        flush = state.slots[slot].generation < context.generation
      } else {
        chosen = state.next
        states[place].next = chosen + 1 == ProcessorState.slotCount ? 0 : chosen + 1
        // A slot that was never used holds nothing.
        flush = state.slots[chosen].context != 0
      }
    }
    if flush { flushSlot(chosen, on: processor) }
    states[place].current = chosen
    states[place].slots[chosen] = ContextSlot(
      context: context.identifier, generation: context.generation)
  }

  /// Drops all translations of a slot.
  mutating func flushSlot(_ slot: Int, on processor: Int) {
    statistics.fullFlushes += 1
    let base = processor * stride
    let tag = UInt64(truncatingIfNeeded: slot) << 4 | BufferedEntry.valid
    for index in base..<(base + stride) where entries[index] & 0xf1 == tag { entries[index] = 0 }
  }

  /// Drops the translations of `start ..< end` of an address space, whose generation has been raised to
  /// that in `context`, from the processors that have it loaded; the others will see the generation
  /// when they load it (`arch/x86/mm/tlb.c:flush_tlb_mm_range`).
  ///
  /// More than 33 pages flush everything (`tlb_single_page_flush_ceiling`).
  mutating func flush(_ context: TranslationContext, _ start: VirtualPage, _ end: VirtualPage) {
    var processor = 0
    while processor < states.limit {
      let place = UInt32(truncatingIfNeeded: processor)
      let slot = states[place].current
      if states[place].slots[slot].context == context.identifier {
        let next = states[place].slots[slot].generation + 1 == context.generation
        if end - start > 33 || !next {
          flushSlot(slot, on: processor)
        } else {
          var page = start
          while page < end {
            invalidate(page, slot: slot, on: processor)
            page = page + 1
          }
        }
        states[place].slots[slot].generation = context.generation
      }
      processor += 1
    }
  }

  /// Drops one page from the three buffers of a processor. Linux: `invlpg`.
  private mutating func invalidate(_ page: VirtualPage, slot: Int, on processor: Int) {
    statistics.pageFlushes += 1
    let base = processor * stride
    let key = BufferedEntry.key(page, slot: slot)
    drop(key, page, base, configuration.instruction)
    drop(key, page, base + dataOffset, configuration.data)
    drop(key, page, base + secondOffset, configuration.second)
  }

  private mutating func drop(
    _ key: UInt64, _ page: VirtualPage, _ base: Int, _ geometry: TLBGeometry
  ) {
    let first = base + Int(truncatingIfNeeded: page.rawValue) & (geometry.sets - 1) * geometry.ways
    for index in first..<(first + geometry.ways) where entries[index] & ~BufferedEntry.rights == key {
      entries[index] = 0
    }
  }
}
