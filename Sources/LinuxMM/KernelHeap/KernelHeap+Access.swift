extension KernelHeap where P: ~Copyable {
  /// Where in RAM an address of the kernel is, by the direct map or by the page tables.
  ///
  /// - Throws: the page fault that the processor raises there.
  /// - Complexity: O(1) in the direct map, else O(levels).
  public func physicalAddress(
    of address: VirtualAddress, isWrite: Bool = false
  ) throws(KernelPageFault) -> PhysicalAddress {
    if !isVirtual(address), DirectMap.physical(address).rawValue < memory.end.address.rawValue {
      return DirectMap.physical(address)
    }
    if case .mapped(let physical)? = tables.walk(address, platform)?.end { return physical }
    throw KernelPageFault(address: address, code: isWrite ? .write : [])
  }

  /// The frame that an address of vmalloc is mapped to, `nil` if it is not (`vmalloc_to_page`).
  public func frame(of address: VirtualAddress) -> FrameNumber? {
    guard isVirtual(address), case .mapped(let physical)? = tables.walk(address, platform)?.end else { return nil }
    return FrameNumber(containing: physical)
  }

  /// Reads 8 bytes at an address of the kernel that is a multiple of 8; all ones where no RAM is, as on a bus on which no device
  /// answers.
  public func word(at address: VirtualAddress) throws(KernelPageFault) -> UInt64 {
    let place = try physicalAddress(of: address)
    return isMemory(FrameNumber(containing: place)) ? platform.word(at: place) : .max
  }

  /// Writes such 8 bytes; where no RAM is, they are lost.
  public func setWord(at address: VirtualAddress, to value: UInt64) throws(KernelPageFault) {
    let place = try physicalAddress(of: address, isWrite: true)
    if isMemory(FrameNumber(containing: place)) { platform.setWord(at: place, to: value) }
  }

  /// The address that a device may use for memory of kmalloc, a cache or the page allocator (`dma_map_single`).
  ///
  /// - Parameter size: bytes that the device will touch, above 0.
  /// - Throws: ``DMAFailure`` for memory of vmalloc, whose frames do not follow each other, and for what is no memory.
  public func deviceAddress(of address: VirtualAddress, bytes size: Int) throws(DMAFailure) -> PhysicalAddress {
    if isVirtual(address) { throw .vmallocMemory(address) }
    let physical = DirectMap.physical(address)
    let end = memory.end.address.rawValue
    guard size > 0, physical.rawValue < end, UInt64(size) <= end - physical.rawValue else { throw .noMemory(address) }
    var frame = FrameNumber(containing: physical)
    while frame.address.rawValue < physical.rawValue + UInt64(size) {
      guard isMemory(frame) else { throw .noMemory(address) }
      frame = frame + 1
    }
    return physical
  }
}
