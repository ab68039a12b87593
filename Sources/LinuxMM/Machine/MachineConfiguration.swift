/// The machine to be modelled. Every machine that this type can hold is one that can exist.
public struct MachineConfiguration: Sendable {
  /// Installed RAM in bytes.
  public let ramBytes: UInt64
  public let processors: Int
  public let tlb: TLBConfiguration
  /// Whether files are taken to be in the page cache already, or must be read from the disk first.
  public let startsWarm: Bool
  /// The most bytes any stack may grow to; `nil` leaves each program its own limit (RLIMIT_STACK).
  public let stackLimit: UInt64?
  public let costs: CostModel
  public let memoryMap: MemoryMap

  /// RAM that the kernel keeps from the buddy system, in bytes.
  public var kernelBytes: UInt64 {
    memoryMap.reserved.reduce(0) { $0 + UInt64($1.count) * PageSize.bytes }
  }

  /// Why a machine cannot exist.
  public enum Impossible: Error, Sendable {
    case ramOutOfRange
    case processorsOutOfRange
    case kernelTooLarge
    case stackLimitTooSmall
  }

  public static let smallestRAM: UInt64 = 8 << 20
  public static let largestRAM: UInt64 = 15 << 40
  public static let mostProcessors = 64
  /// The limit of a program that came without one: 8 MiB.
  public static let usualStackLimit: UInt64 = 8 << 20

  /// - Parameters:
  ///   - ramBytes: 8 MiB to 15 TiB.
  ///   - kernelBytes: at most three quarters of the RAM; `nil` takes 1/64 of the RAM for the frames'
  ///     metadata plus 24 MiB, or a quarter of the RAM if that is less.
  ///   - processors: 1 to 64.
  ///   - tlb: the translation buffers of each processor.
  ///   - startsWarm: whether files are in the page cache already.
  ///   - stackLimit: at least 4096, or `nil`: each program's own.
  ///   - costs: what things cost on the machine's clock.
  public init(
    ramBytes: UInt64, kernelBytes: UInt64? = nil, processors: Int = 1,
    tlb: TLBConfiguration = TLBConfiguration(), startsWarm: Bool = false,
    stackLimit: UInt64? = nil, costs: CostModel = CostModel()
  ) throws(Impossible) {
    guard ramBytes >= Self.smallestRAM, ramBytes <= Self.largestRAM else { throw .ramOutOfRange }
    guard processors >= 1, processors <= Self.mostProcessors else { throw .processorsOutOfRange }
    guard stackLimit ?? PageSize.bytes >= PageSize.bytes else { throw .stackLimitTooSmall }
    let kernel = kernelBytes ?? min(ramBytes / 64 + (24 << 20), ramBytes / 4)
    guard kernel <= ramBytes / 4 * 3 else { throw .kernelTooLarge }
    self.ramBytes = ramBytes & ~PageSize.mask
    self.processors = processors
    self.tlb = tlb
    self.startsWarm = startsWarm
    self.stackLimit = stackLimit
    self.costs = costs
    memoryMap = MemoryMap.pc(bytes: self.ramBytes, kernelBytes: kernel & ~PageSize.mask)
  }

  /// A machine with RAM where `memoryMap` says, as a bare machine finds it at boot.
  public init(memoryMap: MemoryMap, processors: Int = 1) throws(Impossible) {
    let bytes = UInt64(memoryMap.presentFrames) * PageSize.bytes
    guard bytes >= Self.smallestRAM, bytes <= Self.largestRAM else { throw .ramOutOfRange }
    guard processors >= 1, processors <= Self.mostProcessors else { throw .processorsOutOfRange }
    ramBytes = bytes
    self.processors = processors
    tlb = TLBConfiguration()
    startsWarm = false
    stackLimit = nil
    costs = CostModel()
    self.memoryMap = memoryMap
  }
}
