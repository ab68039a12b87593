/// Caches that are watched: each operation checks the object and notes who did it, under the node's lock. Their slabs belong
/// to no processor, and no magazine holds their objects. Linux: the slow path that `slub_debug` takes.
extension SlabCaches {
  /// Takes an object of a watched cache (`mm/slub.c:alloc_single_from_partial`).
  func allocateWatched<P: Platform & ~Copyable>(
    _ cache: SlabCacheIndex, _ flags: GFPFlags, processor: Int, node near: Int, site: UInt64,
    _ memory: borrowing PhysicalMemory, _ platform: borrowing P
  ) throws(AllocationFailure) -> UInt64 {
    let place = node(cache, near)
    let parts = ObjectLayout(shapes[cache.index], settings)
    var added = 0
    if nodes[place].count.value == 0 {
      added = try addSlab(cache, flags, near, processor, memory, platform)
      prepare(added, cache, parts, platform)
    }
    // The new slab may lie on another node.
    let home = added == 0 ? place : node(cache, memory.node(of: FrameNumber(UInt32(added))))
    nodes[home].lock.lock()
    if added != 0 { addShared(added, home) }
    let slab = Int(nodes[home].first)
    guard slab != 0 else {
      nodes[home].lock.unlock()
      return try allocateWatched(cache, flags, processor: processor, node: near, site: site, memory, platform)
    }
    let object = slabs[slab].head
    check(object, slab, cache, parts, isActive: false, site, platform)
    slabs[slab].head = link(object, cache, platform)
    slabs[slab].inUse += 1
    if slabs[slab].head == 0 {
      removeShared(slab, home)
      slabs[slab].state = .full
    }
    note(object, parts, isFree: false, site, processor, platform)
    mark(object, parts, isActive: true, platform)
    nodes[home].lock.unlock()
    return object
  }

  /// Gives an object back to a watched cache (`mm/slub.c:free_debug_processing`).
  ///
  /// - Throws: ``ObjectFault``, after a report, if there is no such object or it is free.
  func freeWatched<P: Platform & ~Copyable>(
    _ object: UInt64, _ tag: FrameTag, _ cache: SlabCacheIndex, processor: Int, site: UInt64,
    _ memory: borrowing PhysicalMemory, _ platform: borrowing P
  ) throws(ObjectFault) {
    let slab = tag.firstFrame(Int(object >> UInt64(PageSize.shift)))
    let address = DirectMap.address(of: PhysicalAddress(object))
    let own = tag.cache
    let parts = ObjectLayout(shapes[own.index], settings)
    guard isObject(object, slab, parts) else {
      var report = ObjectReport(.notAnObject, own, address, site: site)
      report.slab = figures(slab)
      reports.with { $0.add(report) }
      throw .notAllocated(address)
    }
    if own != cache {
      add(.otherCache, object, slab, own, parts, site, platform, wanted: cache)
      throw .otherCache(address, own)
    }
    let place = node(cache, memory.node(of: FrameNumber(UInt32(slab))))
    nodes[place].lock.lock()
    if isListed(object, slab, own, parts, platform) {
      add(.alreadyFree, object, slab, own, parts, site, platform)
      nodes[place].lock.unlock()
      throw .alreadyFree(address)
    }
    check(object, slab, cache, parts, isActive: true, site, platform)
    note(object, parts, isFree: true, site, processor, platform)
    mark(object, parts, isActive: false, platform)
    setLink(object, slabs[slab].head, cache, platform)
    slabs[slab].head = object
    slabs[slab].inUse -= 1
    if slabs[slab].state == .full { addShared(slab, place) }
    let isSpare = slabs[slab].inUse == 0 && nodes[place].count.value > parts.layout.keptSlabs
    if isSpare { removeShared(slab, place) }
    nodes[place].lock.unlock()
    if isSpare { release(slab, cache, processor, memory) }
  }

  /// Checks every object and slab of a watched cache (`/sys/kernel/slab/CACHE/validate`).
  ///
  /// - Complexity: O(frames of the machine, and bytes of the cache).
  func validate<P: Platform & ~Copyable>(
    _ cache: SlabCacheIndex, site: UInt64, _ memory: borrowing PhysicalMemory, _ platform: borrowing P
  ) {
    let parts = ObjectLayout(shapes[cache.index], settings)
    var frame = 0
    while frame < tags.count {
      let tag = tags[frame]
      let slab = frame
      frame += tag.isSlab || tag.isBlock ? tag.order.frameCount : 1
      guard tag.isSlab, tag.cache == cache, tag.isWatched else { continue }
      let place = node(cache, memory.node(of: FrameNumber(UInt32(slab))))
      nodes[place].lock.lock()
      for index in 0..<Int(slabs[slab].objects) {
        let object = address(slab) + UInt64(index * parts.layout.size + parts.layout.leftPadding)
        check(
          object, slab, cache, parts, isActive: !isListed(object, slab, cache, parts, platform), site, platform)
      }
      checkTail(slab, cache, parts, site, platform)
      nodes[place].lock.unlock()
    }
  }

  // MARK: Parts

  /// Whether an object of the slab begins there (`mm/slub.c:check_valid_pointer`).
  private func isObject(_ object: UInt64, _ slab: Int, _ parts: ObjectLayout) -> Bool {
    let offset = Int(object - address(slab)) - parts.layout.leftPadding
    return offset >= 0 && offset % parts.layout.size == 0 && offset / parts.layout.size < Int(slabs[slab].objects)
  }

  /// Whether an object is on its slab's list (`mm/slub.c:on_freelist`).
  private func isListed<P: Platform & ~Copyable>(
    _ object: UInt64, _ slab: Int, _ cache: SlabCacheIndex, _ parts: ObjectLayout, _ platform: borrowing P
  ) -> Bool {
    var other = slabs[slab].head
    var left = slabs[slab].objects
    while other != 0 && left > 0 {
      if other == object { return true }
      guard isObject(other, slab, parts) else { return false }
      other = link(other, cache, platform)
      left -= 1
    }
    return false
  }

  /// Makes a new slab's objects free ones (`mm/slub.c:setup_slab_debug`, `setup_object`).
  private func prepare<P: Platform & ~Copyable>(
    _ slab: Int, _ cache: SlabCacheIndex, _ parts: ObjectLayout, _ platform: borrowing P
  ) {
    platform.fill(address(slab), tags[slab].order.byteCount, with: ObjectLayout.padding)
    var next: UInt64 = 0
    for index in objectOrder(slab, Int(slabs[slab].objects)).reversed() {
      let object = address(slab) + UInt64(index * parts.layout.size + parts.layout.leftPadding)
      mark(object, parts, isActive: false, platform)
      if parts.flags.contains(.storeUser) {
        platform.fill(object + UInt64(parts.track(isFree: false)), 2 * SlabLayout.noteSize(wordSize: 8), with: 0)
      }
      setLink(object, next, cache, platform)
      construct(cache, object, 1, platform)
      next = object
    }
    slabs[slab].head = next
    slabs[slab].fresh = slabs[slab].end
    slabs[slab].returned.store(.none)
  }

  /// Writes the red zones and the poison of an object (`mm/slub.c:init_object`).
  private func mark<P: Platform & ~Copyable>(
    _ object: UInt64, _ parts: ObjectLayout, isActive: Bool, _ platform: borrowing P
  ) {
    let zone = isActive ? ObjectLayout.active : ObjectLayout.inactive
    let left = parts.leftRedZone
    let right = parts.rightRedZone
    platform.fill(object - UInt64(-left.lowerBound), left.count, with: zone)
    platform.fill(object + UInt64(right.lowerBound), right.count, with: zone)
    if parts.poisons {
      platform.fill(object, parts.layout.objectSize - 1, with: ObjectLayout.free)
      platform.setByte(at: object + UInt64(parts.layout.objectSize - 1), to: ObjectLayout.end)
    }
  }

  /// Looks at an object's red zones, poison and padding, reports the first byte of each that somebody wrote, and repairs it
  /// (`mm/slub.c:check_object`).
  private func check<P: Platform & ~Copyable>(
    _ object: UInt64, _ slab: Int, _ cache: SlabCacheIndex, _ parts: ObjectLayout, isActive: Bool, _ site: UInt64,
    _ platform: borrowing P
  ) {
    let zone = isActive ? ObjectLayout.active : ObjectLayout.inactive
    let left = parts.leftRedZone
    let right = parts.rightRedZone
    let padding = parts.paddingRange
    func look(_ kind: ObjectReport.Kind, _ start: UInt64, _ count: Int, _ value: UInt8) {
      let place = platform.firstOther(start, count, than: value)
      if place == 0 { return }
      var last = start + UInt64(count) - 1
      while last > place && platform.byte(at: last) == value { last -= 1 }
      add(kind, object, slab, cache, parts, site, platform, (place, last, value))
      platform.fill(start, count, with: value)
    }
    look(.leftRedZone, object - UInt64(-left.lowerBound), left.count, zone)
    look(.rightRedZone, object + UInt64(right.lowerBound), right.count, zone)
    if parts.poisons && !isActive {
      look(.poison, object, parts.layout.objectSize - 1, ObjectLayout.free)
      look(.poison, object + UInt64(parts.layout.objectSize - 1), 1, ObjectLayout.end)
    }
    if parts.flags.contains(.poison) {
      look(.objectPadding, object + UInt64(padding.lowerBound), padding.count, ObjectLayout.padding)
    }
  }

  /// Looks at what is left behind a slab's last object (`mm/slub.c:slab_pad_check`).
  private func checkTail<P: Platform & ~Copyable>(
    _ slab: Int, _ cache: SlabCacheIndex, _ parts: ObjectLayout, _ site: UInt64, _ platform: borrowing P
  ) {
    guard parts.flags.contains(.poison) else { return }
    let start = slabs[slab].end
    let count = Int(address(slab) + UInt64(tags[slab].order.byteCount) - start)
    let place = platform.firstOther(start, count, than: ObjectLayout.padding)
    if place == 0 { return }
    var last = start + UInt64(count) - 1
    while last > place && platform.byte(at: last) == ObjectLayout.padding { last -= 1 }
    var report = ObjectReport(
      .slabPadding, cache, DirectMap.address(of: PhysicalAddress(self.address(slab))), site: site)
    report.slab = figures(slab)
    report.place = DirectMap.address(of: PhysicalAddress(place))
    report.last = DirectMap.address(of: PhysicalAddress(last))
    report.found = platform.byte(at: place)
    report.expected = ObjectLayout.padding
    reports.with { $0.add(report) }
    platform.fill(start, count, with: ObjectLayout.padding)
  }

  private func figures(_ slab: Int) -> ObjectReport.Slab {
    let head = slabs[slab].head
    return ObjectReport.Slab(
      address: DirectMap.address(of: PhysicalAddress(address(slab))), objects: Int(slabs[slab].objects),
      used: Int(slabs[slab].inUse),
      firstFree: head == 0 ? VirtualAddress(0) : DirectMap.address(of: PhysicalAddress(head)))
  }

  private func add<P: Platform & ~Copyable>(
    _ kind: ObjectReport.Kind, _ object: UInt64, _ slab: Int, _ cache: SlabCacheIndex, _ parts: ObjectLayout,
    _ site: UInt64, _ platform: borrowing P, _ wrong: (first: UInt64, last: UInt64, expected: UInt8)? = nil,
    wanted: SlabCacheIndex? = nil
  ) {
    var report = ObjectReport(kind, cache, DirectMap.address(of: PhysicalAddress(object)), site: site)
    if let wrong {
      report.place = DirectMap.address(of: PhysicalAddress(wrong.first))
      report.last = DirectMap.address(of: PhysicalAddress(wrong.last))
      report.found = platform.byte(at: wrong.first)
      report.expected = wrong.expected
    }
    report.wanted = wanted
    report.allocated = track(object, parts, isFree: false, platform)
    report.freed = track(object, parts, isFree: true, platform)
    report.slab = figures(slab)
    let next = link(object, cache, platform)
    report.next = next == 0 ? VirtualAddress(0) : DirectMap.address(of: PhysicalAddress(next))
    let start = object - UInt64(parts.layout.leftPadding)
    report.bytes = (0..<parts.layout.size).map { platform.byte(at: start + UInt64($0)) }
    reports.with { $0.add(report) }
  }

  /// Notes who allocates or frees an object (`mm/slub.c:set_track`).
  private func note<P: Platform & ~Copyable>(
    _ object: UInt64, _ parts: ObjectLayout, isFree: Bool, _ site: UInt64, _ processor: Int, _ platform: borrowing P
  ) {
    guard parts.flags.contains(.storeUser) else { return }
    let place = object + UInt64(parts.track(isFree: isFree))
    platform.setWord(at: PhysicalAddress(place), to: site)
    platform.setWord(at: PhysicalAddress(place + 8), to: UInt64(processor))
    platform.setWord(at: PhysicalAddress(place + 16), to: reports.with { $0.tick() })
  }

  /// Who allocated an object, if its cache keeps that.
  func allocation<P: Platform & ~Copyable>(
    of object: UInt64, _ cache: SlabCacheIndex, _ platform: borrowing P
  ) -> ObjectTrack? {
    track(object, ObjectLayout(shapes[cache.index], settings), isFree: false, platform)
  }

  private func track<P: Platform & ~Copyable>(
    _ object: UInt64, _ parts: ObjectLayout, isFree: Bool, _ platform: borrowing P
  ) -> ObjectTrack? {
    guard parts.flags.contains(.storeUser) else { return nil }
    let place = object + UInt64(parts.track(isFree: isFree))
    let time = platform.word(at: PhysicalAddress(place + 16))
    guard time != 0 else { return nil }
    return ObjectTrack(
      site: platform.word(at: PhysicalAddress(place)),
      processor: Int(truncatingIfNeeded: platform.word(at: PhysicalAddress(place + 8)) & 0xffff), time: time)
  }
}
