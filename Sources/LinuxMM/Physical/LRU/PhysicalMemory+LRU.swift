/// Pages on the lists by their use.
extension PhysicalMemory {
  /// Which vector a page belongs to: its control group's on its node. Linux: `folio_lruvec`.
  @inline(__always)
  func vector(of frame: FrameNumber) -> UInt32 {
    UInt32(frames[frame.index].group) &* UInt32(truncatingIfNeeded: nodeCount)
      &+ UInt32(truncatingIfNeeded: node(of: frame))
  }

  /// Puts a page on the list that its flags say, at the end of the most recently used (`folio_add_lru`).
  mutating func addToList(_ frame: FrameNumber) {
    if frames[frame.index].flags.contains(.mlocked) { frames[frame.index].flags.insert(.unevictable) }
    if hasGenerations && !frames[frame.index].flags.contains(.unevictable) {
      return addToGeneration(frame, isRotated: false)
    }
    frames[frame.index].flags.insert(.listed)
    let vector = count(frame, 1)
    lists[vector, LRUKind(frames[frame.index].flags).rawValue].prepend(frame, in: links)
  }

  /// Puts a page on a list that has just come to be used. In a page fault it is one of those used most recently
  /// (`mm/swap.c:folio_add_lru`).
  @inline(__always)
  mutating func addNewToList(_ frame: FrameNumber) {
    if hasGenerations && isInFault { frames[frame.index].flags.insert(.active) }
    addToList(frame)
  }

  /// Takes a page off its list.
  mutating func removeFromList(_ frame: FrameNumber) {
    if frames[frame.index].flags.contains(.generated) { return removeFromGeneration(frame, keepsActive: true) }
    let vector = count(frame, -1)
    lists[vector, LRUKind(frames[frame.index].flags).rawValue].remove(frame, in: links)
    frames[frame.index].flags.subtract([.listed, .unevictable])
  }

  /// Takes pages off the old end of a list of one vector to ``taken``: those in zones up to `highest` until there are `count`, and all
  /// those above it on the way, which are put to the other end, the one met last in front (`isolate_lru_folios`).
  ///
  /// - Parameters:
  ///   - count: at most ``FrameBatch/capacity``.
  ///   - mayUnmap: whether pages that are mapped are taken, too; else they go to the other end.
  /// - Returns: how many of all were met.
  mutating func takeOldest(
    _ count: Int, _ vector: UInt32, _ kind: LRUKind, upTo highest: ZoneKind, mayUnmap: Bool
  ) -> Int {
    taken.removeAll()
    kept.removeAll()
    var returned = FrameList()
    var skipped = FrameList()
    var scanned = 0
    var scan = 0
    var frame = lists[vector, kind.rawValue].last
    guard frame != .none else { return 0 }
    var run = ListRun(kind: kind, zone: zone(of: frame))
    var zoneKind = zones[run.zone].kind
    var before = FrameNumber.none
    while scan < count && frame != .none {
      before = links[frame.index].previous
      scanned += 1
      let zone = zone(of: frame)
      if zone != run.zone {
        self.count(run, vector, -1)
        run = ListRun(kind: kind, zone: zone)
        zoneKind = zones[zone].kind
      }
      run.count &+= 1
      let flags = frames[frame.index].flags
      frames[frame.index].flags = flags.subtracting([.listed, .unevictable])
      if zoneKind > highest {
        skipped.append(frame, in: links)
        statistics.skips[zoneKind.rawValue] += 1
      } else {
        scan += 1
        if !mayUnmap && frames[frame.index].mappings > 0 {
          returned.append(frame, in: links)
        } else {
          taken.append(frame)
        }
      }
      frame = before
    }
    lists[vector, kind.rawValue].cut(behind: before, UInt32(scanned), in: links)
    self.count(run, vector, -1)
    for list in [returned, skipped] where !list.isEmpty { putBack(list) }
    return scanned
  }

  @inline(never)
  private mutating func putBack(_ pages: FrameList) {
    var frame = pages.first
    while frame != .none {
      let next = links[frame.index].next
      addToList(frame)
      frame = next
    }
  }

  /// Returns the pages of ``kept`` to the lists that their flags say (`move_folios_to_lru`).
  ///
  /// - Parameter vector: whose they are, but for those that were charged to another group meanwhile.
  mutating func putBackKept(_ vector: UInt32) {
    guard kept.count > 0 else { return }
    let group = UInt16(truncatingIfNeeded: vector / UInt32(nodeCount))
    var run = ListRun(kind: LRUKind(frames[kept[0].index].flags), zone: zone(of: kept[0]))
    var list = lists[vector, run.kind.rawValue]
    for index in 0..<kept.count {
      let frame = kept[index]
      let flags = frames[frame.index].flags
      guard !flags.contains(.mlocked), frames[frame.index].group == group else {
        lists[vector, run.kind.rawValue] = list
        addToList(frame)
        list = lists[vector, run.kind.rawValue]
        continue
      }
      frames[frame.index].flags = flags.union(.listed)
      let kind = LRUKind(flags)
      let zone = zone(of: frame)
      if kind != run.kind || zone != run.zone {
        count(run, vector, 1)
        if kind != run.kind {
          lists[vector, run.kind.rawValue] = list
          list = lists[vector, kind.rawValue]
        }
        run = ListRun(kind: kind, zone: zone)
      }
      run.count &+= 1
      list.prepend(frame, in: links)
    }
    lists[vector, run.kind.rawValue] = list
    count(run, vector, 1)
  }

  @inline(__always)
  private mutating func count(_ run: ListRun, _ vector: UInt32, _ sign: Int) {
    if run.count > 0 { countKind(run.kind, vector, run.zone, sign &* run.count) }
  }

  /// Moves a page to the end of its inactive list that is scanned next (`folio_rotate_reclaimable`).
  mutating func rotate(_ frame: FrameNumber) {
    let flags = frames[frame.index].flags
    guard flags.contains(.listed), flags.isDisjoint(with: [.dirty, .unevictable, .reading]) else { return }
    statistics.pagesRotated += 1
    if flags.isDisjoint(with: [.active, .generated]) && !hasGenerations {
      let (vector, kind) = (vector(of: frame), LRUKind(flags).rawValue)
      lists[vector, kind].remove(frame, in: links)
      lists[vector, kind].append(frame, in: links)
      return
    }
    removeFromList(frame)
    frames[frame.index].flags.remove(.active)
    if hasGenerations { return addToGeneration(frame, isRotated: true) }
    frames[frame.index].flags.insert(.listed)
    let vector = count(frame, 1)
    lists[vector, LRUKind(frames[frame.index].flags).rawValue].append(frame, in: links)
  }

  /// Changes the flags of a page that decide about its list, and moves it there.
  mutating func relist(_ frame: FrameNumber, _ change: (inout FrameFlags) -> Void) {
    let isListed = frames[frame.index].flags.contains(.listed)
    if isListed { removeFromList(frame) }
    change(&frames[frame.index].flags)
    if isListed { addToList(frame) }
  }

  /// Notes that a page was used other than through a page table (`mm/swap.c:folio_mark_accessed`, `folio_inc_refs`).
  mutating func markAccessed(_ frame: FrameNumber) {
    let flags = frames[frame.index].flags
    if !flags.contains(.referenced) {
      frames[frame.index].flags.insert(.referenced)
    } else if hasGenerations {
      if !flags.contains(.workingSet) {
        frames[frame.index].flags.insert(.workingSet)
      } else {
        frames[frame.index].flags.moreUses = min(flags.moreUses + 1, 3)
      }
    } else if flags.isDisjoint(with: [.unevictable, .active]) {
      relist(frame) {
        $0.insert(.active)
        $0.remove(.referenced)
      }
      statistics.pagesActivated += 1
      vectors[vector(of: frame)].events.activated += 1
      ageVector(vector(of: frame))
    }
  }

  /// Puts another frame in the place of a page's.
  mutating func replaceOnList(_ frame: FrameNumber, by target: FrameNumber) {
    if frames[frame.index].flags.contains(.generated) {
      removeFromList(frame)
      frames[target.index].flags = frames[frame.index].flags
      return addToList(target)
    }
    count(frame, -1)
    count(target, 1)
    let kind = LRUKind(frames[frame.index].flags).rawValue
    if vector(of: frame) == vector(of: target) {
      lists[vector(of: frame), kind].replace(frame, by: target, in: links)
    } else {
      lists[vector(of: frame), kind].remove(frame, in: links)
      lists[vector(of: target), kind].prepend(target, in: links)
    }
    frames[frame.index].flags.remove(.listed)
  }

  /// Counts a page on the list that its flags say, or off it.
  ///
  /// - Returns: its vector.
  @discardableResult
  private mutating func count(_ frame: FrameNumber, _ change: Int) -> UInt32 {
    let zone = zone(of: frame)
    let vector =
      UInt32(frames[frame.index].group) &* UInt32(truncatingIfNeeded: nodeCount)
      &+ UInt32(truncatingIfNeeded: zones[zone].node)
    countKind(LRUKind(frames[frame.index].flags), vector, zone, change)
    return vector
  }

  @inline(__always)
  mutating func countKind(_ kind: LRUKind, _ vector: UInt32, _ zone: Int, _ change: Int) {
    lists.count(vector, kind, zones[zone].kind, change)
    zonePages[zone][kind.rawValue] += change
  }

  /// Pages of a list, of all nodes and groups.
  func listedPages(_ kind: LRUKind) -> Int { zones.indices.reduce(0) { $0 + zonePages[$1][kind.rawValue] } }

  /// Pages of a list of a node. Linux: `node_page_state`.
  func listedPages(_ kind: LRUKind, node: Int) -> Int {
    var sum = 0
    for zone in zones.indices where zones[zone].node == node { sum += zonePages[zone][kind.rawValue] }
    return sum
  }

  /// What programs could get without swapping (`mm/page_alloc.c:si_mem_available`).
  var availableFrames: Int {
    let low = zones.indices.reduce(0) { $0 + zones[$1].watermarks.low + zones[$1].boost.value }
    let cache = listedPages(.activeFile) + listedPages(.inactiveFile)
    return max(freeFrames - reservedFrames + cache - min(cache / 2, low), 0)
  }

  /// The pages on the lists for which `isWanted` holds.
  ///
  /// - Complexity: O(pages on the lists).
  func listed(where isWanted: (Frame) -> Bool) -> [FrameNumber] {
    var result: [FrameNumber] = []
    func collect(_ list: FrameList) {
      var frame = list.first
      while frame != .none {
        if isWanted(frames[frame.index]) { result.append(frame) }
        frame = links[frame.index].next
      }
    }
    for index in 0..<vectors.limit {
      for kind in 0..<LRUKind.count { collect(lists[UInt32(index), kind]) }
    }
    for index in 0..<generations.limit {
      for generation in 0..<Int(Generations.most) {
        for type in 0..<2 {
          for zone in ZoneKind.allCases { collect(generationLists[UInt32(index), generation, type, zone]) }
        }
      }
    }
    return result
  }
}

/// Pages one after the other that come to the same list, or leave it, and lie in the same zone.
private struct ListRun: BitwiseCopyable {
  var kind: LRUKind
  var zone: Int
  var count = 0
}
