/// Pageblocks kept for requests for several frames that cannot wait.
extension PhysicalMemory {
  /// Keeps the pageblock of a block that such a request was given, up to about 1 % of the zone
  /// (`mm/page_alloc.c:reserve_highatomic_pageblock`).
  @inline(never)
  func reserveHighAtomic(_ frame: FrameNumber, zone: Int) {
    let most = zones[zone].managed / 100 + pageblockOrder.frameCount
    if zones[zone].highAtomic.value >= most { return }
    zones[zone].lock.lock()
    defer { zones[zone].lock.unlock() }
    let block = pageblock(of: frame)
    if zones[zone].highAtomic.value >= most || !pageblocks[block].type.isRequested { return }
    zones[zone].highAtomic.add(pageblockOrder.frameCount)
    pageblocks[block].setType(.highAtomic)
    moveFree(ofPageblock: block, to: .highAtomic, zone: zone)
  }

  /// Gives one such pageblock back to ordinary use (`mm/page_alloc.c:unreserve_highatomic_pageblock`).
  ///
  /// - Parameter force: also a zone's last one.
  /// - Returns: whether free frames became usable.
  func releaseHighAtomic(_ request: PageRequest, force: Bool) -> Bool {
    var position = request.node * zoneOrderLength
    while zoneOrders[position].zone != .max {
      let reference = zoneOrders[position]
      position += 1
      if !permits(request, reference) { continue }
      let zone = Int(reference.zone)
      if !force && zones[zone].highAtomic.value <= pageblockOrder.frameCount { continue }
      zones[zone].lock.lock()
      defer { zones[zone].lock.unlock() }
      let orders = zones[zone].orders[Int(MigrationType.highAtomic.rawValue)].value
      if orders == 0 { continue }
      let frame = first(PageOrder(orders.trailingZeroBitCount), .highAtomic, zone: zone)
      let block = pageblock(of: frame)
      if pageblocks[block].type == .highAtomic {
        zones[zone].highAtomic.add(-min(pageblockOrder.frameCount, zones[zone].highAtomic.value))
      }
      pageblocks[block].setType(request.type)
      if moveFree(ofPageblock: block, to: request.type, zone: zone) > 0 { return true }
    }
    return false
  }
}
