extension KernelHeap where P: ~Copyable {
  /// Maps frames that somebody has at addresses that follow each other (`vmap`).
  ///
  /// - Parameter frames: each must be RAM; a frame may come several times.
  /// - Complexity: O(frames + log areas).
  public func map(
    _ frames: [FrameNumber], _ flags: KernelAreaFlags = .mapped, processor: Int = 0, site: UInt64 = 0
  ) throws(VmallocFailure) -> VirtualAddress {
    let size = frames.count << PageSize.shift
    guard !frames.isEmpty else { throw VmallocFailure(size: 0, reason: .empty) }
    guard frames.count <= memory.managedFrames else { throw VmallocFailure(size: size, reason: .exceedsMachine) }
    if let other = frames.first(where: { !isMemory($0) }) {
      throw VmallocFailure(size: size, reason: .noMemoryThere(other))
    }
    // Without a guard page others' memory would be in danger.
    let flags = flags.union(.mapped).subtracting(.noGuard)
    let start = areas.with { $0.reserve(UInt64(frames.count) + 1, alignment: 1, flags, site: site) }
    guard let start else { throw VmallocFailure(size: size, reason: .noAddresses) }
    try map(start, frames.count, PageTableEntry.kernelData, processor) { frames[Int($0)] }
    return start.address
  }

  /// Ends such a mapping; the frames stay whose they are (`vunmap`).
  ///
  /// - Throws: ``ObjectFault/notAllocated(_:)``, with nothing changed, if none begins there.
  public func unmap(_ address: VirtualAddress, processor: Int = 0) throws(ObjectFault) {
    try endArea(address, .mapped, processor)
  }

  /// Maps a device's registers, uncached (`ioremap`), at addresses aligned to their size, up to 1 GiB; by pages of 2 MiB
  /// where that goes, not of 1 GiB.
  ///
  /// - Parameters:
  ///   - physical: where the device is; not where RAM is.
  ///   - size: in bytes, above 0.
  /// - Returns: the address of the byte at `physical`, wherever in its page that is.
  public func mapDevice(
    _ physical: PhysicalAddress, bytes size: Int, processor: Int = 0, site: UInt64 = 0
  ) throws(VmallocFailure) -> VirtualAddress {
    guard size > 0 else { throw VmallocFailure(size: size, reason: .empty) }
    let offset = physical.rawValue & PageSize.mask
    let first = physical.rawValue >> UInt64(PageSize.shift)
    let pages = (offset + UInt64(size) + PageSize.mask) >> UInt64(PageSize.shift)
    guard first + pages < 1 << 32 else { throw VmallocFailure(size: size, reason: .noAddresses) }
    let wanted = FrameRange(FrameNumber(UInt32(first)), FrameNumber(UInt32(first + pages)))
    for region in memory.map.regions where region.range.clipped(to: wanted).count > 0 {
      throw VmallocFailure(size: size, reason: .isMemory(region.range.clipped(to: wanted).start.address))
    }
    // Linux: get_count_order_long(size), up to IOREMAP_MAX_ORDER.
    let alignment = min(UInt64(1) << UInt64(64 - (pages - 1).leadingZeroBitCount), 1 << 18)
    let start = areas.with { $0.reserve(pages + 1, alignment: alignment, .device, site: site) }
    guard let start else { throw VmallocFailure(size: size, reason: .noAddresses) }
    areas.with { $0.update(start) { $0.physical = PhysicalAddress(physical.rawValue - offset) } }
    // Large pages where both addresses permit, single ones before and behind.
    let span = tables.largeSpan
    var low = min((first + span - 1) / span * span, first + pages)
    var high = max((first + pages) / span * span, low)
    if (start.rawValue + low - first) % span != 0 {
      low = first + pages
      high = low
    }
    for (from, to, isLarge) in [(first, low, false), (low, high, true), (high, first + pages, false)] where from < to {
      try map(start + (from - first), Int(to - from), PageTableEntry.kernelDevice, isLarge: isLarge, processor) {
        FrameNumber(UInt32(from + $0))
      }
    }
    return VirtualAddress(start.address.rawValue + offset)
  }

  /// Ends such a mapping, given any address of its first page (`iounmap`).
  public func unmapDevice(_ address: VirtualAddress, processor: Int = 0) throws(ObjectFault) {
    try endArea(address.page.address, .device, processor)
  }

  /// Maps pages, or gives the area back.
  private func map(
    _ start: VirtualPage, _ pages: Int, _ bits: UInt64, isLarge: Bool = false, _ processor: Int,
    _ frame: (UInt64) -> FrameNumber
  ) throws(VmallocFailure) {
    do throws(AllocationFailure) {
      try reclaiming(processor) { () throws(AllocationFailure) in
        try tables.map(
          start, start + UInt64(pages), bits, isLarge: isLarge, processor: processor, memory, platform, frame)
      }
    } catch {
      release(areas.with { $0.withdraw(start, [])! }, processor)
      throw VmallocFailure(size: pages << PageSize.shift, reason: .noTables)
    }
  }

  /// Whether a frame is RAM of the machine.
  func isMemory(_ frame: FrameNumber) -> Bool {
    memory.map.regions.contains { $0.range.start <= frame && frame < $0.range.end }
  }
}
