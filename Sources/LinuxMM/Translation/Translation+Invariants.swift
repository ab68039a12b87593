extension Translation where P: ~Copyable {
  /// Checks that what processors have buffered of an address space agrees with its tables, wherever they have followed
  /// all its flushes: the same frames, and no right that the tables do not give.
  ///
  /// - Complexity: O(processors · entries · levels).
  func checkBuffers(of context: TranslationContext) throws(BrokenInvariant) {
    for processor in 0..<processors.count {
      let state = processors.states[processor]
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
    let page = BufferedEntry.page(tag)
    let kind = BufferedEntry.kind(tag)
    let level = kind > 2 ? kind - 2 : held.size
    guard let found = joined(context.root, page, downTo: level) else {
      throw BrokenInvariant("buffered translation of nothing", page.rawValue)
    }
    let isSame = held.frame == found.frame && (kind > 2 || held.size == found.size && kind <= held.size)
    if !isSame { throw BrokenInvariant("buffered translation to another frame", page.rawValue) }
    if held.isWritable && !found.isWritable || held.isUser && !found.isUser || held.isExecutable && !found.isExecutable
      || kind <= 2 && held.isDirty && !found.isDirty
    {
      throw BrokenInvariant("buffered right that is gone", page.rawValue)
    }
    let rights = kind > 2 ? 0 : BufferedEntry.rights(held, processors.controls)
    if tag & BufferedEntry.allRights != rights {
      throw BrokenInvariant("buffered entry with wrong rights", page.rawValue)
    }
  }

  /// What a walk would find at a level: the page, or the table that the entry names.
  private func joined(_ root: FrameNumber, _ page: VirtualPage, downTo goal: Int) -> PageTranslation? {
    var rights = UInt64.max
    var table = root
    var level = geometry.top
    while true {
      let entry = entry(EntryPlace(table: table, index: geometry.index(page, level)))
      guard entry.isPresent else { return nil }
      // The entries of a PAE root have no rights of their own.
      if !(geometry.hasRootRegisters && level == geometry.top) { rights &= entry.rawValue ^ PageTableEntry.noExecute }
      if level == goal {
        let frame = entry.isLarge && level > 0 ? entry.frame(span: geometry.span(level)) : entry.frame
        return PageTranslation(frame, rights: rights, leaf: entry, size: min(level, 3))
      }
      if entry.isLarge { return nil }
      table = entry.frame
      level -= 1
    }
  }
}
