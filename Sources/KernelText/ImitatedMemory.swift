import LinuxMM

/// The physical memory of a real machine, put together from what its kernel prints.
public struct ImitatedMemory: Sendable {
  public var zones: ZoneInfoText
  public var settings = MemorySettings()
  /// The node of each processor; evenly spread over the nodes with memory if not known.
  public var nodeOfProcessor: [Int]
  /// Memory that was freed after the marks were computed, to model an untouched boot.
  public var freedLater: [BootLogText.Freed] = []
  private var ramDisk: UInt64?
  /// Frames known to be free at some time: the kernel's own lie elsewhere.
  public var free: FreeFramesText?
  public var architecture: Architecture
  /// Whether as much memory is to be in use as was when the text was written.
  public var keepsInUse = false

  /// - Parameters:
  ///   - log: tells processors, nodes and architecture.
  ///   - isUntouched: whether marks and reserves are those of boot: they follow from what was managed before the last
  ///     memory was freed, which the log has too.
  public init(_ zones: ZoneInfoText, log: BootLogText? = nil, isUntouched: Bool = false) {
    self.zones = zones
    if isUntouched { freedLater = log?.freedLater ?? [] }
    ramDisk = log?.ramDisk
    settings.limitsMovableMarks = zones.hasVariableLists
    nodeOfProcessor = zones.nodeOfProcessor
    if let log, log.nodeOfProcessor.count == nodeOfProcessor.count { nodeOfProcessor = log.nodeOfProcessor }
    architecture = zones.architecture
    // A kernel without PAE has pageblocks of 4 MiB; only its log tells.
    if architecture != .x86_64, let log { architecture = log.hasPAE ? .i386PAE : .i386 }
  }

  /// - Throws: ``ZoneInfoText/Problem`` or ``PhysicalConfiguration/Problem``.
  public func configuration() throws -> PhysicalConfiguration {
    var text = zones
    for freed in freedLater {
      if let zone = zoneFreedTo(freed) { text.zones[zone].managed -= min(freed.frames, text.zones[zone].managed) }
    }
    let map = try text.memoryMap(architecture, free: free)
    let topology = try NodeTopology(
      nodeCount: max(map.nodeCount, zones.nodeCount, (nodeOfProcessor.max() ?? 0) + 1), nodeOfProcessor: nodeOfProcessor
    )
    var configuration = try PhysicalConfiguration(map: map, topology: topology, settings: settings)
    if keepsInUse {
      configuration.inUse = zones.uses
    }
    return configuration
  }

  /// The RAM disk lay where the log says, the kernel's image from 16 MiB on.
  private func zoneFreedTo(_ freed: BootLogText.Freed) -> Int? {
    let address = freed.isRAMDisk ? ramDisk ?? 16 << 20 : 16 << 20
    let frame = Int(address >> 12)
    return zones.zones.firstIndex { zone in
      guard let start = zone.start, zone.present > 0 else { return false }
      return (start..<(start + zone.spanned)).contains(frame)
    }
  }
}
