/// Charging pages to control groups (`mm/memcontrol.c`, `mm/page_counter.c`).
extension PhysicalMemory {
  /// Linux: `MEM_CGROUP_ID_MAX`.
  static var mostGroups: Int { 65535 }

  /// Adds a group with its vectors.
  ///
  /// - Returns: `nil` if there are too many.
  mutating func makeGroup(parent: UInt16, _ limits: GroupLimits) -> UInt16? {
    guard groups.limit < Self.mostGroups else { return nil }
    let group = UInt16(groups.insert(ControlGroup(parent: parent, limits: limits)))
    for _ in 0..<nodeCount {
      _ = vectors.insert(LRUVector())
      lists.append()
      if hasGenerations { appendGenerations() }
    }
    groups[UInt32(group)].nextSibling = groups[UInt32(parent)].firstChild
    groups[UInt32(parent)].firstChild = group
    return group
  }

  /// Charges a page to a group and all above it, the root's limits aside.
  ///
  /// - Returns: the group whose limit is reached; nothing is charged then.
  @inline(__always)
  mutating func charge(_ group: UInt16) -> UInt16? {
    var current = group
    while current != 0 {
      let place = UInt32(current)
      if groups[place].usage >= groups[place].limits.maximum {
        var undone = group
        while undone != current {
          groups[UInt32(undone)].usage -= 1
          undone = groups[UInt32(undone)].parent
        }
        return current
      }
      groups[place].usage += 1
      groups[place].peak = max(groups[place].peak, groups[place].usage)
      current = groups[place].parent
    }
    return nil
  }

  /// Charges a page beyond all limits.
  mutating func forceCharge(_ group: UInt16) {
    var current = group
    while current != 0 {
      groups[UInt32(current)].usage += 1
      groups[UInt32(current)].peak = max(groups[UInt32(current)].peak, groups[UInt32(current)].usage)
      current = groups[UInt32(current)].parent
    }
  }

  /// Takes a page off a group's account.
  mutating func uncharge(_ group: UInt16) {
    var current = group
    while current != 0 {
      groups[UInt32(current)].usage -= 1
      current = groups[UInt32(current)].parent
    }
  }

  /// Charges a slot of swap.
  ///
  /// - Returns: whether no limit is in the way.
  mutating func chargeSwap(_ group: UInt16) -> Bool {
    var current = group
    while current != 0 {
      if groups[UInt32(current)].swapUsage >= groups[UInt32(current)].limits.swapMaximum { return false }
      current = groups[UInt32(current)].parent
    }
    current = group
    while current != 0 {
      groups[UInt32(current)].swapUsage += 1
      current = groups[UInt32(current)].parent
    }
    return true
  }

  mutating func unchargeSwap(_ group: UInt16) {
    var current = group
    while current != 0 {
      groups[UInt32(current)].swapUsage -= 1
      current = groups[UInt32(current)].parent
    }
  }

  /// Slots that a group may still use (`mem_cgroup_get_nr_swap_pages`).
  func swapLeft(_ group: UInt16, free: Int) -> Int {
    var left = free
    var current = group
    while current != 0 {
      let place = UInt32(current)
      if groups[place].limits.swapMaximum != .max {
        left = min(left, groups[place].limits.swapMaximum - groups[place].swapUsage)
      }
      current = groups[place].parent
    }
    return left
  }

  /// The first group from `group` upwards that has more than its high mark, 0 if none.
  func groupAboveHigh(_ group: UInt16) -> UInt16 {
    var current = group
    while current != 0 {
      if groups[UInt32(current)].usage > groups[UInt32(current)].limits.high { return current }
      current = groups[UInt32(current)].parent
    }
    return 0
  }

  /// The first group from `group` upwards that cannot be charged for so many pages more.
  func groupWithoutRoom(for pages: Int, _ group: UInt16) -> UInt16? {
    var current = group
    while current != 0 {
      if groups[UInt32(current)].limits.maximum - groups[UInt32(current)].usage < pages { return current }
      current = groups[UInt32(current)].parent
    }
    return nil
  }

  /// Whether a group is another one or lies below it.
  func isGroup(_ group: UInt16, within ancestor: UInt16) -> Bool {
    var current = group
    while true {
      if current == ancestor { return true }
      if current == 0 { return false }
      current = groups[UInt32(current)].parent
    }
  }

  /// The group after `group` of those below `top`, each before the ones below it; 0 after the last one
  /// (`mem_cgroup_iter`).
  func groupAfter(_ group: UInt16, below top: UInt16) -> UInt16 {
    let child = groups[UInt32(group)].firstChild
    if child != 0 { return child }
    var current = group
    while current != top {
      let sibling = groups[UInt32(current)].nextSibling
      if sibling != 0 { return sibling }
      current = groups[UInt32(current)].parent
    }
    return 0
  }

  /// Works out what of a group's protection holds in a reclaim of `top` (`mem_cgroup_calculate_protection`).
  mutating func calculateProtection(_ group: UInt16, in top: UInt16) {
    let place = UInt32(group)
    guard group != top, groups[place].usage > 0 else { return }
    let limits = groups[place].limits
    let parent = groups[place].parent
    if parent == top || parent == 0 {
      groups[place].effectiveMinimum = limits.minimum
      groups[place].effectiveLow = limits.low
      return
    }
    var minimumSum = 0
    var lowSum = 0
    var sibling = groups[UInt32(parent)].firstChild
    while sibling != 0 {
      let other = groups[UInt32(sibling)]
      minimumSum += min(other.usage, other.limits.minimum)
      lowSum += min(other.usage, other.limits.low)
      sibling = other.nextSibling
    }
    let above = groups[UInt32(parent)]
    let usage = groups[place].usage
    groups[place].effectiveMinimum = Self.share(
      usage, limits.minimum, above.usage, above.effectiveMinimum, siblings: minimumSum)
    groups[place].effectiveLow = Self.share(usage, limits.low, above.usage, above.effectiveLow, siblings: lowSum)
  }

  /// A group's share of the protection above it (`effective_protection`, with `memory_recursiveprot`).
  private static func share(_ usage: Int, _ setting: Int, _ parentUsage: Int, _ parentEffective: Int, siblings: Int)
    -> Int
  {
    let protected = min(usage, setting)
    if siblings > parentEffective { return protected * parentEffective / siblings }
    guard parentEffective > siblings, parentUsage > siblings, usage > protected else { return protected }
    return protected + (parentEffective - siblings) * (usage - protected) / (parentUsage - siblings)
  }
}
