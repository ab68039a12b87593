/// Taking pages of the oldest generation (`mm/vmscan.c`, "the eviction").
extension AddressSpaces where P: ~Copyable {
  /// Takes pages of one vector (`lru_gen_shrink_lruvec`).
  mutating func shrinkGenerations(vector: UInt32, _ group: UInt16, _ control: inout ReclaimControl) {
    let node = Int(vector) % memory.nodeCount
    aging.hasWalker = control.isBackground
    aging.walkerSwaps = control.isBackground && reclaimers[node].walkerSwaps
    defer {
      unplug()
      aging.hasWalker = false
    }
    let start = memory.generations[vector].newest
    let reclaimed = control.reclaimed
    var run = EvictionRun()
    while true {
      let left = generationSwappiness(group)
      // Those who may not swap look for private pages all the same if there are no others.
      run.swappiness = control.maySwap ? left : (control.group == 0 && left > 0 ? 1 : 0)
      let goal = scanGoal(vector, &run, control)
      guard goal > 0 else { return }
      let scanned = evict(vector, &run, &control)
      guard scanned > 0 else { return }
      run.scanned += scanned
      if run.scanned >= goal || endsEarly(vector, start, run, &control) { break }
    }
    if control.reclaimed - reclaimed >= Generations.batch && !run.isAgingDue { control.looksForAging = false }
  }

  /// How many pages are to be looked at, after a new generation if one is due (`get_nr_to_scan`).
  private mutating func scanGoal(_ vector: UInt32, _ run: inout EvictionRun, _ control: ReclaimControl) -> Int {
    let need = agingNeed(vector, canSwap: run.swappiness > 0, priority: control.priority)
    run.isAgingDue = need.isDue
    if !need.isDue { return need.scan }
    if control.priority != ReclaimControl.firstPriority {
      // The background reclaimer does that when its next round begins.
      if control.isBackground { return 0 }
      age(vector, canSwap: run.swappiness > 0)
      return need.scan
    }
    let type = run.swappiness > 0 ? Generations.anonymous : Generations.file
    return memory.generations[vector].count(type) > Generations.fewest ? need.scan : 0
  }

  /// Whether enough was done for all to be served alike (`should_abort_scan`).
  private func endsEarly(
    _ vector: UInt32, _ start: UInt64, _ run: EvictionRun, _ control: inout ReclaimControl
  ) -> Bool {
    if control.isBackground {
      if control.reclaimed - control.reclaimedBefore < control.goal { return false }
    } else {
      if memory.generations[vector].newest - start > 1 { return true }
      if control.reclaimed >= control.goal && run.swaps { return true }
      if control.group != 0 { return false }
    }
    if control.priority > ReclaimControl.firstPriority - 2 { return false }
    let node = Int(vector) % memory.nodeCount
    for zone in memory.zones.indices
    where memory.zones[zone].node == node && memory.zones[zone].kind <= control.highest
      && memory.zones[zone].managed > 0
    {
      let marks = memory.zones[zone].watermarks
      let mark = (control.isBackground ? marks.high : marks.low) + memory.zones[zone].boost.value
      if mark > memory.zones[zone].free.value { return false }
    }
    control.reclaimed += Generations.batch
    return true
  }

  /// Takes a batch of pages (`evict_folios`).
  ///
  /// - Returns: pages looked at, 0 if nothing is left to be taken.
  private mutating func evict(_ vector: UInt32, _ run: inout EvictionRun, _ control: inout ReclaimControl) -> Int {
    finishTransfers()
    var pages = FrameList()
    var (scanned, type) = isolate(vector, run.swappiness, control, &pages)
    let canSwap = run.swappiness > 0
    if memory.dropEmptyGenerations(vector, canSwap: canSwap) { scanned += 1 }
    if memory.generations[vector].count(canSwap ? Generations.anonymous : Generations.file) == Generations.fewest {
      scanned = 0
    }
    guard !pages.isEmpty else { return scanned }
    let isFile = type == Generations.file
    let node = Int(vector) % memory.nodeCount
    var isRetry = false
    while true {
      var tally = ReclaimTally()
      var kept = FrameList()
      var reclaimed = 0
      control.scanned += Int(pages.count)
      let orders = control
      var recent = RecentMapping()
      while pages.first != .none {
        let frame = pages.first
        pages.remove(frame, in: memory.links)
        switch dispose(frame, node: node, orders, &tally, &recent) {
        case .freed: reclaimed += 1
        case .kept: kept.append(frame, in: memory.links)
        }
      }
      control.reclaimed += reclaimed
      var clean = FrameList()
      var returned = FrameList()
      while kept.first != .none {
        let frame = kept.first
        kept.remove(frame, in: memory.links)
        if mayRetry(frame, isRetry: isRetry) {
          clean.append(frame, in: memory.links)
          control.scanned -= 1
        } else {
          returned.append(frame, in: memory.links)
        }
      }
      while returned.first != .none {
        let frame = returned.first
        returned.remove(frame, in: memory.links)
        memory.addToList(frame)
      }
      noteSteal(vector, isFile: isFile, reclaimed, control)
      if clean.isEmpty { break }
      pages = clean
      isRetry = true
    }
    if !isFile { run.swaps = true }
    return scanned
  }

  /// Decides about a page that was not taken: whether it may be now, being clean; else it goes to where it waits for its
  /// writing, or to the newest generation.
  private mutating func mayRetry(_ frame: FrameNumber, isRetry: Bool) -> Bool {
    guard isEvictable(frame) else { return false }
    let state = memory.frames[frame.index]
    let isChanging = !state.flags.isDisjoint(with: [.dirty, .writeback])
    if state.flags.contains(.readahead) && isChanging {
      if state.flags.contains(.workingSet) { memory.frames[frame.index].flags.insert(.referenced) }
      return false
    }
    let isUsed = !state.flags.isDisjoint(with: [.active, .referenced, .reading, .failed])
    guard isRetry || isChanging || isUsed || state.mappings > 0 else { return true }
    memory.frames[frame.index].flags.forgetUses()
    memory.frames[frame.index].flags.insert(.active)
    return false
  }

  /// Takes pages off the lists of the oldest generation of the type that suits (`isolate_folios`).
  ///
  /// - Returns: pages looked at, and the type.
  private mutating func isolate(
    _ vector: UInt32, _ swappiness: Int, _ control: ReclaimControl, _ pages: inout FrameList
  ) -> (scanned: Int, type: Int) {
    let oldest = memory.generations[vector].oldest
    let figures = memory.generations[vector].tierFigures
    var type: Int
    var tier: Int?
    if swappiness == 0 {
      type = Generations.file
    } else if oldest[Generations.anonymous] < oldest[Generations.file] {
      type = Generations.anonymous
    } else if swappiness == 1 {
      type = Generations.file
    } else if swappiness == 200 {
      type = Generations.anonymous
    } else {
      let choice = TierFigures.choose(
        anonymous: figures[Generations.anonymous], file: figures[Generations.file], swappiness: swappiness)
      type = choice.type
      tier = choice.tier
    }
    var scanned = 0
    for _ in 0..<(swappiness == 0 ? 1 : 2) {
      scanned = isolate(vector, type, upTo: tier ?? figures[type].evictedTier, control, &pages)
      if scanned > 0 { break }
      type = 1 - type
      tier = nil
    }
    return (scanned, type)
  }

  /// The same of one type, up to a tier (`scan_folios`).
  private mutating func isolate(
    _ vector: UInt32, _ type: Int, upTo tier: Int, _ control: ReclaimControl, _ pages: inout FrameList
  ) -> Int {
    guard memory.generations[vector].count(type) > Generations.fewest else { return 0 }
    let generation = Generations.place(memory.generations[vector].oldest[type])
    var remaining = Generations.largestBatch
    var scanned = 0
    var sorted = 0
    var isolated = 0
    // From the highest zone that helps down to the lowest, then those above.
    for step in 0..<ZoneKind.count {
      let zone = ZoneKind((control.highest.rawValue + ZoneKind.count - step) % ZoneKind.count)
      var moved = FrameList()
      while true {
        let frame = memory.generationLists[vector, generation, type, zone].last
        if frame == .none { break }
        scanned += 1
        if sort(frame, vector, type, zone, upTo: tier, control) {
          sorted += 1
        } else if mayTake(frame, control) {
          let isReferenced = memory.frames[frame.index].flags.contains(.referenced)
          if !isReferenced { memory.frames[frame.index].flags.forgetUses() }
          memory.frames[frame.index].flags.subtract([.readahead, .referenced])
          memory.removeFromGeneration(frame, keepsActive: false)
          pages.append(frame, in: memory.links)
          isolated += 1
        } else {
          memory.setAside(frame)
          moved.append(frame, in: memory.links)
        }
        remaining -= 1
        if remaining == 0 || max(isolated, Int(moved.count)) >= Generations.batch { break }
      }
      memory.statistics.skips[zone.rawValue] += UInt64(moved.count)
      while moved.first != .none {
        let frame = moved.first
        moved.remove(frame, in: memory.links)
        memory.putBack(frame)
      }
      if remaining == 0 || isolated >= Generations.batch { break }
    }
    spend(scanned: scanned)
    noteScan(vector, isFile: type == Generations.file, isolated, control)
    if control.group == 0 { memory.statistics.pagesRefilled += UInt64(sorted) }
    memory.vectors[vector].events.refilled += UInt64(sorted)
    return isolated > 0 || remaining == 0 ? scanned : 0
  }

  /// Whether a page may be taken off its list (`isolate_folio`).
  private func mayTake(_ frame: FrameNumber, _ control: ReclaimControl) -> Bool {
    let state = memory.frames[frame.index]
    if !control.mayUnmap && state.mappings > 0 { return false }
    if control.mayWrite && control.permitsTransfers { return true }
    return !state.flags.contains(.dirty) && (!state.flags.contains(.anonymous) || state.flags.contains(.swapCache))
  }

  /// Puts a page where it belongs that is not to be evicted now (`sort_folio`).
  ///
  /// - Returns: whether it was such a page.
  private mutating func sort(
    _ frame: FrameNumber, _ vector: UInt32, _ type: Int, _ zone: ZoneKind, upTo tier: Int, _ control: ReclaimControl
  ) -> Bool {
    let flags = memory.frames[frame.index].flags
    let uses = flags.repeatedUses
    let isFile = type == Generations.file
    if !isEvictable(frame) {
      memory.removeFromGeneration(frame, keepsActive: false)
      memory.addToList(frame)
      memory.statistics.pagesFoundUnevictable += 1
    } else if isFile && flags.contains(.anonymous) && flags.contains(.dirty) {
      // Written to after all.
      memory.removeFromGeneration(frame, keepsActive: false)
      memory.frames[frame.index].flags.remove(.lazilyFree)
      memory.addToGeneration(frame, isRotated: true)
    } else if flags.generation != Generations.place(memory.generations[vector].oldest[type]) {
      memory.relistGenerated(frame, atEnd: false)
    } else if TierFigures.tier(uses) > tier || uses == 4 {
      memory.generations[vector].tierFigures[type].noteProtection(TierFigures.tier(uses))
      memory.moveOn(frame, atEnd: true)
      if isFile { memory.statistics.fileActivations += 1 } else { memory.statistics.anonymousActivations += 1 }
      if isFile {
        memory.vectors[vector].events.fileActivations += 1
      } else {
        memory.vectors[vector].events.anonymousActivations += 1
      }
    } else if zone > control.highest {
      memory.moveOn(frame, atEnd: true)
    } else if !flags.isDisjoint(with: [.reading, .writeback]) || (isFile && flags.contains(.dirty)) {
      memory.moveOn(frame, atEnd: false, isReclaimed: true)
    } else {
      return false
    }
    return true
  }
}

/// How far the taking of a vector's pages has come.
private struct EvictionRun {
  var swappiness = 0
  var scanned = 0
  /// Linux: `need_aging`.
  var isAgingDue = false
  /// Whether private pages were taken. Linux: `need_swapping`.
  var swaps = false
}
