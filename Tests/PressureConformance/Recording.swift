import Foundation

/// What a kernel counted while a program ran under pressure: a file of `Tests/Kernels/pressure`.
struct Recording: Decodable {
  struct Run: Decodable {
    let status: Int
    let signal: Int
    let peakSwap: Int
    let vmstat: [String: Int]

    private enum CodingKeys: String, CodingKey {
      case status, signal, vmstat
      case peakSwap = "peak_swap"
    }
  }

  let name: String
  let ram: String
  let swap: String
  /// Words as `record.sh` has them: `vm.swappiness=10`, `memory_max=64M`, `file=300`, `zram=256M`, `zswap=20`.
  let settings: String
  let program: String
  let runs: [Run]
}

/// What is compared, and how far it may be off.
struct Figure {
  let name: String
  /// Figures of vmstat that are added up; none for the peak of swap.
  let parts: [String]
  /// In percent of the kernel's mean.
  let tolerance: Double

  static let all = [
    Figure(name: "pgfault", parts: ["pgfault"], tolerance: 2),
    Figure(name: "pgmajfault", parts: ["pgmajfault"], tolerance: 10),
    Figure(name: "pswpin", parts: ["pswpin"], tolerance: 10),
    Figure(name: "pswpout", parts: ["pswpout"], tolerance: 10),
    Figure(name: "zswpin", parts: ["zswpin"], tolerance: 10),
    Figure(name: "zswpout", parts: ["zswpout"], tolerance: 10),
    Figure(name: "pgscan", parts: ["pgscan_anon", "pgscan_file"], tolerance: 10),
    Figure(name: "pgsteal", parts: ["pgsteal_anon", "pgsteal_file"], tolerance: 10),
    Figure(name: "refault", parts: ["workingset_refault_anon", "workingset_refault_file"], tolerance: 10),
    Figure(name: "peak swap", parts: [], tolerance: 10),
    Figure(name: "oom_kill", parts: ["oom_kill"], tolerance: 0),
  ]

  /// Below it a figure is shown and not judged: the program's own file, of about 200 pages, lies on a disk for the model and
  /// in memory for the kernel.
  static let least = 500.0

  func value(_ vmstat: [String: Int], peakSwap: Int) -> Double {
    parts.isEmpty ? Double(peakSwap / 4096) : Double(parts.reduce(0) { $0 + (vmstat[$1] ?? 0) })
  }
}
