import LinuxMM

/// Swap areas and the sysctls of reclaim, under their names.
struct ReclaimOptions {
  private var settings = ReclaimSettings()
  private var areas: [(bytes: UInt64, priority: Int?, device: String?)] = []
  private var device = "nvme"
  private var compressedBytes = CompressionModel.usual.bytes
  private var cache = CompressedCacheSettings()
  private var hasCache = false
  private var failingRequest = 0

  private var group = GroupOptions()

  static let keys =
    [
      "swap", "swap.device", "swap.failing_request", "compression.ratio", "zswap.enabled", "zswap.max_pool_percent",
      "zswap.accept_threshold_percent", "zswap.zpool", "vm.swappiness", "vm.page-cluster", "vma_ra_enabled",
      "vm.dirty_ratio",
      "vm.dirty_background_ratio", "vm.dirty_expire_centisecs", "vm.dirty_writeback_centisecs", "vm.panic_on_oom",
      "vm.oom_kill_allocating_task", "vm.zone_reclaim_mode", "vm.min_unmapped_ratio", "vm.min_slab_ratio",
      "lru_gen.enabled", "lru_gen.min_ttl_ms",
    ] + GroupOptions.keys

  private static let devices: [(name: String, model: DeviceModel)] = [
    ("nvme", .nvme), ("ssd", .ssd), ("disk", .disk), ("virtual", .virtual),
  ]

  /// Names of devices; zram is none, but memory.
  private static let deviceNames = devices.map(\.name) + ["zram"]

  /// Sets one key.
  ///
  /// - Returns: `false` if it is none of these.
  mutating func set(_ key: String, _ value: String, _ wrong: (_ accepted: String) -> Failure) throws -> Bool {
    func number(_ range: ClosedRange<Int>) throws -> Int { try SettingValue.number(value, range, wrong) }
    switch key {
    case "swap":
      areas = try value.split(separator: ",", omittingEmptySubsequences: false).map { text in
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let priority = parts.count > 1 ? Int(parts[1]) : nil
        let device = parts.count > 2 ? String(parts[2]) : nil
        guard (1...3).contains(parts.count), parts.count == 1 || priority != nil,
          device.map({ Self.deviceNames.contains($0) }) ?? true,
          let bytes = ByteSize(argument: String(parts[0]))?.bytes,
          SwapConfiguration(bytes: bytes, priority: priority) != nil
        else {
          throw wrong(
            "SIZE, SIZE:PRIORITY or SIZE:PRIORITY:DEVICE with 40K to 512G, 0 to 32767 and "
              + "\(Self.deviceNames.joined(separator: ", ")), such as 1G, 512M:10 or 256M:100:zram, joined by commas")
        }
        return (bytes, priority, device)
      }
      guard areas.count <= SwapConfiguration.mostAreas else {
        throw wrong("at most \(SwapConfiguration.mostAreas) areas")
      }
    case "swap.device":
      guard Self.deviceNames.contains(value) else {
        throw wrong(Self.deviceNames.map { "'\($0)'" }.joined(separator: ", "))
      }
      device = value
    case "compression.ratio":
      guard let ratio = Double(value), (1...4096).contains(ratio) else {
        throw wrong("a number from 1 to 4096, such as 2.5")
      }
      compressedBytes = Int((4096 / ratio).rounded())
    case "zswap.enabled": hasCache = try number(0...1) == 1
    case "zswap.max_pool_percent": cache.mostPercent = try number(0...100)
    case "zswap.accept_threshold_percent": cache.acceptPercent = try number(0...100)
    case "zswap.zpool":
      guard let allocator = CompressedAllocator(rawValue: value) else {
        throw wrong(CompressedAllocator.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", "))
      }
      cache.allocator = allocator
    case "swap.failing_request": failingRequest = try number(0...Int(Int32.max))
    case "vm.swappiness": settings.swappiness = try number(0...200)
    case "vm.page-cluster": settings.pageCluster = try number(0...10)
    case "vma_ra_enabled": settings.readsAheadByArea = try number(0...1) == 1
    case "vm.dirty_ratio": settings.dirtyRatio = try number(0...100)
    case "vm.dirty_background_ratio": settings.dirtyBackgroundRatio = try number(0...100)
    case "vm.dirty_expire_centisecs": settings.expireCentiseconds = try number(1...Int(Int32.max))
    case "vm.dirty_writeback_centisecs": settings.writebackCentiseconds = try number(0...Int(Int32.max))
    case "vm.panic_on_oom": settings.panicsOnOutOfMemory = try number(0...2)
    case "vm.oom_kill_allocating_task": settings.killsAllocatingTask = try number(0...1) == 1
    case "vm.zone_reclaim_mode": settings.zoneReclaimMode = try number(0...7)
    case "vm.min_unmapped_ratio": settings.leastUnmappedPercent = try number(0...100)
    case "vm.min_slab_ratio": settings.leastSlabPercent = try number(0...100)
    case "lru_gen.enabled":
      let mask = value == "y" ? 7 : value == "n" ? 0 : Int(value)
      guard let mask, (0...7).contains(mask) else { throw wrong("y, n, or a mask of 0 to 7") }
      settings.generations.isOn = mask & 1 != 0
      settings.generations.walksTables = mask & 2 != 0
      settings.generations.usesUpperMarks = mask & 4 != 0
    case "lru_gen.min_ttl_ms": settings.generations.shortestLife = try number(0...Int(Int32.max))
    default: return try group.set(key, value, wrong)
    }
    return true
  }

  func apply(to configuration: inout MachineConfiguration) {
    configuration.reclaim = settings
    configuration.programLimits = group.limits
    configuration.compression = CompressionModel(bytes: compressedBytes)
    configuration.compressedCache = hasCache ? cache : nil
    configuration.swap = areas.compactMap {
      let name = $0.device ?? device
      let model = Self.devices.first { $0.name == name }?.model ?? .virtual
      var area = SwapConfiguration(bytes: $0.bytes, priority: $0.priority, device: model)
      area?.isCompressed = name == "zram"
      area?.failingRequest = failingRequest
      return area
    }
  }
}
