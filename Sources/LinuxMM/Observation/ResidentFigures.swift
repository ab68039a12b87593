/// What is resident of an area, or of a whole process, in pages; shares in 4096ths of a byte.
/// Linux: `struct mem_size_stats` (`fs/proc/task_mmu.c`).
struct ResidentFigures {
  var resident = 0
  /// The proportional shares: of each page as much as one of those who map it has to bear. Shifted left by 12.
  var share: UInt64 = 0
  var dirtyShare: UInt64 = 0
  var anonymousShare: UInt64 = 0
  var fileShare: UInt64 = 0
  var sharedMemoryShare: UInt64 = 0
  var lockedShare: UInt64 = 0
  var sharedClean = 0
  var sharedDirty = 0
  var privateClean = 0
  var privateDirty = 0
  var referenced = 0
  var anonymous = 0
  var lazilyFree = 0
  var swapped = 0
  var swappedShare: UInt64 = 0

  /// Adds the page behind an entry (`smaps_account`, `smaps_page_accumulate`).
  mutating func add(_ entry: PageTableEntry, _ frame: Frame, isLocked: Bool) {
    let isAnonymous = frame.flags.contains(.anonymous)
    let isDirty = entry.isDirty || frame.flags.contains(.dirty)
    resident += 1
    if entry.rawValue & PageTableEntry.accessed != 0 { referenced += 1 }
    if isAnonymous {
      anonymous += 1
      if frame.flags.contains(.lazilyFree) && !isDirty { lazilyFree += 1 }
    }
    let whole = PageSize.bytes << 12
    let isShared = frame.mappings > 1
    let part = isShared ? whole / UInt64(frame.mappings) : whole
    share += part
    if isAnonymous {
      anonymousShare += part
    } else if frame.flags.contains(.sharedMemory) {
      sharedMemoryShare += part
    } else {
      fileShare += part
    }
    if isLocked { lockedShare += part }
    if isDirty {
      dirtyShare += part
      if isShared { sharedDirty += 1 } else { privateDirty += 1 }
    } else {
      if isShared { sharedClean += 1 } else { privateClean += 1 }
    }
  }
}

extension AddressSpaces where P: ~Copyable {
  /// Adds what is resident of an area, or in swap.
  func addResident(of place: UInt32, to figures: inout ResidentFigures) {
    let area = areas[place]
    let root = descriptors[area.space.rawValue].context.root
    if area.file != .none {
      let positions = area.offset..<(area.offset + area.pageCount)
      figures.swapped += cache.slots(of: area.file, positions).count
    }
    var page = area.start
    while page < area.end {
      switch translation.leafTable(root, page) {
      case .none(let next): page = next
      case .table(let table):
        let last = min(area.end, translation.geometry.tableEnd(page))
        while page < last {
          let entry = translation.entry(EntryPlace(table: table, index: translation.geometry.index(page, 0)))
          if entry.holdsPage && !entry.isSpecial {
            figures.add(
              entry, translation.memory.frames[entry.frame.index], isLocked: area.flags.contains(.locked))
          } else if let slot = entry.swapSlot {
            figures.swapped += 1
            figures.swappedShare += PageSize.bytes << 12 / UInt64(max(swap.counts[swap.place(slot)], 1))
          }
          page = page + 1
        }
      }
    }
  }
}
