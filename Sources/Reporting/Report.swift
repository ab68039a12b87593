import LinuxMM
import TraceIO

/// Everything a run or replay has to tell, in the order and under the names of the JSON form.
///
/// Bytes, counts and nanoseconds are integers. `schema` names the form; its number rises when a key changes its
/// meaning, not when keys are added.
public struct Report: Codable, Equatable, Sendable {
  public var schema = "quire.report/1"
  public var machine: Machine
  public var program: Program
  /// Under the names of `/proc/vmstat`; `nr_` values are those at the end.
  public var vmstat: [String: UInt64]
  /// In bytes, under the names of `/proc/meminfo`, at the end, when all processes are gone.
  public var meminfo: [String: UInt64]
  public var processes: [Process]
  public var tlb: TLB
  public var oom: [OutOfMemory]
  public var time: Time
  public var trace: Trace
  public var series: [Point]

  public struct Machine: Codable, Equatable, Sendable {
    public var ram: UInt64
    public var managed: UInt64
    public var cpus: Int
    public var page_cache: String
    public var tlb_l1i: String
    public var tlb_l1d: String
    public var tlb_l2: String
    public var pcid: Bool
  }

  public struct Program: Codable, Equatable, Sendable {
    public var argv: [String]
    public var exit_status: Int32
  }

  public struct Process: Codable, Equatable, Sendable {
    public var pid: UInt32
    public var ppid: UInt32?
    public var comm: String
    public var exit_status: Int32?
    public var threads: Int
    public var accesses: UInt64
    public var instructions: UInt64
    public var min_flt: UInt64
    public var maj_flt: UInt64
    /// In bytes, as the next ones.
    public var max_rss: UInt64
    public var rss: UInt64
    public var swap: UInt64
    public var vm_peak: UInt64
    public var page_table_bytes: UInt64
    /// Pages and page tables the process would free, in pages.
    public var oom_score: UInt64
    public var oom_killed: Bool
    /// Accesses the model had no memory for.
    public var refused_accesses: UInt64
    /// Programs it went on as that were not traced.
    public var untraced: [String]
  }

  public struct TLB: Codable, Equatable, Sendable {
    public var accesses: UInt64
    public var l1_hits: UInt64
    public var l2_hits: UInt64
    public var walks: UInt64
    public var walk_references: UInt64
    public var flushes: UInt64
    public var page_flushes: UInt64
  }

  public struct OutOfMemory: Codable, Equatable, Sendable {
    public var t_ns: UInt64
    public var invoker_pid: UInt32
    public var killed_pid: UInt32
    public var killed_comm: String
    public var points: UInt64
    public var anon_rss: UInt64
    public var file_rss: UInt64
    public var shmem_rss: UInt64
    public var page_table_bytes: UInt64
    public var free: UInt64
  }

  public struct Time: Codable, Equatable, Sendable {
    public var virtual_ns: UInt64
    public var host_ns: UInt64
  }

  /// The event stream: how much went through, and what the model could not follow.
  public struct Trace: Codable, Equatable, Sendable {
    public var accesses: UInt64
    public var page_entries: UInt64
    public var instructions: UInt64
    public var listed: UInt64
    public var system_calls: UInt64
    public var diverged_calls: UInt64
    public var refused_accesses: UInt64
    public var events_after_kill: UInt64
    public var orphans: UInt64
    /// The first of the refused accesses.
    public var refusals: [Refusal]
    public var tlb_exact: Bool
    /// Why the stream ended too early, if it did.
    public var incomplete: String?
  }

  public struct Refusal: Codable, Equatable, Sendable {
    public var t_ns: UInt64
    public var pid: UInt32
    public var address: UInt64
    /// read, write or fetch.
    public var kind: String
    /// notMapped, notPermitted or beyondEndOfFile.
    public var reason: String
  }

  public struct Point: Codable, Equatable, Sendable {
    public var t_ns: UInt64
    public var rss: UInt64
    public var free: UInt64
    public var cached: UInt64
    public var swap_used: UInt64
    public var pgfault: UInt64
    public var pgmajfault: UInt64
  }
}
