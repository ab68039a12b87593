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
    if hasGenerations { return generationShadow(of: frame) }
    let vector = UInt32(target) * UInt32(nodeCount) + UInt32(node(of: frame))
    let shadow = Shadow(
      age: vectors[vector].age, vector: vector, wasWorkingSet: frames[frame.index].flags.contains(.workingSet))
    ageVector(vector)
    return shadow
  }

  /// Looks at a page that comes back before it goes on a list: had there been a little more memory, it would have stayed,
  /// and becomes active at once (`workingset_refault`).
  mutating func refault(_ frame: FrameNumber, _ shadow: Shadow, hasSwap: Bool) {
    if hasGenerations { return refault(frame, ofGeneration: shadow) }
    let file = frames[frame.index].flags.hasDisk
    let vector = vector(of: frame)
    if file { statistics.fileRefaults += 1 } else { statistics.anonymousRefaults += 1 }
    if file { vectors[vector].events.fileRefaults += 1 } else { vectors[vector].events.anonymousRefaults += 1 }
    let evicting = shadow.vector
    let distance = (vectors[evicting].age &- shadow.age) & Shadow.ageMask
    var workingSet = lists.count(evicting, .activeFile)
    if !file { workingSet += lists.count(evicting, .inactiveFile) }
    if hasSwap {
      workingSet += lists.count(evicting, .activeAnonymous)
      if file { workingSet += lists.count(evicting, .inactiveAnonymous) }
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

  /// The same of a page kept by generations: which was the oldest, and how often the page was used (`lru_gen_eviction`).
  private mutating func generationShadow(of frame: FrameNumber) -> Shadow {
    let flags = frames[frame.index].flags
    let type = flags.generationType
    let vector = vector(of: frame)
    let uses = flags.repeatedUses
    generations[vector].tierFigures[type].noteEviction(TierFigures.tier(uses))
    return Shadow(
      age: generations[vector].oldest[type] << 2 | UInt64(max(uses - 1, 0)), vector: vector, wasWorkingSet: uses > 0)
  }

  /// Looks at a page that comes back while the generation that was the oldest when it went still is (`lru_gen_refault`).
  private mutating func refault(_ frame: FrameNumber, ofGeneration shadow: Shadow) {
    let vector = vector(of: frame)
    let type = frames[frame.index].flags.generationType
    guard shadow.vector == vector, shadow.age >> 2 == generations[vector].oldest[type] & Shadow.ageMask >> 2 else {
      return
    }
    let uses = Int(shadow.age & 3) + (shadow.wasWorkingSet ? 1 : 0)
    generations[vector].tierFigures[type].noteRefault(TierFigures.tier(uses))
    let isFile = type == Generations.file
    if isFile { statistics.fileRefaults += 1 } else { statistics.anonymousRefaults += 1 }
    if isFile { vectors[vector].events.fileRefaults += 1 } else { vectors[vector].events.anonymousRefaults += 1 }
    guard isInFault || uses >= 3 else { return }
    frames[frame.index].flags.insert(.workingSet)
    frames[frame.index].flags.moreUses = 3
    if isFile { statistics.fileRestores += 1 } else { statistics.anonymousRestores += 1 }
    if isFile { vectors[vector].events.fileRestores += 1 } else { vectors[vector].events.anonymousRestores += 1 }
  }

  /// Notes what taking pages back cost (`mm/swap.c:lru_note_cost`).
  mutating func noteCost(_ pages: Int, file: Bool, _ vector: UInt32) {
    var next: UInt32? = vector
    while let vector = next {
      if file { vectors[vector].fileCost += pages } else { vectors[vector].anonymousCost += pages }
      let size =
        lists.count(vector, .inactiveAnonymous) + lists.count(vector, .activeAnonymous)
        + lists.count(vector, .inactiveFile) + lists.count(vector, .activeFile)
      if vectors[vector].fileCost + vectors[vector].anonymousCost > size / 4 {
        vectors[vector].fileCost /= 2
        vectors[vector].anonymousCost /= 2
      }
      next = above(vector)
    }
  }

  /// The vector of the group above on the same node. Linux: `parent_lruvec`.
  @inline(__always)
  private func above(_ vector: UInt32) -> UInt32? {
    let nodes = UInt32(truncatingIfNeeded: nodeCount)
    guard vector >= nodes else { return nil }
    return UInt32(groups[vector / nodes].parent) * nodes + vector % nodes
  }

  /// Calls `body` with a vector and those of the groups above it on the same node.
  @inline(__always)
  mutating func forEachAncestor(of vector: UInt32, _ body: (inout LRUVector) -> Void) {
    var next: UInt32? = vector
    while let vector = next {
      body(&vectors[vector])
      next = above(vector)
    }
  }
}
