/// Physical memory to be: where RAM is, whose it is and how it is managed.
public struct PhysicalConfiguration: Sendable {
  public var map: MemoryMap
  /// RAM in bytes, as built in: what firmware keeps to itself is in it, but not in the map.
  public var installedBytes: UInt64
  public var topology: NodeTopology
  public var settings: MemorySettings
  /// Areas for large contiguous blocks, set aside at boot. Linux: `cma=`.
  public var contiguousAreas: [ContiguousArea]

  /// Frames that the kernel has taken from the buddy system when the machine starts, and keeps.
  public var inUse: [ZoneUse] = []

  /// Frames of a zone.
  public struct ZoneUse: Hashable, Sendable {
    public var node: Int
    public var kind: ZoneKind
    public var frames: Int
    /// Those of them in pageblocks for memory that shrinkers give back, and in pageblocks for movable pages.
    public var reclaimable: Int
    public var movable: Int

    public init(node: Int, kind: ZoneKind, frames: Int, reclaimable: Int = 0, movable: Int = 0) {
      self.node = node
      self.kind = kind
      self.frames = frames
      self.reclaimable = reclaimable
      self.movable = movable
    }
  }

  /// Why physical memory cannot be as described.
  public enum Problem: Error, Equatable, Sendable {
    case map(MemoryMap.Problem)
    case topology(NodeTopology.Problem)
    /// An area does not consist of whole pageblocks that the buddy system has, or there is no room for it.
    case contiguousArea(bytes: UInt64)
  }

  /// - Parameters:
  ///   - map: where RAM is.
  ///   - topology: at least as many nodes as the map; one node with one processor if not given.
  ///   - contiguousBytes: sizes of areas for contiguous blocks, each placed as high as it goes in Normal, DMA32 or DMA
  ///     memory; rounded up to whole pageblocks.
  public init(
    map: MemoryMap, topology: NodeTopology? = nil, settings: MemorySettings = MemorySettings(),
    contiguousBytes: [UInt64] = []
  ) throws(Problem) {
    var given = topology
    if given == nil { given = try Self.plainTopology(nodeCount: map.nodeCount) }
    guard let topology = given else { throw .topology(.noProcessor) }
    guard topology.nodeCount >= map.nodeCount else { throw .topology(.nodesOutOfRange(topology.nodeCount)) }
    for node in 0..<topology.nodeCount where !topology.hasProcessor(node) {
      if !map.regions.contains(where: { $0.node == node }) { throw .topology(.emptyNode(node)) }
    }
    self.map = map
    installedBytes = UInt64(map.presentFrames) * PageSize.bytes
    self.topology = topology
    self.settings = settings
    contiguousAreas = []
    for bytes in contiguousBytes {
      guard let range = map.roomForArea(bytes, besides: contiguousAreas.map { $0.range }) else {
        throw .contiguousArea(bytes: bytes)
      }
      contiguousAreas.append(ContiguousArea(range: range))
    }
  }

  private static func plainTopology(nodeCount: Int) throws(Problem) -> NodeTopology {
    do throws(NodeTopology.Problem) { return try NodeTopology(nodeCount: nodeCount) } catch { throw .topology(error) }
  }
}

extension MemoryMap {
  /// The highest whole pageblocks of Normal, DMA32 or DMA memory that are free at boot and hold `bytes`.
  func roomForArea(_ bytes: UInt64, besides others: [FrameRange]) -> FrameRange? {
    let block = UInt32(architecture.pageblockOrder.frameCount)
    let frames = UInt32(truncatingIfNeeded: (bytes + PageSize.mask) >> UInt64(PageSize.shift))
    let size = (frames + block - 1) / block * block
    guard bytes > 0, UInt64(size) << UInt64(PageSize.shift) >= bytes else { return nil }
    for kind in [ZoneKind.normal, .dma32, .dma] {
      for region in regions.reversed() {
        for range in free(region).reversed() {
          let part = range.clipped(to: bounds(kind, node: region.node))
          var end = part.end.rawValue / block * block
          while end >= size && end - size >= part.start.rawValue && part.count > 0 {
            let candidate = FrameRange(FrameNumber(end - size), FrameNumber(end))
            if !others.contains(where: { $0.clipped(to: candidate).count > 0 }) { return candidate }
            end -= block
          }
        }
      }
    }
    return nil
  }
}

extension PhysicalConfiguration {
  /// A PC.
  ///
  /// - Parameters:
  ///   - bytes: RAM of each node, 0 for a node that has only processors.
  ///   - kernelBytes: RAM the kernel takes for itself; `nil` takes 24 MiB and 64 bytes for each frame, or a quarter of
  ///     the RAM if that is less.
  ///   - nodeOfProcessor: the node of each processor.
  ///   - distances: between the nodes, row by row.
  ///   - movable: how much memory only movable pages may use.
  public static func pc(
    _ bytes: [UInt64], kernelBytes: UInt64? = nil, nodeOfProcessor: [Int] = [0], distances: [Int]? = nil,
    settings: MemorySettings = MemorySettings(), movable: MovableMemory = .none,
    architecture: Architecture = .x86_64, lowMemoryEnd: FrameNumber = Architecture.usualLowMemoryEnd,
    contiguousBytes: [UInt64] = []
  ) throws(Problem) -> PhysicalConfiguration {
    let total = bytes.reduce(0, +)
    let image: UInt64
    let perFrame: UInt64
    if let kernelBytes {
      image = kernelBytes
      perFrame = 0
    } else {
      image = min(24 << 20, total / 4)
      perFrame = total / 64 + image <= total / 4 ? 64 : 0
    }
    var map: MemoryMap
    do throws(MemoryMap.Problem) {
      map = try MemoryMap.pc(
        bytes, imageBytes: image & ~PageSize.mask, frameBytes: perFrame, architecture: architecture,
        lowMemoryEnd: lowMemoryEnd)
    } catch {
      throw .map(error)
    }
    map.setMovable(movable)
    let topology: NodeTopology
    do throws(NodeTopology.Problem) {
      topology = try NodeTopology(
        nodeCount: bytes.count, nodeOfProcessor: nodeOfProcessor, distances: distances)
    } catch {
      throw .topology(error)
    }
    var configuration = try PhysicalConfiguration(
      map: map, topology: topology, settings: settings, contiguousBytes: contiguousBytes)
    configuration.installedBytes = total
    return configuration
  }
}
