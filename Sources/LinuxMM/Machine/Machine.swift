/// A whole machine: RAM, processors, address spaces and processes, driven by the events of programs.
///
/// It has no threads and takes no locks: whoever owns the value feeds it one event after another, and
/// the same events give the same results.
public struct Machine<P: Platform & ~Copyable>: ~Copyable {
  public let configuration: MachineConfiguration
  var spaces: AddressSpaces<P>
  var processes: Pool<Process>
  /// Frames the kernel holds through ``allocatePages(_:_:processor:node:)``.
  var kernelFrames = 0
  /// The group that programs begin in.
  var programGroup: UInt16 = 0
  /// The paths of files by their places, empty where they are not known.
  var fileNames: [[UInt8]] = []
  /// The names of processes by their places, and the paths of control groups, empty where they are not known.
  var processNames: [[UInt8]] = []
  var groupPaths: [[UInt8]] = []
  /// Attachments of System V segments so far.
  var attachments: UInt32 = 0
  /// When the background compactors run next.
  var nextCompaction: UInt64 = 500_000_000_000
  /// NUMA balancing as far as it is the scheduler's.
  var balancing: Balancing
  /// The figures of areas, and where those of the areas used last are.
  var areaFigureTable = Pool<AreaFigures>()
  let areaLookasides = Table<AreaLookaside>(count: AreaLookaside.count) { _ in AreaLookaside() }
  /// Accesses that wait for a userfaultfd. Linux: `fault_pending_wqh` and `fault_wqh` of all of them.
  var waitingFaults: [UserFault] = []
  /// Whether an access or a reading that has to wait for a disk ends there, for whoever drives the machine to let others run
  /// meanwhile; else the machine waits.
  public var sharesTime = false
  /// Whose figures the buffers' are now.
  var owner = TranslationOwner()
  /// Translations whose cost is on the clock already.
  var paidSecondLevelHits: UInt64 = 0
  var paidWalkReferences: UInt64 = 0
  /// Whether it ended since nobody was left to kill.
  public internal(set) var hasPanicked = false
  public internal(set) var outOfMemoryEvents: [OutOfMemoryEvent] = []
  /// Events of processes that the machine had killed before.
  public internal(set) var eventsAfterKill: UInt64 = 0

  /// Why a machine could not be set up on this host.
  public enum SetupFailure: Error, Sendable {
    /// The host has no address space for the machine's metadata.
    case noHostMemory
    /// The machine's RAM is too small for its first frame.
    case noFrame
  }

  public init(
    _ configuration: MachineConfiguration, platform: consuming P, metadata source: MemorySource
  ) throws(SetupFailure) {
    guard
      let memory = PhysicalMemory(configuration.physical, metadata: source),
      let processors = Processors(
        count: configuration.processors, configuration: configuration.tlb, geometry: configuration.pageTables,
        from: source),
      let swap = SwapSpace(
        configuration.swap, configuration.compression, cache: configuration.compressedCache,
        processors: configuration.processors, holdsContents: platform.holdsContents, from: source)
    else { throw .noHostMemory }
    let translation = Translation(platform: platform, memory: memory, processors: processors)
    do throws(AllocationFailure) {
      spaces = try AddressSpaces(
        translation: translation, cache: PageCache(startsWarm: configuration.startsWarm), swap: swap,
        settings: configuration.virtualMemory, costs: configuration.costs, heap: configuration.heap)
      spaces.reclaimSettings = configuration.reclaim
      if let settings = configuration.compressedCache { spaces.reclaimSettings.compressedCache = settings }
      spaces.memory.keepGenerations(configuration.reclaim.generations.isOn)
      spaces.planFlush()
    } catch {
      throw .noFrame
    }
    self.configuration = configuration
    balancing = Balancing(configuration.balancing, nodeCount: configuration.physical.topology.nodeCount)
    processes = Pool()
    if let limits = configuration.programLimits { programGroup = spaces.memory.makeGroup(parent: 0, limits) ?? 0 }
    for use in configuration.physical.inUse { occupy(use) }
  }

  /// The rules of address spaces, which may be changed while the machine runs.
  public var virtualMemory: VirtualMemorySettings {
    get { spaces.settings }
    set { spaces.settings = newValue }
  }

  /// Whether and how pages are kept by generations, which may be changed while the machine runs.
  public var generations: GenerationSettings {
    get { spaces.reclaimSettings.generations }
    set {
      spaces.reclaimSettings.generations = newValue
      spaces.memory.keepGenerations(newValue.isOn)
    }
  }

  /// The processor that runs now: what system calls allocate and flush, they do from there.
  public var processor: Int {
    get { spaces.translation.memory.processor }
    set { spaces.translation.memory.processor = newValue }
  }

  /// In picoseconds since boot.
  var clock: UInt64 {
    get { spaces.clock }
    set { spaces.clock = newValue }
  }

  /// Time since boot on the machine's own clock.
  public var nanoseconds: UInt64 { clock / 1000 }

  /// A time of the clock in nanoseconds, not before it.
  func nanoseconds(_ time: UInt64) -> UInt64 { (time &+ 999) / 1000 }

  /// The processes that ever ran, in the order they started.
  public var processCount: Int { processes.limit }

  /// The process that started as number `number`, from 0.
  public func process(number: Int) -> Process { process(ProcessIndex(UInt32(number))) }

  /// The place of the process that started as number `number`, from 0.
  public func processIndex(number: Int) -> ProcessIndex { ProcessIndex(UInt32(number)) }

  public func process(_ index: ProcessIndex) -> Process {
    var process = processes[index.rawValue]
    process.translation = translationFigures(of: index)
    if process.isAlive {
      let descriptor = spaces.descriptors[process.space.rawValue]
      process.resident = descriptor.resident
      process.swapped = descriptor.swapped
      process.peakResident = max(process.peakResident, descriptor.peakResident)
      process.peakTotal = descriptor.peakTotal
      process.tablePages = descriptor.tables
    }
    return process
  }

  public var tlbStatistics: TLBStatistics { spaces.translation.processors.statistics }
}

extension Machine where P: ~Copyable {
  /// Page faults so far, `pgfault`.
  public var faultCount: UInt64 { spaces.translation.memory.statistics.faults }

  /// Pages that reclaim has looked at and taken so far, that of groups with it: `pgscan_anon` and `pgscan_file`, `pgsteal_anon`
  /// and `pgsteal_file`.
  public var reclaimCounts: (scanned: UInt64, stolen: UInt64) {
    let figures = spaces.translation.memory.statistics
    return (figures.anonymousScans &+ figures.fileScans, figures.anonymousSteals &+ figures.fileSteals)
  }

  /// Page faults so far that read from a disk, `pgmajfault`.
  public var majorFaultCount: UInt64 { spaces.translation.memory.statistics.majorFaults }
}
