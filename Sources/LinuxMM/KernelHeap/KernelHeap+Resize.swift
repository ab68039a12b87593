extension KernelHeap where P: ~Copyable {
  /// Takes memory for a number of elements (`kmalloc_array`).
  ///
  /// - Throws: ``AllocationFailure`` too where the product is more than there can be.
  public func allocate(
    count: Int, ofBytes size: Int, _ flags: GFPFlags = .kernel, processor: Int = 0, site: UInt64 = 0
  ) throws(AllocationFailure) -> VirtualAddress {
    let (bytes, overflows) = count.multipliedReportingOverflow(by: size)
    guard !overflows, count >= 0, size >= 0 else {
      throw AllocationFailure(order: PageOrder(PageOrder.count), flags: flags, reason: .orderTooLarge)
    }
    return try allocate(bytes: bytes, flags, processor: processor, site: site)
  }

  /// Gives memory of ``allocate(bytes:_:processor:site:)`` another size; what it holds stays, as far as there is room
  /// (`mm/slab_common.c:krealloc`).
  ///
  /// - Parameter address: 0 or of no bytes for new memory.
  /// - Returns: where it is now; if it must move, the old address is free.
  /// - Throws: ``AllocationFailure``, with the old memory left as it is.
  /// - Complexity: O(bytes) where it moves.
  public func resize(
    _ address: VirtualAddress, bytes size: Int, _ flags: GFPFlags = .kernel, processor: Int = 0, site: UInt64 = 0
  ) throws(AllocationFailure) -> VirtualAddress {
    let old = self.size(of: address)
    precondition(old > 0 || address.rawValue <= Self.emptyBlock.rawValue, "resized what the heap has not given out")
    if size > 0 && size <= old { return address }
    let moved = try allocate(bytes: size, flags, processor: processor, site: site)
    if old > 0 {
      let source = DirectMap.physical(address).rawValue
      platform.copy(source, to: DirectMap.physical(moved).rawValue, min(old, max(size, 0)))
      do throws(ObjectFault) { try free(address, processor: processor, site: site) } catch {
        preconditionFailure("resized what was free already")
      }
    }
    return moved
  }
}
