import LinuxMM
import TraceIO

/// Everything a run or replay has to tell, in the order and under the names of the JSON form.
///
/// Bytes, counts and nanoseconds are integers. `schema` names the form; its number rises when a key changes its
/// meaning, not when keys are added.
public struct Report: Encodable, Equatable, Sendable {
  public var schema = "quire.report/1"
  public var machine: Machine
  public var program: Program
  /// All programs, where a machine file names several; `program` is the first.
  public var programs: [ProgramTurn]?
  /// The memory control groups, parents first; `/` is the one that flags describe.
  public var groups: [Group] = []
  /// Under the names of `/proc/vmstat`; `nr_` values are those at the end.
  public var vmstat: [String: UInt64]
  /// In bytes, under the names of `/proc/meminfo`, at the end, when all processes are gone.
  public var meminfo: [String: UInt64]
  public var swap: Swap
  /// Of the whole machine, as `/proc/pressure/memory`.
  public var pressure: Pressure
  public var processes: [Process]
  public var tlb: TLB
  /// The areas with most walks, if they were asked for.
  public var tlbAreas: [TLBArea]?
  public var oom: [OutOfMemory]
  public var time: Time
  public var trace: Trace
  public var series: [Point]

  public struct Machine: Encodable, Equatable, Sendable {
    public var ram: UInt64
    public var managed: UInt64
    /// What the kernel keeps of the RAM.
    public var kernelRam: UInt64
    public var cpus: Int
    public var pageCache: String
    /// The processor whose translation buffers it has, `custom` if they are no processor's.
    public var tlb: String
    /// The levels and bits of its page tables' addresses.
    public var pageTableLevels: Int
    public var addressBits: Int
    /// For pages of 4 KiB, as entries:ways, as the next two.
    public var tlbL1i: String
    public var tlbL1d: String
    public var tlbL2: String
    /// All buffers by name; a size without a buffer of its own shares that of 4 KiB or is broken up.
    public var tlbBuffers: [String: String]
    public var pcid: Bool
    /// The most a stack may grow, if the machine sets it for all.
    public var stackLimit: UInt64?
    /// What things cost, in picoseconds, under the keys of the settings.
    public var costPs: [String: UInt64]

    private enum CodingKeys: String, CodingKey {
      case ram, managed, kernelRam, cpus, pageCache, tlb, pageTableLevels, addressBits, tlbBuffers, pcid, stackLimit,
        costPs
      case tlbL1i = "tlb_l1i"
      case tlbL1d = "tlb_l1d"
      case tlbL2 = "tlb_l2"
    }
  }

  /// Swap areas, in bytes: all, what of them was in use at the end, and at most.
  public struct Swap: Encodable, Equatable, Sendable {
    public var total: UInt64
    public var used: UInt64
    public var peak: UInt64
  }

  public struct Program: Encodable, Equatable, Sendable {
    public var argv: [String]
    /// Missing when the recording ends before the program.
    public var exitStatus: Int32?
  }

  /// One of several programs that shared the machine.
  public struct ProgramTurn: Encodable, Equatable, Sendable {
    public var argv: [String]
    public var exitStatus: Int32?
    /// When it was to start.
    public var startNs: UInt64
    /// How long it ran, without its waits.
    public var ranNs: UInt64
    public var group: String?

    public init(argv: [String], exitStatus: Int32?, startNs: UInt64, ranNs: UInt64, group: String?) {
      self.argv = argv
      self.exitStatus = exitStatus
      self.startNs = startNs
      self.ranNs = ranNs
      self.group = group
    }
  }

  /// A memory control group, in bytes at the end and at most; `events` under the names of `memory.events`.
  public struct Group: Encodable, Equatable, Sendable {
    public var path: String
    public var current: UInt64
    public var peak: UInt64
    public var swap: UInt64
    public var events: [String: UInt64]
    /// Under the names of `memory.stat`: bytes at the end, and events.
    public var stat: [String: UInt64]
    public var pressure: Pressure

    public init(_ path: String, _ group: GroupIndex, of machine: inout SimulatedMachine) {
      let figures = machine.figures(of: group)
      var statistics: [String: UInt64] = [:]
      machine.forEachGroupStatistic(group) { statistics["\($0)"] = $1 }
      stat = statistics
      pressure = Pressure(machine.pressure(of: group))
      self.path = path
      current = UInt64(max(figures.usage, 0)) << 12
      peak = UInt64(max(figures.peak, 0)) << 12
      swap = UInt64(max(figures.swap, 0)) << 12
      events = [
        "low": figures.events.low, "high": figures.events.high, "max": figures.events.maximum,
        "oom": figures.events.outOfMemory, "oom_kill": figures.events.kills,
        "oom_group_kill": figures.events.groupKills,
      ]
    }
  }

  public struct Process: Encodable, Equatable, Sendable {
    public var pid: UInt32
    public var ppid: UInt32?
    public var comm: String
    public var exitStatus: Int32?
    public var threads: Int
    public var accesses: UInt64
    public var instructions: UInt64
    public var minFlt: UInt64
    public var majFlt: UInt64
    /// In bytes, as the next ones.
    public var maxRss: UInt64
    public var rss: UInt64
    public var swap: UInt64
    public var vmPeak: UInt64
    public var pageTableBytes: UInt64
    /// Pages and page tables the process would free, in pages.
    public var oomScore: UInt64
    public var oomKilled: Bool
    /// Accesses the model had no memory for.
    public var refusedAccesses: UInt64
    /// Whether it was killed so that its last instructions, up to 250 000 a thread, may be missing.
    public var endUnseen: Bool
    /// Programs it went on as that were not traced.
    public var untraced: [String]
    public var tlb = TLBMisses()
  }

  /// What happened from the first level's misses on.
  public struct TLBMisses: Encodable, Equatable, Sendable {
    public var misses: UInt64 = 0
    public var l2Hits: UInt64 = 0
    public var walks: UInt64 = 0
    public var walkReferences: UInt64 = 0
  }

  /// An area of a process, by its misses of the translation buffers.
  public struct TLBArea: Encodable, Equatable, Sendable {
    public var pid: UInt32
    public var start: UInt64
    public var end: UInt64
    /// As in `/proc/PID/maps`.
    public var perms: String
    /// The file's path, or `[heap]`, `[stack]`, `[anon]`, `[shmem]`.
    public var name: String
    public var misses: UInt64
    public var l2Hits: UInt64
    public var walks: UInt64
    public var walkReferences: UInt64
  }

  public struct TLB: Encodable, Equatable, Sendable {
    public var accesses: UInt64
    public var l1Hits: UInt64
    public var l2Hits: UInt64
    public var walks: UInt64
    public var walkReferences: UInt64
    public var flushes: UInt64
    public var pageFlushes: UInt64
    /// Interrupts to other processors to make them flush.
    public var ipis: UInt64
    /// Walks that began below an entry that a walk cache had.
    public var pdeCacheHits: UInt64
    public var pdpteCacheHits: UInt64
    public var pml4eCacheHits: UInt64
    public var pml5eCacheHits: UInt64

    private enum CodingKeys: String, CodingKey {
      case accesses, walks, walkReferences, flushes, pageFlushes, ipis, pdeCacheHits, pdpteCacheHits
      case l1Hits = "l1_hits"
      case l2Hits = "l2_hits"
      case pml4eCacheHits = "pml4e_cache_hits"
      case pml5eCacheHits = "pml5e_cache_hits"
    }
  }

  public struct OutOfMemory: Encodable, Equatable, Sendable {
    public var tNs: UInt64
    public var invokerPid: UInt32
    public var killedPid: UInt32
    public var killedComm: String
    /// In pages.
    public var points: Int64
    public var oomScoreAdj: Int
    public var anonRss: UInt64
    public var fileRss: UInt64
    public var shmemRss: UInt64
    public var swap: UInt64
    public var pageTableBytes: UInt64
    public var free: UInt64
    public var freeSwap: UInt64
    /// Whether nobody could be killed and the machine ended.
    public var panic: Bool
    /// What the kernel's log would say, line by line, without the dump of processor and stack.
    public var log: [String]
  }

  public struct Time: Encodable, Equatable, Sendable {
    public var virtualNs: UInt64
    public var hostNs: UInt64
  }

  /// The event stream: how much went through, and what the model could not follow.
  public struct Trace: Encodable, Equatable, Sendable {
    public var accesses: UInt64
    public var pageEntries: UInt64
    public var instructions: UInt64
    public var listed: UInt64
    public var systemCalls: UInt64
    public var divergedCalls: UInt64
    public var refusedAccesses: UInt64
    public var eventsAfterKill: UInt64
    public var orphans: UInt64
    /// The first of the refused accesses.
    public var refusals: [Refusal]
    public var tlbExact: Bool
    /// Why the stream ended too early, if it did.
    public var incomplete: String?
  }

  public struct Refusal: Encodable, Equatable, Sendable {
    public var tNs: UInt64
    public var pid: UInt32
    public var address: UInt64
    /// read, write or fetch.
    public var kind: String
    /// notMapped, notPermitted or beyondEndOfFile.
    public var reason: String
  }

  public struct Point: Encodable, Equatable, Sendable {
    public var tNs: UInt64
    public var rss: UInt64
    public var free: UInt64
    public var cached: UInt64
    public var swapUsed: UInt64
    public var pgfault: UInt64
    public var pgmajfault: UInt64
    public var pgscan: UInt64
    public var pgsteal: UInt64
    /// Time lost for want of memory until then.
    public var psiSomeNs: UInt64
    public var psiFullNs: UInt64
  }

  /// Pressure stall information of memory: percentages of the last seconds, and all the time lost.
  public struct Pressure: Encodable, Equatable, Sendable {
    public var some: Stalls
    public var full: Stalls

    public struct Stalls: Encodable, Equatable, Sendable {
      public var avg10: Double
      public var avg60: Double
      public var avg300: Double
      public var totalNs: UInt64

      init(_ line: PressureFigures.Line) {
        avg10 = line.average10
        avg60 = line.average60
        avg300 = line.average300
        totalNs = line.totalNanoseconds
      }
    }

    public init(_ figures: PressureFigures) {
      some = Stalls(figures.some)
      full = Stalls(figures.full)
    }
  }
}
