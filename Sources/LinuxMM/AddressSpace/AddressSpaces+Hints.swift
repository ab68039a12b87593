/// What NUMA balancing knows of an address space. Linux: the `numa_` fields of `struct mm_struct`.
struct SpaceBalance: BitwiseCopyable {
  /// Not before this tick is more of it marked; 0 before that was ever thought of. Linux: `numa_next_scan`.
  var nextScan: UInt64 = 0
  /// Where marking goes on. Linux: `numa_scan_offset`.
  var next = VirtualPage(0)
  /// How often all of it has been gone through. Linux: `numa_scan_seq`.
  var passes: UInt64 = 0
}

/// Marking of pages, so that their next access tells who uses them.
///
/// A marked entry is one of an inaccessible page (``PageTableEntry/isInaccessible``) in an area that has rights. It keeps
/// its right to write, which the fault gives back; everybody else but the processor treats its page as present.
extension AddressSpaces where P: ~Copyable {
  /// Marks the next part of an address space (the loop of `kernel/sched/fair.c:task_numa_work`).
  ///
  /// At most `pages` pages are gone through of the ranges in which something could be marked, and eight times as many in
  /// all, rounded up to what a last-level table covers.
  ///
  /// - Parameter node: the node of the processor that marks.
  mutating func markNext(_ space: SpaceIndex, pages: Int, from node: Int) {
    var pages = pages
    var virtual = pages * 8
    guard pages > 0 else { return }
    var start = descriptors[space.rawValue].balance.next
    var place = firstArea(space, endingAbove: start)
    if place == AreaTree.none {
      finishPass(space)
      start = VirtualPage(0)
      place = descriptors[space.rawValue].areas.first
    }
    let span = translation.geometry.span(1)
    while place != AreaTree.none {
      guard isMarked(place) else {
        place = areas[place].next
        continue
      }
      var end: VirtualPage
      repeat {
        start = max(start, areas[place].start)
        end = VirtualPage((start.rawValue + UInt64(pages) + span - 1) / span * span)
        end = min(end, areas[place].end)
        let marked = mark(space, place, start, end, from: node)
        if marked > 0 { pages -= Int(end - start) }
        virtual -= Int(end - start)
        start = end
        if pages <= 0 || virtual <= 0 {
          descriptors[space.rawValue].balance.next = start
          return
        }
      } while end < areas[place].end
      place = areas[place].next
    }
    finishPass(space)
  }

  /// Linux: `reset_ptenuma_scan`.
  private mutating func finishPass(_ space: SpaceIndex) {
    descriptors[space.rawValue].balance.passes += 1
    descriptors[space.rawValue].balance.next = VirtualPage(0)
  }

  /// Whether an area's pages are marked at all: not those of devices, of huge pages, of shared memory, which has no policy
  /// that would move its pages, of files that are only read, as libraries are, and not those that have no rights, where a
  /// mark could not be told (`vma_migratable`, `vma_policy_mof`).
  private func isMarked(_ place: UInt32) -> Bool {
    let flags = areas[place].flags
    guard flags.isDisjoint(with: [.device, .frameMap, .hugeTLB, .mixedMap]), areas[place].isAccessible else {
      return false
    }
    let file = areas[place].file
    if file == .none { return true }
    return !cache.files[file.rawValue].isSharedMemory && flags.intersection([.read, .write]) != .read
  }

  /// Marks the pages of a range of an area (`mm/mempolicy.c:change_prot_numa`, `mm/mprotect.c:change_pte_range`), but for
  /// those that are marked already, private ones that others share or may share, those of files that are newer than their
  /// disk, the page of zeros, and, where one process alone uses them, those on its own node.
  ///
  /// - Returns: the number of entries marked.
  mutating func mark(
    _ space: SpaceIndex, _ place: UInt32, _ start: VirtualPage, _ end: VirtualPage, from node: Int
  ) -> Int {
    let area = areas[place]
    let root = descriptors[space.rawValue].context.root
    let isAlone = !area.flags.contains(.shared) && descriptors[space.rawValue].users == 1
    var marked = 0
    var first = end
    var last = end
    var page = start
    while page < end {
      switch translation.leafTable(root, page) {
      case .none(let next):
        page = next
      case .table(let table):
        let stop = min(end, translation.geometry.tableEnd(page))
        while page < stop {
          let entryPlace = EntryPlace(table: table, index: translation.geometry.index(page, 0))
          let entry = translation.entry(entryPlace)
          if entry.isPresent, isWorthMarking(entry, area, awayFrom: isAlone ? node : nil) {
            let rights = PageTableEntry.protectionNone | entry.rawValue & PageTableEntry.writable
            translation.setEntry(entryPlace, to: entry.changing(to: rights))
            if marked == 0 { first = page }
            last = page + 1
            marked += 1
          }
          page = page + 1
        }
      }
    }
    if marked > 0 { flush(space, first, last) }
    translation.memory.statistics.hintUpdates += UInt64(marked)
    return marked
  }

  private func isWorthMarking(_ entry: PageTableEntry, _ area: Area, awayFrom node: Int?) -> Bool {
    guard !entry.isSpecial else { return false }
    let state = translation.memory.frames[entry.frame.index]
    if area.copiesOnWrite && state.references != 1 { return false }
    if state.flags.hasDisk && state.flags.contains(.dirty) { return false }
    return translation.memory.node(of: entry.frame) != node
  }
}
