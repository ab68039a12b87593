extension Translation where P: ~Copyable {
  /// Checks that what processors have buffered of an address space agrees with its tables, wherever they have followed
  /// all its flushes: the same frames, and no right that the tables do not give.
  ///
  /// - Complexity: O(processors · entries · levels).
  func checkBuffers(of context: TranslationContext) throws(BrokenInvariant) {
    for processor in 0..<processors.count {
      let state = processors.states[processor]
      if state.runner != ProcessorState.nobody && state.isLazy {
        throw BrokenInvariant("lazy processor that accesses run on", UInt64(processor))
      }
      if state.runner != ProcessorState.nobody && state.loaded == context.identifier
        && state.slots[state.current].generation != context.generation
      {
        throw BrokenInvariant("processor behind with flushes that accesses run on", UInt64(processor))
      }
      for slot in 0..<ProcessorState.slotCount
      where state.slots[slot].context == context.identifier && state.slots[slot].generation == context.generation {
        let base = processor * processors.layout.stride
        for index in base..<(base + processors.layout.stride) {
          let tag = processors.entries.tag(index)
          if tag != 0 && BufferedEntry.slot(tag) == slot {
            try check(tag, processors.entries.translation(index), context)
          }
        }
      }
    }
  }

  private func check(
    _ tag: UInt64, _ held: PageTranslation, _ context: TranslationContext
  ) throws(BrokenInvariant) {
    let kind = BufferedEntry.kind(tag)
    if kind > 2 {
      let found = joined(context.root, BufferedEntry.page(tag), downTo: kind - 2)
      guard let found, found.frame == held.frame else {
        throw BrokenInvariant("buffered entry for another table", BufferedEntry.page(tag).rawValue)
      }
      return try checkRights(held, found, BufferedEntry.page(tag))
    }
    if tag & BufferedEntry.allRights != BufferedEntry.rights(held, processors.controls) {
      throw BrokenInvariant("buffered entry with wrong rights", BufferedEntry.page(tag).rawValue)
    }
    // The tables may have smaller pages by now, with the same frames.
    var page = BufferedEntry.page(tag)
    let end = page + geometry.span(kind)
    while page < end {
      guard let found = joined(context.root, page, downTo: 0) else {
        throw BrokenInvariant("buffered translation of nothing", page.rawValue)
      }
      if frame(of: page, held) != frame(of: page, found) {
        throw BrokenInvariant("buffered translation to another frame", page.rawValue)
      }
      if held.isDirty && !found.isDirty { throw BrokenInvariant("buffered page no longer dirty", page.rawValue) }
      try checkRights(held, found, page)
      page = page + geometry.span(found.size)
    }
  }

  private func checkRights(
    _ held: PageTranslation, _ found: PageTranslation, _ page: VirtualPage
  ) throws(BrokenInvariant) {
    if held.isWritable && !found.isWritable || held.isUser && !found.isUser || held.isExecutable && !found.isExecutable
    {
      throw BrokenInvariant("buffered right that is gone", page.rawValue)
    }
  }

  /// The frame of one of the base pages of a page.
  private func frame(of page: VirtualPage, _ found: PageTranslation) -> FrameNumber {
    found.frame + Int(page.rawValue & (geometry.span(found.size) - 1))
  }

  /// What a walk down to a level finds: the page, or at that level the table that the entry names.
  private func joined(_ root: FrameNumber, _ page: VirtualPage, downTo goal: Int) -> PageTranslation? {
    var rights = UInt64.max
    var table = root
    var level = geometry.top
    while true {
      let entry = entry(EntryPlace(table: table, index: geometry.index(page, level)))
      guard entry.isPresent else { return nil }
      // The entries of a PAE root have no rights of their own.
      if !(geometry.hasRootRegisters && level == geometry.top) { rights &= entry.rawValue ^ PageTableEntry.noExecute }
      if level > 0 && entry.isLarge {
        return goal > 0
          ? nil : PageTranslation(entry.frame(span: geometry.span(level)), rights: rights, leaf: entry, size: level)
      }
      if level == goal { return PageTranslation(entry.frame, rights: rights, leaf: entry, size: 0) }
      table = entry.frame
      level -= 1
    }
  }
}
