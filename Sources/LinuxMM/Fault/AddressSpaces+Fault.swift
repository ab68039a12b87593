extension AddressSpaces where P: ~Copyable {
  /// Resolves a fault of a program, or says why it cannot be (`arch/x86/mm/fault.c:do_user_addr_fault`).
  ///
  /// - Parameters:
  ///   - present: whether the processor found a page there that may not be used so.
  ///   - recent: the area that contains the page, if that is known, else `AreaTree.none`.
  mutating func handleFault(
    _ space: SpaceIndex, _ page: VirtualPage, _ kind: AccessKind, present: Bool, recently recent: UInt32,
    _ caller: Caller
  ) -> FaultOutcome {
    guard page < descriptors[space.rawValue].end else { return .notMapped }
    var place = recent != AreaTree.none ? recent : firstArea(space, endingAbove: page)
    guard place != AreaTree.none else { return .notMapped }
    if page < areas[place].start {
      guard growStack(space, place, to: page, caller) else { return .notMapped }
      place = area(space, containing: page)
    }
    let flags = areas[place].flags
    // Whether it may be executed, the processor alone decides: once the page is there, it faults again.
    let permitted = kind == .write ? flags.contains(.write) : !present && !flags.isDisjoint(with: .access)
    guard permitted else { return .notPermitted }
    return resolve(space, place, page, writes: kind == .write)
  }

  /// Brings a page of an area, or makes it writable (`mm/memory.c:handle_mm_fault`).
  mutating func resolve(_ space: SpaceIndex, _ area: UInt32, _ page: VirtualPage, writes: Bool) -> FaultOutcome {
    countFault()
    if memory.hasGenerations { beginFault(space, area) }
    defer { memory.isInFault = false }
    do throws(AllocationFailure) {
      return try resolveEntry(space, area, page, writes: writes)
    } catch {
      return .outOfMemory
    }
  }

  /// Notes that a process runs, and whether the pages that come now are used at once (`lru_gen_enter_fault`).
  @inline(never)
  private mutating func beginFault(_ space: SpaceIndex, _ area: UInt32) {
    noteRun(space)
    memory.isInFault = areas[area].flags.isDisjoint(with: [.sequential, .random])
  }

  /// Chooses the kind of fault by what the page-table entry holds (`mm/memory.c:handle_pte_fault`).
  private mutating func resolveEntry(
    _ space: SpaceIndex, _ area: UInt32, _ page: VirtualPage, writes: Bool
  ) throws(AllocationFailure) -> FaultOutcome {
    if areas[area].file != .none {
      let root = descriptors[space.rawValue].context.root
      let place = translation.place(root, page)
      if place == nil || translation.entry(place!).isEmpty {
        return try fileFault(space, area, page, writes: writes, place)
      }
    }
    let place = try makeEntryPlace(space, page)
    let entry = translation.entry(place)
    if entry.isEmpty { return try anonymousFault(space, area, page, writes: writes, place) }
    if entry == .watchMarker {
      if areas[area].flags.contains(.userFaultWrite) && areas[area].file != .none {
        return try fileFault(space, area, page, writes: writes, place, isMarked: true)
      }
      translation.setEntry(place, to: .empty)
      return .minor
    }
    if let slot = entry.swapSlot { return try swapFault(space, area, page, place, slot, writes: writes) }
    if entry.isInaccessible { return beginHintFault(area, place) }
    if writes && !entry.isWritable {
      return try writeProtectedFault(space, area, page, place, entry)
    }
    // Another processor has resolved it, or a buffered translation was out of date.
    let bits =
      PageTableEntry.accessed | (writes ? PageTableEntry.dirty | PageTableEntry.softDirty : 0)
    translation.setEntry(place, to: entry.setting(bits))
    flush(space, page, page + 1)
    return .minor
  }

  /// Extends a stack downward (`mm/mmap.c:expand_downwards`, `acct_stack_growth`).
  private mutating func growStack(
    _ space: SpaceIndex, _ place: UInt32, to page: VirtualPage, _ caller: Caller
  ) -> Bool {
    let area = areas[place]
    guard area.flags.contains(.growsDown), page.address.rawValue >= settings.lowestHint else { return false }
    if area.previous != AreaTree.none {
      let below = areas[area.previous]
      if !below.flags.contains(.growsDown) && below.isAccessible && page - below.end < settings.stackGuardPages {
        return false
      }
    }
    prepareAnonymous(place)
    let growth = area.start - page
    guard growth <= area.offset, mayGrow(space, area.flags, growth, caller.limits) else { return false }
    let bytes = (area.end - page) << UInt64(PageSize.shift)
    guard bytes <= caller.limits.stack.soft, !exceedsLockLimit(space, area.flags, growth, caller) else { return false }
    guard (try? promise(growth, to: space, caller)) != nil else { return false }
    if area.flags.contains(.locked) { descriptors[space.rawValue].lockedPages += growth }
    account(space, area.flags, Int64(growth))
    setBounds(place, page, area.end, in: space)
    return true
  }

  /// Gives the area an identity for its anonymous pages, its neighbour's where they could merge
  /// (`mm/rmap.c:__anon_vma_prepare`, `mm/mmap.c:find_mergeable_anon_vma`).
  mutating func prepareAnonymous(_ place: UInt32) {
    guard areas[place].family == ReverseMap.none else { return }
    let area = areas[place]
    let family =
      if area.next != AreaTree.none, alike(place, area.next), reverse.isSingle(areas[area.next].links),
        areas[area.next].family != ReverseMap.none
      {
        areas[area.next].family
      } else if area.previous != AreaTree.none, alike(area.previous, place),
        reverse.isSingle(areas[area.previous].links), areas[area.previous].family != ReverseMap.none
      {
        areas[area.previous].family
      } else {
        reverse.makeFamily()
      }
    link(place, to: family)
    setFamily(place, family)
  }

  /// Whether two areas could be one but for their rights. Linux: `anon_vma_compatible`.
  private func alike(_ first: UInt32, _ second: UInt32) -> Bool {
    let lower = areas[first]
    let upper = areas[second]
    return lower.end == upper.start && lower.file == upper.file && lower.opening == upper.opening
      && lower.flags.symmetricDifference(upper.flags).isSubset(of: [.read, .write, .execute, .softDirty])
      && lower.offset &+ lower.pageCount == upper.offset
  }

  /// A frame for private memory of a process, at a page of an area that has a family.
  mutating func makeAnonymousFrame(_ area: UInt32, _ page: VirtualPage) throws(AllocationFailure) -> FrameNumber {
    let frame = try allocatePages(.single, .highUserMovable, processor: translation.memory.processor)
    let isDroppable = areas[area].flags.contains(.droppable)
    translation.memory.beginUse(
      frame, isDroppable ? [.anonymous, .exclusive, .lazilyFree] : [.anonymous, .exclusive])
    try charge(frame, to: descriptors[areas[area].space.rawValue].group)
    claim(frame, area, page)
    return frame
  }

  /// Notes whose page an anonymous frame is, so that its mappings are found (`mm/rmap.c:page_move_anon_rmap`).
  mutating func claim(_ frame: FrameNumber, _ area: UInt32, _ page: VirtualPage) {
    translation.memory.frames[frame.index].owner = areas[area].family
    translation.memory.frames[frame.index].fileOffset = areas[area].offset(of: page)
  }
}
