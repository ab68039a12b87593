/// Pages on the lists of their generations (`include/linux/mm_inline.h`).
extension PhysicalMemory {
  /// Puts a page on the list of the generation that its flags say (`lru_gen_add_folio`).
  ///
  /// - Parameter isRotated: whether it is to be looked at next.
  mutating func addToGeneration(_ frame: FrameNumber, isRotated: Bool) {
    let vector = vector(of: frame)
    let zone = zone(of: frame)
    var flags = frames[frame.index].flags
    let type = flags.generationType
    let newest = generations[vector].newest
    let oldest = generations[vector].oldest[type]
    let isWaiting =
      (type == Generations.anonymous && !flags.contains(.swapCache))
      || (flags.contains(.readahead) && !flags.isDisjoint(with: [.dirty, .writeback]))
    let sequence =
      if flags.contains(.active) {
        newest
      } else if isWaiting {
        newest - 1
      } else if isRotated || oldest + Generations.fewest >= newest {
        oldest
      } else {
        oldest + 1
      }
    let generation = Generations.place(sequence)
    flags.remove(.active)
    flags.formUnion([.listed, .generated])
    flags.generation = generation
    flags.listGeneration = generation
    frames[frame.index].flags = flags
    countGeneration(generation, type, vector, zone, 1)
    if isRotated {
      generationLists[vector, generation, type, zones[zone].kind].append(frame, in: links)
    } else {
      generationLists[vector, generation, type, zones[zone].kind].prepend(frame, in: links)
    }
  }

  /// Takes a page off its list (`lru_gen_del_folio`).
  ///
  /// - Parameter keepsActive: whether it is marked as active if its generation counts as that.
  mutating func removeFromGeneration(_ frame: FrameNumber, keepsActive: Bool) {
    let vector = vector(of: frame)
    let zone = zone(of: frame)
    var flags = frames[frame.index].flags
    let type = flags.generationType
    generationLists[vector, flags.listGeneration, type, zones[zone].kind].remove(frame, in: links)
    countGeneration(flags.generation, type, vector, zone, -1)
    if keepsActive && generations[vector].isActive(flags.generation) { flags.insert(.active) }
    flags.subtract([.listed, .generated])
    frames[frame.index].flags = flags
  }

  /// Makes a page the newest generation's, on whose list it comes later; one that is on no list is marked as used
  /// (`mm/vmscan.c:folio_update_gen`).
  mutating func promote(_ frame: FrameNumber) {
    guard frames[frame.index].flags.contains(.generated) else {
      frames[frame.index].flags.insert(.referenced)
      return
    }
    frames[frame.index].flags.forgetUses()
    setGeneration(frame, Generations.place(generations[vector(of: frame)].newest))
  }

  /// Moves a page of the oldest generation on to the next, unless it was promoted already (`mm/vmscan.c:folio_inc_gen`).
  ///
  /// - Parameters:
  ///   - atEnd: whether it is the first to be looked at there.
  ///   - isReclaimed: whether it is to be looked at once it has been written.
  mutating func moveOn(_ frame: FrameNumber, atEnd: Bool, isReclaimed: Bool = false) {
    let vector = vector(of: frame)
    let flags = frames[frame.index].flags
    let oldest = Generations.place(generations[vector].oldest[flags.generationType])
    if flags.generation == oldest {
      frames[frame.index].flags.forgetUses()
      if isReclaimed { frames[frame.index].flags.insert(.readahead) }
      setGeneration(frame, (oldest + 1) % Int(Generations.most))
    }
    relistGenerated(frame, atEnd: atEnd)
  }

  /// Moves a page to the list of its generation.
  mutating func relistGenerated(_ frame: FrameNumber, atEnd: Bool) {
    setAside(frame)
    frames[frame.index].flags.listGeneration = frames[frame.index].flags.generation
    guard atEnd else { return putBack(frame) }
    let flags = frames[frame.index].flags
    generationLists[vector(of: frame), flags.generation, flags.generationType, zones[zone(of: frame)].kind].append(
      frame, in: links)
  }

  /// Takes a page that counts further off its list.
  mutating func setAside(_ frame: FrameNumber) {
    let flags = frames[frame.index].flags
    generationLists[vector(of: frame), flags.listGeneration, flags.generationType, zones[zone(of: frame)].kind].remove(
      frame, in: links)
  }

  /// Puts a page that was set aside on its list again, as the last one to be looked at.
  mutating func putBack(_ frame: FrameNumber) {
    let flags = frames[frame.index].flags
    generationLists[vector(of: frame), flags.listGeneration, flags.generationType, zones[zone(of: frame)].kind].prepend(
      frame, in: links)
  }

  private mutating func setGeneration(_ frame: FrameNumber, _ generation: Int) {
    let flags = frames[frame.index].flags
    guard flags.generation != generation else { return }
    let vector = vector(of: frame)
    let zone = zone(of: frame)
    countGeneration(flags.generation, flags.generationType, vector, zone, -1)
    countGeneration(generation, flags.generationType, vector, zone, 1)
    frames[frame.index].flags.generation = generation
  }

  /// Counts a page in its generation, and as active or inactive (`lru_gen_update_size`).
  private mutating func countGeneration(_ generation: Int, _ type: Int, _ vector: UInt32, _ zone: Int, _ change: Int) {
    generationLists.count(vector, generation, type, zones[zone].kind, change)
    countKind(LRUKind(type: type, isActive: generations[vector].isActive(generation)), vector, zone, change)
  }

  /// Begins a new generation; the one before the newest counts as inactive then (`mm/vmscan.c:inc_max_seq`).
  ///
  /// - Parameter clock: in picoseconds.
  mutating func beginGeneration(_ vector: UInt32, canSwap: Bool, clock: UInt64) {
    for type in [Generations.file, Generations.anonymous] where generations[vector].count(type) == Generations.most {
      dropOldest(vector, type, moves: type == Generations.file || canSwap)
    }
    let previous = Generations.place(generations[vector].newest - 1)
    let next = Generations.place(generations[vector].newest + 1)
    let node = Int(vector) % nodeCount
    for type in 0..<2 {
      for zone in zones.indices where zones[zone].node == node {
        let kind = zones[zone].kind
        let change = generationLists.size(vector, previous, type, kind) - generationLists.size(vector, next, type, kind)
        countKind(LRUKind(type: type, isActive: false), vector, zone, change)
        countKind(LRUKind(type: type, isActive: true), vector, zone, -change)
      }
    }
    generations[vector].births[next] = clock
    generations[vector].newest += 1
  }

  /// Gives the oldest generation up, whose pages become the next one's (`mm/vmscan.c:inc_min_seq`).
  ///
  /// - Parameter moves: whether they are looked after; else they are found in the newest generation again.
  private mutating func dropOldest(_ vector: UInt32, _ type: Int, moves: Bool) {
    let oldest = Generations.place(generations[vector].oldest[type])
    if moves {
      for zone in ZoneKind.allCases {
        while true {
          let frame = generationLists[vector, oldest, type, zone].last
          if frame == .none { break }
          moveOn(frame, atEnd: true)
        }
      }
    }
    generations[vector].tierFigures[type].settle()
    generations[vector].oldest[type] += 1
  }

  /// Gives up generations that are empty (`mm/vmscan.c:try_to_inc_min_seq`).
  ///
  /// - Returns: whether there were any.
  mutating func dropEmptyGenerations(_ vector: UInt32, canSwap: Bool) -> Bool {
    var oldest = generations[vector].oldest
    let newest = generations[vector].newest
    let first = canSwap ? Generations.anonymous : Generations.file
    for type in first..<2 {
      while oldest[type] + Generations.fewest <= newest
        && generationLists.isEmpty(vector, Generations.place(oldest[type]), type)
      {
        oldest[type] += 1
      }
    }
    if canSwap {
      oldest[Generations.anonymous] = min(oldest[Generations.anonymous], oldest[Generations.file])
      oldest[Generations.file] = max(oldest[Generations.anonymous], generations[vector].oldest[Generations.file])
    }
    var isDropped = false
    for type in first..<2 where oldest[type] != generations[vector].oldest[type] {
      generations[vector].tierFigures[type].settle()
      generations[vector].oldest[type] = oldest[type]
      isDropped = true
    }
    return isDropped
  }

  /// Keeps pages by generations from now on, or by ``LRUKind`` again (`mm/vmscan.c:lru_gen_change_state`).
  mutating func keepGenerations(_ keeps: Bool) {
    guard keeps != hasGenerations else { return }
    while generations.limit < vectors.limit { appendGenerations() }
    hasGenerations = keeps
    for index in 0..<vectors.limit {
      let vector = UInt32(index)
      if keeps {
        for kind in LRUKind.inactiveAnonymous.rawValue...LRUKind.activeFile.rawValue {
          while lists[vector, kind].last != .none { moveOver(lists[vector, kind].last) }
        }
      } else {
        for generation in 0..<Int(Generations.most) {
          for type in 0..<2 {
            for zone in ZoneKind.allCases {
              while true {
                let frame = generationLists[vector, generation, type, zone].last
                if frame == .none { break }
                moveOver(frame)
              }
            }
          }
        }
      }
    }
  }

  /// Adds generations for another vector.
  mutating func appendGenerations() {
    _ = generations.insert(Generations())
    generationLists.append()
  }

  private mutating func moveOver(_ frame: FrameNumber) {
    removeFromList(frame)
    addToList(frame)
  }
}

extension FrameFlags {
  /// Which lists of a generation a page stands on.
  @inline(__always)
  var generationType: Int { hasDisk ? Generations.file : Generations.anonymous }
}

extension LRUKind {
  /// What the pages of a generation count as.
  @inline(__always)
  init(type: Int, isActive: Bool) {
    self =
      type == Generations.file
      ? (isActive ? .activeFile : .inactiveFile) : (isActive ? .activeAnonymous : .inactiveAnonymous)
  }
}
