/// Pages that come back soon after they were evicted (`mm/workingset.c`).
extension PhysicalMemory {
  /// Makes a vector older, and those of the groups above it (`workingset_age_nonresident`).
  mutating func ageVector(_ vector: UInt32) {
    forEachAncestor(of: vector) { $0.age &+= 1 }
  }

  /// What is remembered of a page that is evicted now (`workingset_eviction`).
  ///
  /// - Parameter target: the group that memory is taken from, 0 if from the whole machine.
  mutating func evictionShadow(of frame: FrameNumber, target: UInt16) -> Shadow {
    let vector = UInt32(target) * UInt32(nodeCount) + UInt32(node(of: frame))
    let shadow = Shadow(
      age: vectors[vector].age, vector: vector, wasWorkingSet: frames[frame.index].flags.contains(.workingSet))
    ageVector(vector)
    return shadow
  }

  /// Looks at a page that comes back before it goes on a list: had there been a little more memory, it would have stayed,
  /// and becomes active at once (`workingset_refault`).
  mutating func refault(_ frame: FrameNumber, _ shadow: Shadow, hasSwap: Bool) {
    let file = frames[frame.index].flags.hasDisk
    let vector = vector(of: frame)
    if file { statistics.fileRefaults += 1 } else { statistics.anonymousRefaults += 1 }
    if file { vectors[vector].events.fileRefaults += 1 } else { vectors[vector].events.anonymousRefaults += 1 }
    let evicting = vectors[shadow.vector]
    let distance = (evicting.age &- shadow.age) & Shadow.ageMask
    var workingSet = evicting.count(.activeFile)
    if !file { workingSet += evicting.count(.inactiveFile) }
    if hasSwap {
      workingSet += evicting.count(.activeAnonymous)
      if file { workingSet += evicting.count(.inactiveAnonymous) }
    }
    guard distance <= UInt64(workingSet) else { return }
    frames[frame.index].flags.insert(.active)
    ageVector(vector)
    forEachAncestor(of: vector) {
      if file { $0.fileActivations += 1 } else { $0.anonymousActivations += 1 }
    }
    if file { statistics.fileActivations += 1 } else { statistics.anonymousActivations += 1 }
    if file { vectors[vector].events.fileActivations += 1 } else { vectors[vector].events.anonymousActivations += 1 }
    guard shadow.wasWorkingSet else { return }
    frames[frame.index].flags.insert(.workingSet)
    noteCost(1, file: file, vector)
    if file { statistics.fileRestores += 1 } else { statistics.anonymousRestores += 1 }
    if file { vectors[vector].events.fileRestores += 1 } else { vectors[vector].events.anonymousRestores += 1 }
  }

  /// Notes what taking pages back cost (`mm/swap.c:lru_note_cost`).
  mutating func noteCost(_ pages: Int, file: Bool, _ vector: UInt32) {
    forEachAncestor(of: vector) {
      if file { $0.fileCost += pages } else { $0.anonymousCost += pages }
      let size =
        $0.count(.inactiveAnonymous) + $0.count(.activeAnonymous) + $0.count(.inactiveFile) + $0.count(.activeFile)
      if $0.fileCost + $0.anonymousCost > size / 4 {
        $0.fileCost /= 2
        $0.anonymousCost /= 2
      }
    }
  }

  /// Calls `body` with a vector and those of the groups above it on the same node. Linux: `parent_lruvec`.
  @inline(__always)
  mutating func forEachAncestor(of vector: UInt32, _ body: (inout LRUVector) -> Void) {
    body(&vectors[vector])
    let node = vector % UInt32(nodeCount)
    var group = UInt16(vector / UInt32(nodeCount))
    while group != 0 {
      group = groups[UInt32(group)].parent
      body(&vectors[UInt32(group) * UInt32(nodeCount) + node])
    }
  }
}
