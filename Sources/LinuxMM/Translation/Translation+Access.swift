/// How the hardware ended an access.
enum AccessOutcome: Equatable {
  case done
  /// The page table does not permit it: no page there, or a page that may not be used so.
  case fault(present: Bool)
}

extension Translation where P: ~Copyable {
  /// Translates one access on a processor that has `context` loaded: first-level buffer, second-level
  /// buffer, page-table walk. Sets the accessed and dirty bits as the hardware does.
  ///
  /// - Complexity: O(ways) in the buffers, O(levels) for a walk.
  @inline(__always)
  mutating func access(
    _ page: VirtualPage, _ kind: AccessKind, _ context: TranslationContext, on processor: Int
  ) -> AccessOutcome {
    let geometry =
      kind == .fetch ? processors.configuration.instruction : processors.configuration.data
    let base = processor * processors.stride + (kind == .fetch ? 0 : processors.dataOffset)
    let slot = processors.states[UInt32(truncatingIfNeeded: processor)].current
    let key = BufferedEntry.key(page, slot: slot)
    let set = base + Int(truncatingIfNeeded: page.rawValue) & (geometry.sets - 1) * geometry.ways
    let right = BufferedEntry.right(kind)
    let found = processors.find(key, set, geometry.ways)
    if found & BufferedEntry.valid != 0 {
      if found & right == right { return .done }
      return walk(page, kind, context, on: processor, key: key, refill: true)
    }
    processors.statistics.firstLevelMisses += 1
    let second = processors.configuration.second
    let secondSet =
      processor * processors.stride + processors.secondOffset
      + Int(truncatingIfNeeded: page.rawValue) & (second.sets - 1) * second.ways
    let held = processors.find(key, secondSet, second.ways)
    if held & BufferedEntry.valid != 0 {
      processors.statistics.secondLevelHits += 1
      processors.fill(held, set, geometry.ways)
      if held & right == right { return .done }
      return walk(page, kind, context, on: processor, key: key, refill: true)
    }
    return walk(page, kind, context, on: processor, key: key, refill: false)
  }

  /// Walks the page table and buffers what it finds.
  ///
  /// - Parameter refill: whether the buffers hold the page already, without the right to do so.
  private mutating func walk(
    _ page: VirtualPage, _ kind: AccessKind, _ context: TranslationContext, on processor: Int,
    key: UInt64, refill: Bool
  ) -> AccessOutcome {
    processors.statistics.walks += 1
    var table = context.root
    var level = PageTableLevel.count - 1
    while level > 0 {
      processors.statistics.walkReferences += 1
      let entry = PageTableEntry(
        rawValue: platform.word(PageTableLevel.index(page, level), of: table))
      if !entry.isPresent { return .fault(present: false) }
      table = entry.frame
      level -= 1
    }
    processors.statistics.walkReferences += 1
    let place = EntryPlace(table: table, index: PageTableLevel.index(page, 0))
    let entry = entry(place)
    if !entry.isPresent { return .fault(present: false) }
    if kind == .write && !entry.isWritable || kind == .fetch && !entry.isExecutable {
      return .fault(present: true)
    }
    let bits =
      PageTableEntry.accessed | (kind == .write ? PageTableEntry.dirty : 0)
    if entry.rawValue & bits != bits { setEntry(place, to: entry.setting(bits)) }
    let mayWrite = entry.isWritable && (kind == .write || entry.isDirty)
    let buffered =
      key | (mayWrite ? BufferedEntry.writable : 0)
      | (entry.isExecutable ? BufferedEntry.executable : 0)
    let base = processor * processors.stride
    let number = Int(truncatingIfNeeded: page.rawValue)
    let second = processors.configuration.second
    let secondSet = base + processors.secondOffset + number & (second.sets - 1) * second.ways
    let first =
      kind == .fetch ? processors.configuration.instruction : processors.configuration.data
    let firstSet =
      base + (kind == .fetch ? 0 : processors.dataOffset) + number & (first.sets - 1) * first.ways
    if refill {
      processors.replace(key, with: buffered, firstSet, first.ways)
      processors.replace(key, with: buffered, secondSet, second.ways)
    } else {
      processors.fill(buffered, firstSet, first.ways)
      processors.fill(buffered, secondSet, second.ways)
    }
    return .done
  }
}

extension Processors {
  /// Looks a key up in the set at `base` and moves it to the front; 0 if it is not there.
  @inline(__always)
  mutating func find(_ key: UInt64, _ base: Int, _ ways: Int) -> UInt64 {
    let front = entries[base]
    if front & ~BufferedEntry.rights == key { return front }
    var way = 1
    while way < ways {
      let entry = entries[base &+ way]
      if entry & ~BufferedEntry.rights == key {
        while way > 0 {
          entries[base &+ way] = entries[base &+ way &- 1]
          way &-= 1
        }
        entries[base] = entry
        return entry
      }
      way &+= 1
    }
    return 0
  }

  /// Puts an entry at the front of a set; the least recently used one leaves, or an invalid one.
  @inline(__always)
  mutating func fill(_ entry: UInt64, _ base: Int, _ ways: Int) {
    var way = 0
    while way < ways - 1 && entries[base &+ way] != 0 { way &+= 1 }
    while way > 0 {
      entries[base &+ way] = entries[base &+ way &- 1]
      way &-= 1
    }
    entries[base] = entry
  }

  /// Exchanges an entry where it stands, if it is there.
  mutating func replace(_ key: UInt64, with entry: UInt64, _ base: Int, _ ways: Int) {
    for index in base..<(base + ways) where entries[index] & ~BufferedEntry.rights == key {
      entries[index] = entry
    }
  }
}
