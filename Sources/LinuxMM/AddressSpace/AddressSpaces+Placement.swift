/// Where a mapping goes for which no place is fixed.
extension AddressSpaces where P: ~Copyable {
  /// The first page of a range of `pages` pages (`mm/mmap.c:get_unmapped_area`).
  ///
  /// - Parameters:
  ///   - address: where it should go if there is room, 0 for anywhere.
  ///   - offset: the position in the file that will be there, in pages.
  /// - Throws: `ENOMEM` if there is no room or a fixed place lies outside of user space, `EINVAL` for a fixed place that
  ///   is not aligned, `EPERM` below `vm.mmap_min_addr`.
  /// - Complexity: O(log areas).
  func findRoom(
    _ space: SpaceIndex, _ address: VirtualAddress, _ pages: UInt64, _ flags: MapFlags, _ file: FileIndex,
    offset: UInt64, _ caller: Caller
  ) throws(Errno) -> VirtualPage {
    let end = descriptors[space.rawValue].end
    guard pages <= end.rawValue else { throw .ENOMEM }
    let found: VirtualAddress
    if flags.contains(.fixed) {
      found = address
    } else if let page = alignedRoom(space, address, pages, flags, file, offset)
      ?? plainRoom(space, address, pages, flags)
    {
      found = page.address
    } else {
      throw .ENOMEM
    }
    guard found.rawValue <= (end.rawValue - pages) << UInt64(PageSize.shift) else { throw .ENOMEM }
    guard found.isPageAligned else { throw .EINVAL }
    guard found.rawValue >= settings.lowestAddress || caller.may(.mapLowest) else { throw .EPERM }
    return found.page
  }

  /// A place where a file of a disk could be mapped with huge pages: the range begins where its position in the file
  /// does within 2 MiB (`mm/huge_memory.c:thp_get_unmapped_area`).
  private func alignedRoom(
    _ space: SpaceIndex, _ address: VirtualAddress, _ pages: UInt64, _ flags: MapFlags, _ file: FileIndex,
    _ offset: UInt64
  ) -> VirtualPage? {
    let size: UInt64 = 512
    if file == .none {
      guard settings.rules.contains(.alignsLargeMemory), !flags.contains(.shared), address.rawValue == 0,
        pages % size == 0
      else { return nil }
    } else if !cache.files[file.rawValue].prefersHugeAlignment {
      return nil
    }
    // Memory without a file has no positions.
    let offset = file == .none ? 0 : offset
    let first = (offset + size - 1) / size * size
    let last = offset &+ pages
    guard last > first, last - first >= size else { return nil }
    guard let found = plainRoom(space, address, pages + size, flags) else { return nil }
    // A hint that was free is taken as it is.
    if found.address == address { return found }
    let shift = (offset &- found.rawValue) & (size - 1)
    // Newer kernels take the upper of two aligned places.
    let isUpper =
      shift == 0 && settings.rules.contains(.alignsLargeMemory) && !descriptors[space.rawValue].mapsBottomUp
    return found + (isUpper ? size : shift)
  }

  /// Linux: `arch/x86/kernel/sys_x86_64.c:arch_get_unmapped_area_topdown`, `arch_get_unmapped_area`.
  private func plainRoom(
    _ space: SpaceIndex, _ address: VirtualAddress, _ pages: UInt64, _ flags: MapFlags
  ) -> VirtualPage? {
    let descriptor = descriptors[space.rawValue]
    guard pages <= descriptor.end.rawValue else { return nil }
    if !flags.contains(.below2GiB) && !descriptor.mapsBottomUp {
      let window = VirtualPage.userEnd
      if address.rawValue != 0 {
        let hint = address.page
        let crosses = window < hint ? false : window < hint + pages
        if hint.address.rawValue <= (descriptor.end.rawValue - pages) << UInt64(PageSize.shift), !crosses,
          isFree(space, hint, pages)
        {
          return hint
        }
      }
      // A hint above the usual window asks for the space above it.
      let extra = window < address.page ? descriptor.end - window : 0
      let isAbove = flags.contains(.above4GiB) && settings.rules.contains(.aboveFourGiB)
      let low = VirtualPage(isAbove ? 1 << 20 : 1)
      if let page = highestRoom(descriptor.areas, pages, low, descriptor.mapBase + extra) { return page }
    }
    let low = flags.contains(.below2GiB) ? VirtualPage(1 << 18) : descriptor.legacyMapBase
    let high = flags.contains(.below2GiB) ? VirtualPage(1 << 19) : min(descriptor.end, VirtualPage.userEnd)
    guard pages <= high.rawValue else { return nil }
    if address.rawValue != 0 {
      let hint = VirtualPage.end(of: address, length: 0)
      if hint.rawValue <= high.rawValue - pages, isFree(space, hint, pages) { return hint }
    }
    return lowestRoom(descriptor.areas, pages, low, high)
  }

  /// The highest room that keeps clear of the guard below a stack (`mm/mmap.c:unmapped_area_topdown`). Where the highest
  /// gap reaches up to a stack, nothing else within the stack's guard is looked at either.
  private func highestRoom(
    _ tree: AreaTree, _ pages: UInt64, _ low: VirtualPage, _ high: VirtualPage
  ) -> VirtualPage? {
    var high = high
    while let found = tree.highestGap(pages, from: low, to: high, in: areaNodes) {
      let next = tree.first(endingAbove: found, in: areaNodes)
      guard next != AreaTree.none, areas[next].guardedStart(settings.stackGuardPages) < found + pages else {
        return found
      }
      high = areas[next].guardedStart(settings.stackGuardPages)
    }
    return nil
  }

  /// The lowest room that keeps clear of the guard below a stack (`mm/mmap.c:unmapped_area`).
  private func lowestRoom(
    _ tree: AreaTree, _ pages: UInt64, _ low: VirtualPage, _ high: VirtualPage
  ) -> VirtualPage? {
    var low = low
    while let found = tree.lowestGap(pages, from: low, to: high, in: areaNodes) {
      let next = tree.first(endingAbove: found, in: areaNodes)
      guard next != AreaTree.none, areas[next].guardedStart(settings.stackGuardPages) < found + pages else {
        return found
      }
      low = areas[next].end
    }
    return nil
  }

  /// Whether nothing lies in a range, nor a stack so close above it that its guard gap reaches into it.
  private func isFree(_ space: SpaceIndex, _ start: VirtualPage, _ pages: UInt64) -> Bool {
    let next = firstArea(space, endingAbove: start)
    return next == AreaTree.none || !(areas[next].guardedStart(settings.stackGuardPages) < start + pages)
  }
}
