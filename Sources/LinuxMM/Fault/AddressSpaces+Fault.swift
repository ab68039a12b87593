extension AddressSpaces where P: ~Copyable {
  /// Resolves a fault, or says why it cannot be (`arch/x86/mm/fault.c:do_user_addr_fault`,
  /// `mm/memory.c:handle_mm_fault`).
  ///
  /// - Parameter stackLimit: the most bytes a growing stack may have (RLIMIT_STACK).
  mutating func handleFault(
    _ space: SpaceIndex, _ page: VirtualPage, _ kind: AccessKind, stackLimit: UInt64
  ) -> FaultOutcome {
    var place = descriptors[space.rawValue].areas.first(endingAbove: page, in: areas)
    guard page < translation.geometry.userEnd, place != AreaTree.none else { return .notMapped }
    if page < areas[place].start {
      guard growStack(space, place, to: page, stackLimit) else { return .notMapped }
      place = area(space, containing: page)
    }
    let flags = areas[place].flags
    let permitted =
      switch kind {
      case .read: !flags.isDisjoint(with: .access)
      case .write: flags.contains(.write)
      case .fetch: flags.contains(.execute)
      }
    guard permitted else { return .notPermitted }
    translation.memory.statistics.faults += 1
    do throws(AllocationFailure) {
      return try resolve(space, place, page, kind)
    } catch {
      return .outOfMemory
    }
  }

  /// Chooses the kind of fault by what the page-table entry holds (`mm/memory.c:handle_pte_fault`).
  private mutating func resolve(
    _ space: SpaceIndex, _ area: UInt32, _ page: VirtualPage, _ kind: AccessKind
  ) throws(AllocationFailure) -> FaultOutcome {
    let place = try makeEntryPlace(space, page)
    let entry = translation.entry(place)
    if entry.isEmpty {
      if areas[area].file == .none {
        return try anonymousFault(space, area, page, kind, place)
      }
      return try fileFault(space, area, page, kind, place)
    }
    if kind == .write && !entry.isWritable {
      return try writeProtectedFault(space, area, page, place, entry)
    }
    // Another processor has resolved it, or a buffered translation was out of date.
    let bits = PageTableEntry.accessed | (kind == .write ? PageTableEntry.dirty : 0)
    translation.setEntry(place, to: entry.setting(bits))
    flush(space, page, page + 1)
    return .minor
  }

  /// Extends a stack downward (`mm/mmap.c:expand_downwards`, `acct_stack_growth`).
  private mutating func growStack(
    _ space: SpaceIndex, _ place: UInt32, to page: VirtualPage, _ stackLimit: UInt64
  ) -> Bool {
    let area = areas[place]
    guard area.flags.contains(.growsDown), !(page < Self.lowestPage) else { return false }
    guard area.end - page <= stackLimit >> UInt64(PageSize.shift) else { return false }
    if area.previous != AreaTree.none {
      let below = areas[area.previous]
      let gap = page.rawValue &- below.end.rawValue
      if page < below.end { return false }
      if gap < 256 && !below.flags.contains(.growsDown) && !below.flags.isDisjoint(with: .access) {
        return false
      }
    }
    let growth = area.start - page
    areas[place].start = page
    areas[place].offset = area.offset &- growth
    boundsChanged(place, in: space)
    account(space, area.flags, Int64(growth))
    return true
  }

  /// Gives the area an identity for its anonymous pages, its neighbour's where they could merge
  /// (`mm/mmap.c:find_mergeable_anon_vma`).
  mutating func prepareAnonymous(_ place: UInt32) {
    guard areas[place].family == ReverseMap.none else { return }
    let area = areas[place]
    let family =
      if area.next != AreaTree.none, alike(area, areas[area.next]),
        areas[area.next].family != ReverseMap.none, !areas[area.next].inheritsFamily
      {
        areas[area.next].family
      } else if area.previous != AreaTree.none, alike(areas[area.previous], area),
        areas[area.previous].family != ReverseMap.none, !areas[area.previous].inheritsFamily
      {
        areas[area.previous].family
      } else {
        reverse.makeFamily()
      }
    link(place, to: family)
    setFamily(place, family)
  }

  /// Whether two areas could be one but for their rights. Linux: `anon_vma_compatible`.
  private func alike(_ first: Area, _ second: Area) -> Bool {
    first.end == second.start && first.file == second.file
      && first.flags.subtracting(.access) == second.flags.subtracting(.access)
      && first.offset &+ first.pageCount == second.offset
  }

  /// A frame for private memory of a process, at a page of an area that has a family.
  mutating func makeAnonymousFrame(_ area: UInt32, _ page: VirtualPage) throws(AllocationFailure) -> FrameNumber {
    let frame = try allocatePages(.single, .highUserMovable, processor: translation.memory.processor)
    translation.memory.beginUse(frame, .anonymous)
    claim(frame, area, page)
    return frame
  }

  /// Notes whose page an anonymous frame is, so that its mappings are found (`mm/rmap.c:page_move_anon_rmap`).
  mutating func claim(_ frame: FrameNumber, _ area: UInt32, _ page: VirtualPage) {
    translation.memory.frames[frame.index].owner = areas[area].family
    translation.memory.frames[frame.index].fileOffset = areas[area].offset(of: page)
  }
}
