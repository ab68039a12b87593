/// New generations (`mm/vmscan.c`, "the aging").
extension AddressSpaces where P: ~Copyable {
  /// How much a vector's private pages are to be swapped rather than file pages be dropped, 0 if they cannot be
  /// (`get_swappiness`).
  func generationSwappiness(_ group: UInt16) -> Int {
    memory.swapLeft(group, free: swap.free) < Generations.batch ? 0 : reclaimSettings.swappiness
  }

  /// Whether a new generation is due: there ought to be three, with a third of the pages each (`should_run_aging`).
  ///
  /// - Returns: that, and how many pages are to be looked at with a priority.
  func agingNeed(_ vector: UInt32, canSwap: Bool, priority: Int) -> (isDue: Bool, scan: Int) {
    let newest = memory.generations[vector].newest
    let first = canSwap ? Generations.anonymous : Generations.file
    var total = 0
    var young = 0
    var old = 0
    for type in first..<2 {
      var sequence = memory.generations[vector].oldest[type]
      while sequence <= newest {
        let size = memory.generationLists.size(vector, Generations.place(sequence), type)
        total += size
        if sequence == newest {
          young += size
        } else if sequence + Generations.fewest == newest {
          old += size
        }
        sequence += 1
      }
    }
    let oldest = memory.generations[vector].oldest[first]
    let fewest = Int(Generations.fewest)
    let isDue =
      if oldest + Generations.fewest != newest {
        oldest + Generations.fewest > newest
      } else {
        young * fewest > total || old * (fewest + 2) < total
      }
    return (isDue, total >> priority)
  }

  /// Begins a new generation, after the page tables of the group's processes have been gone through
  /// (`try_to_inc_max_seq`).
  mutating func age(_ vector: UInt32, canSwap: Bool) {
    if reclaimSettings.generations.walksTables {
      aging.hasWalker = true
      aging.walkerSwaps = canSwap
      walkTables(of: vector, canSwap: canSwap)
    }
    memory.generations[vector].walked += 1
    memory.beginGeneration(vector, canSwap: canSwap, clock: clock)
  }

  /// What the background reclaimer does at the beginning of each round (`lru_gen_age_node`).
  mutating func ageGenerations(node: Int, _ control: inout ReclaimControl) {
    control.reclaimedBefore = control.reclaimed
    guard control.looksForAging else {
      control.looksForAging = true
      return
    }
    let shortest = UInt64(reclaimSettings.generations.shortestLife) &* 1_000_000_000
    var isAnyOld = false
    aging.hasWalker = true
    aging.walkerSwaps = reclaimers[node].walkerSwaps
    for index in 0..<memory.groups.limit {
      let group = UInt16(truncatingIfNeeded: index)
      let vector = UInt32(index * memory.nodeCount + node)
      memory.calculateProtection(group, in: 0)
      let state = memory.groups[UInt32(group)]
      if group != 0 && state.effectiveMinimum >= state.usage && state.effectiveMinimum > 0 { continue }
      let canSwap = generationSwappiness(group) > 0
      let need = agingNeed(vector, canSwap: canSwap, priority: control.priority)
      if shortest > 0 {
        let oldest = Generations.place(memory.generations[vector].oldest[Generations.file])
        if memory.generations[vector].births[oldest] &+ shortest > clock { continue }
        if need.scan == 0 && control.priority != ReclaimControl.firstPriority { continue }
      }
      if need.isDue { age(vector, canSwap: canSwap) }
      isAnyOld = true
    }
    reclaimers[node].walkerSwaps = aging.walkerSwaps
    aging.hasWalker = false
    // All that is left was used just now: somebody has too little.
    if shortest > 0 && !isAnyOld && control.order == .single { isThrashing = true }
  }
}
