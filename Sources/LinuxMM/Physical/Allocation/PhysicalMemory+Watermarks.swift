/// Marks, reserves and the sizes of the processors' lists.
extension PhysicalMemory {
  /// What the kernel sets at boot: `min_free_kbytes` from the amount of memory, then everything that follows from it.
  mutating func setWatermarksAtBoot() {
    minimumFreeKilobytes = settings.minimumFreeKilobytes ?? defaultMinimumFreeKilobytes()
    setWatermarks()
    if settings.minimumFreeKilobytes == nil, let recommended = recommendedForHugePages(),
      recommended > minimumFreeKilobytes
    {
      minimumFreeKilobytes = recommended
      setWatermarks()
    }
  }

  /// Frames of a node's zones up to Normal, less their high marks (`mm/page_alloc.c:nr_free_zone_pages`).
  private var lowMemoryFrames: Int {
    var sum = 0
    for index in 0..<zones.count where zones[index].kind <= .normal {
      sum += max(0, zones[index].managed - zones[index].watermarks.high)
    }
    return sum
  }

  /// 4·√(KiB of low memory), within 128 to 262144 (`mm/page_alloc.c:calculate_min_free_kbytes`).
  private func defaultMinimumFreeKilobytes() -> Int {
    min(max(squareRoot(16 * 4 * lowMemoryFrames), 128), 262_144)
  }

  /// What keeps two pageblocks of each kind free and room for fallbacks of each kind on each other, at most 5 % of
  /// low memory; `nil` without transparent huge pages (`mm/khugepaged.c:set_recommended_min_free_kbytes`).
  private func recommendedForHugePages() -> Int? {
    guard settings.hugePages, managedFrames >= 512 << 8 else { return nil }
    var populated = 0
    for index in 0..<zones.count where zones[index].kind <= .normal { populated += 1 }
    let block = pageblockOrder.frameCount
    return min(block * populated * 2 + block * populated * 9, lowMemoryFrames / 20) * 4
  }

  /// Sets every zone's marks, reserves and list sizes from the settings
  /// (`mm/page_alloc.c:__setup_per_zone_wmarks`, `setup_per_zone_lowmem_reserve`).
  public mutating func setWatermarks() {
    var lowMemory = 0
    for index in 0..<zones.count where !isHighMemory(zones[index].kind) { lowMemory += zones[index].managed }
    let wanted = minimumFreeKilobytes / 4
    for index in 0..<zones.count {
      let managed = zones[index].managed
      let share = wanted * managed / max(lowMemory, 1)
      let minimum = isHighMemory(zones[index].kind) ? min(max(managed / 1024, 32), 128) : share
      let step = max(share / 4, managed * settings.watermarkScaleFactor / 10_000)
      zones[index].boost.set(0)
      zones[index].watermarks.minimum = minimum
      zones[index].watermarks.low = minimum + step
      zones[index].watermarks.high = minimum + 2 * step
      zones[index].watermarks.promotion = minimum + 3 * step
      for kind in ZoneKind.allCases {
        zones[index].watermarks.reserve[kind.rawValue] = reserve(zone: index, against: kind)
      }
      setListSizes(zone: index)
    }
  }

  /// Whether the kernel does not map zones of a kind all the time: HighMem, and Movable where that is cut from HighMem.
  /// Linux: `is_highmem`.
  func isHighMemory(_ kind: ZoneKind) -> Bool {
    if kind == .movable && settings.limitsMovableMarks { return true }
    if map.architecture == .x86_64 { return false }
    if kind == .highmem { return true }
    return kind == .movable && map.end > map.lowMemoryEnd
  }

  /// Frames kept from requests that could use a zone of `kind`: the memory of the node's zones above this one up to
  /// that, divided by the zone's ratio.
  private func reserve(zone: Int, against kind: ZoneKind) -> Int {
    let ratio = settings.reserveRatios[zones[zone].kind.rawValue]
    guard kind > zones[zone].kind, ratio > 0, zones[zone].managed > 0 else { return 0 }
    var above = 0
    for other in 0..<zones.count
    where zones[other].node == zones[zone].node && zones[other].kind > zones[zone].kind && zones[other].kind <= kind {
      above += zones[other].managed
    }
    return above / ratio
  }

  /// How much the processors' lists hold and move at a time (`mm/page_alloc.c:zone_batchsize`, `zone_highsize`).
  private func setListSizes(zone: Int) {
    let managed = zones[zone].managed
    let base = max(min(managed >> 10, 256) / 4, 1)
    let rounded = base + base / 2
    zones[zone].listBatch = max(1 << (Int.bitWidth - 1 - rounded.leadingZeroBitCount) - 1, 1)
    let total =
      settings.processorListFraction > 0 ? managed / settings.processorListFraction : zones[zone].watermarks.low
    let processors = topology.processorCount(of: zones[zone].node)
    zones[zone].listHigh = max(total / (processors > 0 ? processors : processorCount), 4 * zones[zone].listBatch)
    zones[zone].limitLists(isReclaimed: false)
  }

  /// Memory that cannot be given to programs without waking reclaim (`mm/page_alloc.c:calculate_totalreserve_pages`).
  var reservedFrames: Int {
    var sum = 0
    for index in 0..<zones.count {
      var most = 0
      for kind in 0..<ZoneKind.count { most = max(most, zones[index].watermarks.reserve[kind]) }
      sum += min(zones[index].managed, most + zones[index].watermarks.high + zones[index].boost.value)
    }
    return sum
  }
}
