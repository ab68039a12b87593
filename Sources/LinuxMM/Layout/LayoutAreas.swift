/// The occupied parts of an address space while exec fills it, and the kernel's search for holes between them.
///
/// There are a dozen at most; every operation is O(n).
struct LayoutAreas {
  private struct Area {
    var start: UInt64
    var end: UInt64
    /// The start with the guard gap of a stack. Linux: `vm_start_gap`.
    var guardedStart: UInt64
  }

  /// How the kernel looks for a hole.
  struct Search {
    /// Linux: `TASK_SIZE`.
    var taskSize: UInt64
    /// Linux: `DEFAULT_MAP_WINDOW`; mappings lie below unless a hint lies above.
    var window: UInt64
    /// Linux: `mm->mmap_base` and `mm->mmap_legacy_base`.
    var topDownBase: UInt64
    var bottomUpBase: UInt64
    var isBottomUp: Bool
  }

  /// In ascending order, without overlaps.
  private var areas: [Area] = []

  /// Whether nothing lies in a range; guard gaps do not count. Linux: `find_vma_intersection`.
  func isFree(_ start: UInt64, _ end: UInt64) -> Bool {
    for area in areas where start < area.end && area.start < end { return false }
    return true
  }

  /// Occupies a range, which replaces what lies there.
  mutating func add(_ start: UInt64, _ end: UInt64, guardGap: UInt64 = 0) {
    guard start < end else { return }
    var place = 0
    var merged = Area(start: start, end: end, guardedStart: start - min(guardGap, start))
    while place < areas.count {
      if areas[place].end < merged.start {
        place += 1
      } else if merged.end < areas[place].start {
        break
      } else {
        let old = areas.remove(at: place)
        merged.start = min(merged.start, old.start)
        merged.end = max(merged.end, old.end)
        merged.guardedStart = min(merged.guardedStart, old.guardedStart)
      }
    }
    areas.insert(merged, at: place)
  }

  /// Finds room without occupying it (`mm/mmap.c:get_unmapped_area`,
  /// `arch/x86/kernel/sys_x86_64.c:arch_get_unmapped_area_topdown`).
  ///
  /// - Parameters:
  ///   - length: bytes, a multiple of the page.
  ///   - hint: where it is wanted, or 0.
  /// - Returns: the start, or `nil` if no hole is large enough.
  func place(_ length: UInt64, hint: UInt64, _ search: Search) -> UInt64? {
    if search.isBottomUp { return bottomUp(length, hint: hint, search) }
    guard length <= search.taskSize else { return nil }
    let hint = hint & ~PageSize.mask
    if hint != 0, isValid(hint, length, search), isFreeWithGuard(hint, length) { return hint }
    let beyond = hint > search.window ? search.taskSize - search.window : 0
    return topDown(length, below: search.topDownBase + beyond) ?? bottomUp(length, hint: hint, search)
  }

  /// Whether a hint may be granted: it must not straddle the window's end
  /// (`arch/x86/mm/mmap.c:mmap_address_hint_valid`).
  private func isValid(_ hint: UInt64, _ length: UInt64, _ search: Search) -> Bool {
    hint <= search.taskSize - length && (hint > search.window) == (hint + length > search.window)
  }

  private func isFreeWithGuard(_ start: UInt64, _ length: UInt64) -> Bool {
    for area in areas where start < area.end { return start + length <= area.guardedStart }
    return true
  }

  /// The highest hole (`mm/mmap.c:unmapped_area_topdown`).
  private func topDown(_ length: UInt64, below limit: UInt64) -> UInt64? {
    var end = limit
    for area in areas.reversed() where area.guardedStart < end {
      if area.end <= end, end - area.end >= length { break }
      end = area.guardedStart
    }
    return end >= PageSize.bytes && end - PageSize.bytes >= length ? end - length : nil
  }

  /// The lowest hole (`arch/x86/kernel/sys_x86_64.c:arch_get_unmapped_area`, `mm/mmap.c:unmapped_area`).
  private func bottomUp(_ length: UInt64, hint: UInt64, _ search: Search) -> UInt64? {
    let limit = hint > search.window ? search.taskSize : search.window
    guard length <= limit else { return nil }
    let hint = pageAligned(hint)
    if hint != 0, hint <= limit - length, isFreeWithGuard(hint, length) { return hint }
    var start = search.bottomUpBase
    for area in areas where start < area.end {
      if start <= area.guardedStart, area.guardedStart - start >= length { break }
      start = area.end
    }
    return start <= limit && limit - start >= length ? start : nil
  }
}
