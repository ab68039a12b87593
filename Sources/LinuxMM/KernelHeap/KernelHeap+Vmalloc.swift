extension KernelHeap where P: ~Copyable {
  /// Takes memory whose addresses follow each other, while its frames lie anywhere (`vmalloc`, with ``GFPFlags/zero``
  /// `vzalloc`, with a node `vmalloc_node`).
  ///
  /// An address that is not mapped stands behind it.
  ///
  /// - Parameters:
  ///   - size: in bytes, up to all of RAM.
  ///   - node: where the frames are to be; near the processor if `nil`.
  ///   - isHuge: maps 2 MiB at a time if there is enough to map and memory lies that way (`vmalloc_huge`).
  ///   - site: who asks, for views.
  /// - Complexity: O(pages + log areas).
  public func allocateVirtual(
    bytes size: Int, _ flags: GFPFlags = .kernel, processor: Int = 0, node: Int? = nil, isHuge: Bool = false,
    site: UInt64 = 0
  ) throws(VmallocFailure) -> VirtualAddress {
    guard size > 0 else { throw VmallocFailure(size: size, reason: .empty) }
    guard size >> PageSize.shift <= memory.managedFrames else {
      throw VmallocFailure(size: size, reason: .exceedsMachine)
    }
    let request = VirtualRequest(size: size, flags: flags, processor: processor, node: node, site: site)
    let nodes = node == nil ? memory.nodeCount : 1
    if isHuge && size / nodes >= Int(tables.largeSpan) << PageSize.shift {
      let order = PageOrder(covering: Int(tables.largeSpan) << PageSize.shift)
      do throws(VmallocFailure) { return try allocateVirtual(request, order) } catch {}
    }
    return try allocateVirtual(request, .single)
  }

  /// Gives memory of ``allocateVirtual(bytes:_:processor:node:isHuge:site:)`` back (`vfree`).
  ///
  /// - Throws: ``ObjectFault/notAllocated(_:)``, with nothing changed, if none begins there.
  public func freeVirtual(_ address: VirtualAddress, processor: Int = 0) throws(ObjectFault) {
    if address.rawValue != 0 { try endArea(address, .allocated, processor) }
  }

  /// Memory of kmalloc if there is such a piece without effort, or else of vmalloc, in large pages if it can be
  /// (`mm/util.c:kvmalloc_node`).
  ///
  /// - Parameter flags: without ``GFPFlags/directReclaim`` only kmalloc may serve.
  public func allocateEither(
    bytes size: Int, _ flags: GFPFlags = .kernel, processor: Int = 0, site: UInt64 = 0
  ) throws(VmallocFailure) -> VirtualAddress {
    var eager = flags
    if size > Int(PageSize.bytes) {
      eager.insert(.noWarn)
      if !flags.contains(.retryMayFail) { eager.insert(.noRetry) }
      eager.remove(.noFail)
    }
    if size >= 0 && size <= SizeClass.largestRequest {
      do throws(AllocationFailure) {
        return try allocate(bytes: size, eager, processor: processor, site: site)
      } catch {
        if size <= Int(PageSize.bytes) { throw VmallocFailure(size: size, reason: .noMemory) }
      }
    }
    guard flags.contains(.directReclaim) else { throw VmallocFailure(size: size, reason: .noMemory) }
    guard size <= Int(Int32.max) else { throw VmallocFailure(size: size, reason: .exceedsMachine) }
    return try allocateVirtual(bytes: size, flags, processor: processor, isHuge: true, site: site)
  }

  /// Gives memory of ``allocateEither(bytes:_:processor:site:)`` back (`kvfree`).
  public func freeEither(_ address: VirtualAddress, processor: Int = 0, site: UInt64 = 0) throws(ObjectFault) {
    if isVirtual(address) { return try freeVirtual(address, processor: processor) }
    try free(address, processor: processor, site: site)
  }

  /// Whether an address is one of vmalloc's (`is_vmalloc_addr`).
  public func isVirtual(_ address: VirtualAddress) -> Bool { settings.vmallocRange.contains(address) }

  /// What is in use of the kernel's addresses.
  public var vmallocFigures: VmallocFigures { areas.with { $0.figures } }

  /// Flushes addresses that were given back from all translation buffers, so that others may have them
  /// (`vm_unmap_aliases`).
  public func purgeVirtual() { areas.with { $0.purge() } }

  // MARK: Parts

  /// (`mm/vmalloc.c:__vmalloc_node_range`)
  private func allocateVirtual(
    _ request: VirtualRequest, _ order: PageOrder
  ) throws(VmallocFailure) -> VirtualAddress {
    let span = UInt64(order.frameCount)
    let pages = (VirtualPage.end(of: VirtualAddress(0), length: UInt64(request.size)).rawValue + span - 1) & ~(span - 1)
    let start = areas.with { $0.reserve(pages + 1, alignment: span, .allocated, site: request.site) }
    guard let start else { throw VmallocFailure(size: request.size, reason: .noAddresses) }
    var list = VirtualAddress(0)
    do throws(VmallocFailure) {
      list = try allocateList(Int(pages), request)
      try fill(start, Int(pages), order, request)
    } catch {
      areas.with { $0.giveBack($0.withdraw(start, .allocated)!) }
      freeList(list, request.processor)
      throw error
    }
    areas.with { areas in
      areas.update(start) {
        $0.pageOrder = order
        $0.list = list
        $0.frameCount = Int(pages)
      }
    }
    return start.address
  }

  /// Where the kernel lists an area's frames. Here the page tables are list enough; the memory is taken all the same.
  private func allocateList(_ frames: Int, _ request: VirtualRequest) throws(VmallocFailure) -> VirtualAddress {
    let size = frames * 8
    let flags = request.flags.intersection(.forNested)
    if size > Int(PageSize.bytes) {
      do throws(VmallocFailure) {
        return try allocateVirtual(
          bytes: size, flags, processor: request.processor, node: request.node, site: request.site)
      } catch {
        throw VmallocFailure(size: request.size, reason: error.reason)
      }
    }
    do throws(AllocationFailure) {
      if let node = request.node {
        return try allocate(bytes: size, flags, processor: request.processor, onNode: node, site: request.site)
      }
      return try allocate(bytes: size, flags, processor: request.processor, site: request.site)
    } catch {
      throw VmallocFailure(size: request.size, reason: .noMemory)
    }
  }

  private func freeList(_ list: VirtualAddress, _ processor: Int) {
    do throws(ObjectFault) { try freeEither(list, processor: processor) } catch {
      preconditionFailure("an area's list of frames was freed")
    }
  }

  /// Takes frames and maps them (`mm/vmalloc.c:vm_area_alloc_pages`, `vmap_pages_range`); none if it throws.
  private func fill(
    _ start: VirtualPage, _ pages: Int, _ order: PageOrder, _ request: VirtualRequest
  ) throws(VmallocFailure) {
    var flags = request.flags.union(.noWarn)
    if flags.isDisjoint(with: [.dma, .dma32]) { flags.insert(.highmem) }
    if order > .single { flags.remove(.noFail) }
    var frames: [FrameNumber] = []
    frames.reserveCapacity(pages >> order.index)
    do throws(AllocationFailure) {
      while frames.count << order.index < pages {
        let frame = try reclaiming(request.processor) { () throws(AllocationFailure) in
          try memory.allocatePages(order, flags, processor: request.processor, node: request.node)
        }
        if order > .single { memory.split(frame, order) }
        if flags.contains(.zero) {
          for index in 0..<order.frameCount { platform.clear(frame + index) }
        }
        frames.append(frame)
      }
    } catch {
      give(frames, order, request.processor)
      throw VmallocFailure(size: request.size, reason: .noMemory)
    }
    do throws(AllocationFailure) {
      try reclaiming(request.processor) { () throws(AllocationFailure) in
        try tables.map(
          start, start + UInt64(pages), PageTableEntry.kernelData, isLarge: order > .single,
          processor: request.processor, memory, platform
        ) { frames[Int($0) >> order.index] }
      }
    } catch {
      tables.unmap(start, start + UInt64(pages), platform)
      give(frames, order, request.processor)
      throw VmallocFailure(size: request.size, reason: .noTables)
    }
  }

  /// Gives frames back that were not mapped.
  private func give(_ frames: [FrameNumber], _ order: PageOrder, _ processor: Int) {
    for frame in frames {
      for index in 0..<order.frameCount { memory.free(frame + index, .single, processor: processor) }
    }
  }

  /// Ends an area that is for something.
  func endArea(_ address: VirtualAddress, _ flags: KernelAreaFlags, _ processor: Int) throws(ObjectFault) {
    guard address.isPageAligned, let area = areas.with({ $0.withdraw(address.page, flags) }) else {
      throw .notAllocated(address)
    }
    release(area, processor)
  }

  /// Unmaps a withdrawn area, and gives its frames back if they are its own (`mm/vmalloc.c:__vunmap`).
  func release(_ area: KernelArea, _ processor: Int) {
    if area.frameCount > 0 {
      tables.unmap(area.start, area.mappedEnd, platform) { frame, order in
        for index in 0..<order.frameCount { memory.free(frame + index, .single, processor: processor) }
      }
    } else {
      tables.unmap(area.start, area.mappedEnd, platform)
    }
    areas.with { $0.giveBack(area) }
    freeList(area.list, processor)
  }
}

/// A request to vmalloc.
private struct VirtualRequest {
  var size: Int
  var flags: GFPFlags
  var processor: Int
  var node: Int?
  var site: UInt64
}

extension PageTableEntry {
  /// The kernel's own data. Linux: `PAGE_KERNEL`.
  static let kernelData = present | writable | accessed | dirty | global | noExecute
  /// A device's registers. Linux: `PAGE_KERNEL_IO_NOCACHE`.
  static let kernelDevice = kernelData | cacheDisabled
}
