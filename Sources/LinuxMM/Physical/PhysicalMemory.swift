/// The machine's frames and zones, and the buddy system that hands frames out.
///
/// Allocation and freeing are O(orders) = O(11). One lock covers it, held by whoever holds the machine.
struct PhysicalMemory: ~Copyable {
  /// One element per frame from 0 to the end of RAM.
  var frames: LazyTable<Frame>
  /// Indexed by ``ZoneKind``.
  var zones: InlineArray<3, Zone>
  var statistics = Statistics()
  /// Frames of RAM.
  let presentFrames: Int
  let end: FrameNumber

  /// Builds zones and free lists for `map`.
  ///
  /// - Returns: `nil` when `source` cannot hold the metadata.
  /// - Complexity: O(ranges of the map); the metadata of unused frames is not touched.
  init?(map: MemoryMap, metadata source: MemorySource) {
    guard let frames = LazyTable<Frame>(count: Int(map.end.rawValue), from: source) else { return nil }
    self.frames = frames
    zones = [Zone(kind: .dma), Zone(kind: .dma32), Zone(kind: .normal)]
    presentFrames = map.presentFrames
    end = map.end
    for range in map.usable {
      for kind in ZoneKind.allCases {
        let part = range.clipped(to: kind.bounds)
        if part.count == 0 { continue }
        zones[kind.rawValue].span.start = min(zones[kind.rawValue].span.start, part.start)
        zones[kind.rawValue].span.end = max(zones[kind.rawValue].span.end, part.end)
        zones[kind.rawValue].present += part.count
      }
    }
    for range in map.free() {
      for kind in ZoneKind.allCases {
        let part = range.clipped(to: kind.bounds)
        if part.count > 0 { release(part, to: kind.rawValue) }
      }
    }
    setWatermarks(
      minimumFreeKilobytes: Watermarks.defaultMinimumFreeKilobytes(managedFrames: managedFrames))
  }

  /// Frames the buddy system was given at boot. Linux: `totalram_pages`.
  var managedFrames: Int { zones[0].managed + zones[1].managed + zones[2].managed }

  var freeFrames: Int { zones[0].free + zones[1].free + zones[2].free }

  /// Gives a range of never-used frames to zone `index`, whole blocks of the largest order unwritten.
  private mutating func release(_ range: FrameRange, to index: Int) {
    let block = UInt32(PageOrder.largest.frameCount)
    zones[index].managed += range.count
    zones[index].free += range.count
    var frame = range.start.rawValue
    let end = range.end.rawValue
    while frame < end {
      if frame % block == 0 && end - frame >= block {
        let runEnd = end / block * block
        zones[index].pristine.append(FrameRange(FrameNumber(frame), FrameNumber(runEnd)))
        frame = runEnd
        continue
      }
      var order = PageOrder.largest
      while frame % UInt32(order.frameCount) != 0 || end - frame < UInt32(order.frameCount) {
        order = PageOrder(order.index - 1)
      }
      append(FrameNumber(frame), order: order, zone: index, atTail: true)
      frame += UInt32(order.frameCount)
    }
  }

  /// Sets every zone's marks and reserves (`mm/page_alloc.c:__setup_per_zone_wmarks`,
  /// `setup_per_zone_lowmem_reserve`).
  mutating func setWatermarks(minimumFreeKilobytes: Int) {
    let total = max(managedFrames, 1)
    let wanted = minimumFreeKilobytes / 4
    let ratios: InlineArray<3, Int> = [256, 256, 32]
    for index in 0..<ZoneKind.count {
      let managed = zones[index].managed
      let share = wanted * managed / total
      let step = max(share / 4, managed * 10 / 10_000)
      zones[index].watermarks.minimum = share
      zones[index].watermarks.low = share + step
      zones[index].watermarks.high = share + 2 * step
      var above = 0
      for higher in 0..<ZoneKind.count {
        if higher > index { above += zones[higher].managed }
        zones[index].watermarks.reserve[higher] =
          higher > index && managed > 0 ? above / ratios[index] : 0
      }
    }
  }
}
