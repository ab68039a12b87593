/// Which physical addresses are RAM, of which node, and which of it the kernel keeps to itself at boot.
///
/// Linux: the e820 map, the SRAT table and memblock's reserved regions. Every map that this type can hold is
/// one that can exist.
public struct MemoryMap: Sendable {
  /// A range of RAM of one node.
  public struct Region: Hashable, Sendable {
    public var range: FrameRange
    public var node: Int

    public init(_ range: FrameRange, node: Int = 0) {
      self.range = range
      self.node = node
    }
  }

  /// Why a map cannot exist.
  public enum Problem: Error, Equatable, Sendable {
    /// There is no RAM.
    case empty
    /// Two regions of RAM, or two reserved ranges, share frames or do not ascend.
    case overlapping(FrameRange)
    /// A region or reserved range has no frame.
    case emptyRange(FrameRange)
    /// A reserved range does not lie in RAM.
    case reservedOutside(FrameRange)
    /// RAM above what the architecture can address.
    case beyondArchitecture(FrameRange)
    /// A node number above 63.
    case nodeOutOfRange(Int)
    /// Two nodes or two zones would share a pageblock.
    case sharedPageblock(FrameNumber)
  }

  public let architecture: Architecture
  /// RAM, ascending, not overlapping.
  public let regions: [Region]
  /// Parts of RAM that never reach the buddy system, ascending, not overlapping.
  public let reserved: [FrameRange]
  /// One past the last frame that a 32-bit kernel maps all the time; not used on 64-bit machines.
  public let lowMemoryEnd: FrameNumber
  /// Where each node's movable zone begins; none where the list ends or holds `.none`.
  public internal(set) var movableStarts: [FrameNumber]

  /// The most nodes a machine may have.
  public static let mostNodes = 64

  /// - Parameters:
  ///   - regions: ascending, not overlapping, below the architecture's limit; nodes 0 to 63.
  ///   - reserved: ascending, not overlapping, each within one or several regions that touch.
  public init(
    regions: [Region], reserved: [FrameRange], architecture: Architecture = .x86_64,
    lowMemoryEnd: FrameNumber = Architecture.usualLowMemoryEnd, movableStarts: [FrameNumber] = []
  ) throws(Problem) {
    guard !regions.isEmpty else { throw .empty }
    var before: FrameNumber?
    for region in regions {
      if region.range.count == 0 { throw .emptyRange(region.range) }
      if let before, region.range.start < before { throw .overlapping(region.range) }
      if UInt64(region.range.end.rawValue) > architecture.frameLimit { throw .beyondArchitecture(region.range) }
      guard (0..<Self.mostNodes).contains(region.node) else { throw .nodeOutOfRange(region.node) }
      before = region.range.end
    }
    before = nil
    for range in reserved {
      if range.count == 0 { throw .emptyRange(range) }
      if let before, range.start < before { throw .overlapping(range) }
      let inside = regions.reduce(0) { $0 + $1.range.clipped(to: range).count }
      if inside != range.count { throw .reservedOutside(range) }
      before = range.end
    }
    let mask = UInt32(architecture.pageblockOrder.frameCount - 1)
    for index in regions.indices.dropFirst() {
      let left = regions[index - 1]
      let right = regions[index]
      let shared = (left.range.end.rawValue - 1) & ~mask == right.range.start.rawValue & ~mask
      if shared && left.node != right.node { throw .sharedPageblock(right.range.start) }
    }
    for start in movableStarts where start != .none && start.rawValue & mask != 0 {
      throw .sharedPageblock(start)
    }
    self.architecture = architecture
    self.regions = regions
    self.reserved = reserved
    self.lowMemoryEnd = lowMemoryEnd
    self.movableStarts = movableStarts
  }

  /// One past the highest frame of RAM.
  public var end: FrameNumber { regions.last?.range.end ?? FrameNumber(0) }

  /// Frames of RAM, kernel's own included.
  public var presentFrames: Int { regions.reduce(0) { $0 + $1.range.count } }

  /// One more than the highest node that has RAM.
  public var nodeCount: Int { regions.reduce(0) { max($0, $1.node + 1) } }

  /// The parts of a region that reach the buddy system, ascending.
  func free(_ region: Region) -> [FrameRange] {
    var result: [FrameRange] = []
    var start = region.range.start
    for taken in reserved {
      let part = taken.clipped(to: region.range)
      if part.count == 0 { continue }
      if part.start > start { result.append(FrameRange(start, part.start)) }
      start = max(start, part.end)
    }
    if start < region.range.end { result.append(FrameRange(start, region.range.end)) }
    return result
  }

  /// The frames that a zone of a node may have.
  func bounds(_ kind: ZoneKind, node: Int) -> FrameRange {
    let movable = node < movableStarts.count ? movableStarts[node] : .none
    if kind == .movable { return FrameRange(movable, .none) }
    var bounds = kind.bounds(architecture, lowMemoryEnd: lowMemoryEnd)
    bounds.end = min(bounds.end, movable)
    return bounds
  }
}
