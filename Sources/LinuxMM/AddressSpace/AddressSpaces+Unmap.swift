extension AddressSpaces where P: ~Copyable {
  /// Removes all mappings of a range, as munmap does (`mm/mmap.c:do_mas_munmap`).
  ///
  /// - Throws: `EINVAL` for an unaligned address, an empty range or one outside user space;
  ///   `ENOMEM` when a hole would need more areas than permitted.
  mutating func unmap(
    _ space: SpaceIndex, _ address: VirtualAddress, length: UInt64
  ) throws(Errno) {
    let limit = descriptors[space.rawValue].end.address.rawValue
    guard address.isPageAligned, address.rawValue <= limit, length <= limit - address.rawValue, length > 0
    else { throw .EINVAL }
    try unmapPages(space, address.page, VirtualPage.end(of: address, length: length))
  }

  /// The same for a range of pages within user space.
  mutating func unmapPages(
    _ space: SpaceIndex, _ start: VirtualPage, _ end: VirtualPage
  ) throws(Errno) {
    var area = firstArea(space, endingAbove: start)
    guard area != AreaTree.none, areas[area].start < end else { return }
    if areas[area].start < start {
      // Only a hole within one area must keep to the limit; other calls help to get below it.
      if end < areas[area].end, descriptors[space.rawValue].areas.count >= settings.maximumAreas {
        throw .ENOMEM
      }
      area = splitUnlimited(area, at: start, in: space)
    }
    let previous = areas[area].previous
    let floor = previous == AreaTree.none ? VirtualPage(0) : areas[previous].end
    let first = areas[area].start
    var last = areas[area].end
    var found = false
    while area != AreaTree.none, areas[area].start < end {
      if end < areas[area].end { _ = splitUnlimited(area, at: end, in: space) }
      let next = areas[area].next
      last = areas[area].end
      if areas[area].flags.contains(.locked) { descriptors[space.rawValue].lockedPages -= areas[area].pageCount }
      if zap(space, areas[area].start, last) { found = true }
      removeArea(area, from: space)
      area = next
    }
    let ceiling = area == AreaTree.none ? translation.geometry.userCeiling : areas[area].start
    let freed = translation.freeTables(
      descriptors[space.rawValue].context.root, first, last, floor: floor, ceiling: ceiling)
    descriptors[space.rawValue].tables -= freed
    if found || freed > 0 { flush(space, first, last, freesTables: freed > 0) }
  }

  /// Splits the areas at the ends of a range, which is all that newer kernels have done when they refuse to replace what is
  /// there (`mm/vma.c:vms_gather_munmap_vmas`).
  mutating func splitAround(_ space: SpaceIndex, _ start: VirtualPage, _ end: VirtualPage) throws(Errno) {
    let first = firstArea(space, endingAbove: start)
    if first != AreaTree.none, areas[first].start < start {
      if end < areas[first].end, descriptors[space.rawValue].areas.count >= settings.maximumAreas { throw .ENOMEM }
      _ = splitUnlimited(first, at: start, in: space)
    }
    let last = firstArea(space, endingAbove: end)
    if last != AreaTree.none, areas[last].start < end { _ = splitUnlimited(last, at: end, in: space) }
  }

  /// Ends an address space: all mappings, all tables (`mm/mmap.c:exit_mmap`).
  mutating func destroy(_ space: SpaceIndex) {
    while descriptors[space.rawValue].areas.first != AreaTree.none {
      let area = descriptors[space.rawValue].areas.first
      _ = zap(space, areas[area].start, areas[area].end)
      removeArea(area, from: space)
    }
    let root = descriptors[space.rawValue].context.root
    let ceiling = translation.geometry.userCeiling
    let freed = translation.freeTables(root, VirtualPage(0), ceiling, floor: VirtualPage(0), ceiling: ceiling)
    descriptors[space.rawValue].tables -= freed
    flushAll(space, freesTables: true)
    descriptors[space.rawValue].tables -= translation.freeRoot(root)
    precondition(descriptors[space.rawValue].tables == 0, "page tables miscounted")
    precondition(descriptors[space.rawValue].resident == 0, "resident pages miscounted")
    descriptors.remove(space.rawValue)
  }
}
