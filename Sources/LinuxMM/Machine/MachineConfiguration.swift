/// The machine to be modelled. Every machine that this type can hold is one that can exist.
public struct MachineConfiguration: Sendable {
  public let physical: PhysicalConfiguration
  public let tlb: TLBConfiguration
  public let pageTables: PageTableGeometry
  /// Whether files are taken to be in the page cache already, or must be read from the disk first.
  public let startsWarm: Bool
  /// The most bytes any stack may grow to; `nil` leaves each program its own limit (RLIMIT_STACK).
  public let stackLimit: UInt64?
  public let costs: CostModel
  /// The rules of address spaces.
  public var virtualMemory = VirtualMemorySettings()

  /// Swap areas, in the order in which they are switched on.
  public var swap: [SwapConfiguration] = []
  /// How pages are compressed, in areas that hold them so and in the cache in front of all areas, if there is one.
  public var compression = CompressionModel.usual
  public var compressedCache: CompressedCacheSettings?
  /// The rules of reclaim.
  public var reclaim = ReclaimSettings()

  /// The limits of the control group that programs are put into; `nil` leaves them in the root.
  public var programLimits: GroupLimits?

  /// Whether and how pages follow the processors that use them.
  public var balancing = BalancingSettings()
  /// The kernel's heap, of as many processors as the machine has.
  public var heap: HeapSettings

  public var memoryMap: MemoryMap { physical.map }
  /// Installed RAM in bytes.
  public var ramBytes: UInt64 { physical.installedBytes }
  public var processors: Int { physical.topology.nodeOfProcessor.count }

  /// RAM that the kernel keeps from the buddy system, in bytes.
  public var kernelBytes: UInt64 {
    memoryMap.reserved.reduce(0) { $0 + UInt64($1.count) * PageSize.bytes }
  }

  /// Why a machine cannot exist.
  public enum Impossible: Error, Equatable, Sendable {
    case ramOutOfRange
    case processorsOutOfRange
    case kernelTooLarge
    case stackLimitTooSmall
    /// Five levels of page tables on a 32-bit machine.
    case fiveLevelsNeed64Bits
    case physical(PhysicalConfiguration.Problem)
  }

  public static let smallestRAM: UInt64 = 8 << 20
  public static let largestRAM: UInt64 = 15 << 40
  public static let mostProcessors = 64
  /// The limit of a program that came without one: 8 MiB.
  public static let usualStackLimit: UInt64 = 8 << 20

  /// - Parameters:
  ///   - physical: memory and processors, 8 MiB to 15 TiB and 1 to 64.
  ///   - tlb: the translation buffers of each processor.
  ///   - fiveLevels: whether addresses have 57 bits (LA57).
  ///   - startsWarm: whether files are in the page cache already.
  ///   - stackLimit: at least 4096, or `nil`: each program's own.
  ///   - costs: what things cost on the machine's clock.
  public init(
    physical: PhysicalConfiguration, tlb: TLBConfiguration = TLBConfiguration(), fiveLevels: Bool = false,
    startsWarm: Bool = false,
    stackLimit: UInt64? = nil, costs: CostModel = CostModel()
  ) throws(Impossible) {
    guard (Self.smallestRAM...Self.largestRAM).contains(physical.installedBytes) else { throw .ramOutOfRange }
    guard (1...Self.mostProcessors).contains(physical.topology.nodeOfProcessor.count) else {
      throw .processorsOutOfRange
    }
    guard stackLimit ?? PageSize.bytes >= PageSize.bytes else { throw .stackLimitTooSmall }
    self.physical = physical
    guard !fiveLevels || physical.map.architecture == .x86_64 else { throw .fiveLevelsNeed64Bits }
    self.tlb = tlb
    pageTables = PageTableGeometry(physical.map.architecture, fiveLevels: fiveLevels)
    self.startsWarm = startsWarm
    self.stackLimit = stackLimit
    self.costs = costs
    heap = HeapSettings(processors: physical.topology.nodeOfProcessor.count)
  }

  /// A PC with one node.
  ///
  /// - Parameters:
  ///   - ramBytes: 8 MiB to 15 TiB.
  ///   - kernelBytes: see ``PhysicalConfiguration/pc(_:kernelBytes:nodeOfProcessor:distances:settings:movable:architecture:lowMemoryEnd:contiguousBytes:)``.
  ///   - processors: 1 to 64.
  public init(
    ramBytes: UInt64, kernelBytes: UInt64? = nil, processors: Int = 1,
    tlb: TLBConfiguration = TLBConfiguration(), startsWarm: Bool = false,
    stackLimit: UInt64? = nil, costs: CostModel = CostModel()
  ) throws(Impossible) {
    guard ramBytes >= Self.smallestRAM, ramBytes <= Self.largestRAM else { throw .ramOutOfRange }
    guard (1...Self.mostProcessors).contains(processors) else { throw .processorsOutOfRange }
    guard kernelBytes ?? 0 <= ramBytes / 4 * 3 else { throw .kernelTooLarge }
    let physical: PhysicalConfiguration
    do throws(PhysicalConfiguration.Problem) {
      physical = try .pc(
        [ramBytes], kernelBytes: kernelBytes, nodeOfProcessor: [Int](repeating: 0, count: processors))
    } catch {
      throw .physical(error)
    }
    try self.init(physical: physical, tlb: tlb, startsWarm: startsWarm, stackLimit: stackLimit, costs: costs)
  }
}
