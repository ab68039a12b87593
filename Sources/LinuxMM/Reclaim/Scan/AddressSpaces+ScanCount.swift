/// How much of which list is looked at.
extension AddressSpaces where P: ~Copyable {
  /// Decides what holds for a node as a whole (`mm/vmscan.c:prepare_scan_count`).
  func prepare(_ control: inout ReclaimControl, node: Int) {
    if memory.hasGenerations { return }
    let vector = UInt32(control.group) * UInt32(memory.nodeCount) + UInt32(node)
    control.anonymousCost = memory.vectors[vector].anonymousCost
    control.fileCost = memory.vectors[vector].fileCost
    control.deactivatesAnonymous =
      control.forcesDeactivation
      || memory.vectors[vector].anonymousActivations != memory.vectors[vector].seenAnonymousActivations
      || memory.lists.hasFewInactive(vector, file: false)
    control.deactivatesFile =
      control.forcesDeactivation || memory.vectors[vector].fileActivations != memory.vectors[vector].seenFileActivations
      || memory.lists.hasFewInactive(vector, file: true)
    let inactiveFile = groupPages(.inactiveFile, control.group, node: node)
    control.trimsCache = inactiveFile >> control.priority > 0 && !control.deactivatesFile
    guard control.group == 0 else { return }
    var free = 0
    var marks = 0
    for zone in memory.zones.indices where memory.zones[zone].node == node && memory.zones[zone].managed > 0 {
      free += memory.zones[zone].free.value
      marks += memory.zones[zone].watermarks.high + memory.zones[zone].boost.value
    }
    let file = memory.listedPages(.activeFile, node: node) + memory.listedPages(.inactiveFile, node: node)
    control.hasFewFilePages =
      file + free <= marks && !control.deactivatesAnonymous
      && memory.listedPages(.inactiveAnonymous, node: node) >> control.priority > 0
  }

  /// Pages of a list of a group and those below it.
  private func groupPages(_ kind: LRUKind, _ group: UInt16, node: Int) -> Int {
    group == 0
      ? memory.listedPages(kind, node: node)
      : memory.lists.count(UInt32(group) * UInt32(memory.nodeCount) + UInt32(node), kind)
  }

  /// Whether private pages can be taken back at all. Linux: `can_reclaim_anon_pages`.
  var canSwap: Bool { swap.free > 0 }

  /// How many pages of each list of a vector to look at (`mm/vmscan.c:get_scan_count`).
  func scanCounts(_ vector: UInt32, _ group: UInt16, _ control: inout ReclaimControl) -> InlineArray<4, Int> {
    let swappiness = reclaimSettings.swappiness
    var anonymous = 1
    var file = 1
    var denominator = 1
    if !control.maySwap || memory.swapLeft(group, free: swap.free) <= 0 || (control.group != 0 && swappiness == 0) {
      anonymous = 0
    } else if control.priority == 0 && swappiness > 0 {
      // Near the end all is looked at alike.
    } else if control.hasFewFilePages {
      file = 0
    } else if control.trimsCache {
      anonymous = 0
    } else {
      let total = control.anonymousCost + control.fileCost
      let anonymousCost = total + control.anonymousCost
      let fileCost = total + control.fileCost
      let sum = anonymousCost + fileCost
      anonymous = swappiness * (sum + 1) / (anonymousCost + 1)
      file = (200 - swappiness) * (sum + 1) / (fileCost + 1)
      denominator = anonymous + file
    }
    var counts = InlineArray<4, Int>(repeating: 0)
    for place in 0..<4 {
      let kind = LRUKind.evictable[place]
      let size = memory.lists.count(vector, kind, upTo: control.highest)
      let scan = unprotected(size, group, &control) >> control.priority
      counts[place] = scan * (kind.isFile ? file : anonymous) / denominator
    }
    return counts
  }

  /// What of a list is left to look at when a group's protection is taken off in proportion.
  private func unprotected(_ size: Int, _ group: UInt16, _ control: inout ReclaimControl) -> Int {
    guard group != control.group else { return size }
    let state = memory.groups[UInt32(group)]
    guard state.effectiveMinimum > 0 || state.effectiveLow > 0 else { return size }
    var protection = state.effectiveMinimum
    if !control.ignoresLow && state.effectiveLow > state.effectiveMinimum {
      protection = state.effectiveLow
      control.skippedLow = true
    }
    let usage = max(state.usage, protection)
    return max(size - size * protection / (usage + 1), ReclaimControl.batch)
  }
}
