import LinuxMM

/// Swap areas and the sysctls of reclaim, under their names.
struct ReclaimOptions {
  private var settings = ReclaimSettings()
  private var areas: [(bytes: UInt64, priority: Int?)] = []
  private var device = DeviceModel.nvme
  private var failingRequest = 0

  private var group = GroupOptions()

  static let keys =
    [
      "swap", "swap.device", "swap.failing_request", "vm.swappiness", "vm.page-cluster", "vma_ra_enabled",
      "vm.dirty_ratio",
      "vm.dirty_background_ratio", "vm.dirty_expire_centisecs", "vm.dirty_writeback_centisecs", "vm.panic_on_oom",
      "vm.oom_kill_allocating_task",
    ] + GroupOptions.keys

  private static let devices: [(name: String, model: DeviceModel)] = [
    ("nvme", .nvme), ("ssd", .ssd), ("disk", .disk), ("virtual", .virtual),
  ]

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
        guard (1...2).contains(parts.count), parts.count == 1 || priority != nil,
          let bytes = ByteSize(argument: String(parts[0]))?.bytes,
          SwapConfiguration(bytes: bytes, priority: priority) != nil
        else {
          throw wrong("SIZE or SIZE:PRIORITY with 40K to 512G and 0 to 32767, such as 1G or 512M:10, joined by commas")
        }
        return (bytes, priority)
      }
      guard areas.count <= SwapConfiguration.mostAreas else {
        throw wrong("at most \(SwapConfiguration.mostAreas) areas")
      }
    case "swap.device":
      guard let device = Self.devices.first(where: { $0.name == value }) else {
        throw wrong(Self.devices.map { "'\($0.name)'" }.joined(separator: ", "))
      }
      self.device = device.model
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
    default: return try group.set(key, value, wrong)
    }
    return true
  }

  func apply(to configuration: inout MachineConfiguration) {
    configuration.reclaim = settings
    configuration.programLimits = group.limits
    configuration.swap = areas.compactMap {
      var area = SwapConfiguration(bytes: $0.bytes, priority: $0.priority, device: device)
      area?.failingRequest = failingRequest
      return area
    }
  }
}
