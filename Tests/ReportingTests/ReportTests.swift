import Foundation
import HostMemory
import LinuxMM
import Testing
import TraceIO

@testable import Reporting

@Suite struct ReportTests {
  private func report() throws -> Report {
    var replayer = Replayer(
      try SimulatedMachine(try MachineConfiguration(ramBytes: 64 << 20), memory: .host))
    replayer.finish()
    var report = Report(
      &replayer, head: RecordingHead(arguments: ["prog", "x y"]), exitStatus: 7, hostNanoseconds: 5, incomplete: nil)
    report.processes = [
      Report.Process(
        pid: 10, ppid: nil, comm: "a,\"b\"", exitStatus: 7, threads: 2, accesses: 1000, instructions: 3000,
        minFlt: 12, majFlt: 3, maxRss: 8192, rss: 4096, swap: 0, vmPeak: 1 << 20, pageTableBytes: 16384,
        oomScore: 5, oomKilled: false, refusedAccesses: 0, endUnseen: false, untraced: [])
    ]
    return report
  }

  @Test func jsonHasTheKeysOfTheContract() throws {
    let text = try report().json()
    let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(object["schema"] as? String == "quire.report/1")
    for key in ["machine", "program", "vmstat", "meminfo", "processes", "pressure", "tlb", "oom", "time", "series"] {
      #expect(object[key] != nil, "key \(key)")
    }
    let process = try #require((object["processes"] as? [[String: Any]])?.first)
    for key in [
      "pid", "comm", "min_flt", "maj_flt", "max_rss", "rss", "swap", "vm_peak", "page_table_bytes", "oom_score",
      "oom_killed",
    ] { #expect(process[key] != nil, "key \(key)") }
    let tlb = try #require(object["tlb"] as? [String: Any])
    for key in ["accesses", "l1_hits", "l2_hits", "walks", "walk_references", "flushes"] {
      #expect(tlb[key] != nil, "key \(key)")
    }
    for key in ["page_flushes", "ipis", "pde_cache_hits", "pdpte_cache_hits", "pml4e_cache_hits", "pml5e_cache_hits"] {
      #expect(tlb[key] as? Int == 0, "key \(key)")
    }
    let buffers = try #require(process["tlb"] as? [String: Any])
    for key in ["misses", "l2_hits", "walks", "walk_references"] { #expect(buffers[key] != nil, "key \(key)") }
    let machine = try #require(object["machine"] as? [String: Any])
    #expect(machine["tlb"] as? String == "intel-skylake-server" && machine["page_table_levels"] as? Int == 4)
    #expect(machine["tlb_l1d"] as? String == "64:4")
    #expect((machine["tlb_buffers"] as? [String: String])?["l2_1g"] == "16:4")
    // Areas only if they were asked for.
    #expect(object["tlb_areas"] == nil)
    let time = try #require(object["time"] as? [String: Any])
    #expect(time["virtual_ns"] != nil && time["host_ns"] != nil)
    let point = try #require((object["series"] as? [[String: Any]])?.first)
    for key in [
      "t_ns", "rss", "free", "swap_used", "pgfault", "pgmajfault", "pgscan", "pgsteal", "psi_some_ns", "psi_full_ns",
    ] {
      #expect(point[key] != nil, "key \(key)")
    }
    #expect((object["program"] as? [String: Any])?["exit_status"] as? Int == 7)
    #expect((object["vmstat"] as? [String: Any])?["pgfault"] != nil)
    #expect((object["meminfo"] as? [String: Any])?["MemTotal"] != nil)
  }

  @Test func csvQuotesWhatNeedsIt() throws {
    let lines = try report().csv().split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines[1] == "10,,\"a,\"\"b\"\"\",7,2,1000,3000,12,3,8192,4096,0,1048576,16384,0,0")
  }

  @Test func textTellsWhatIsWrong() throws {
    var report = try report()
    #expect(!report.text().contains("note:"))
    report.trace.refusedAccesses = 1234
    report.trace.incomplete = "the recording is cut off"
    report.oom = [
      Report.OutOfMemory(
        tNs: 5_000_000, invokerPid: 10, killedPid: 11, killedComm: "big", points: 9, oomScoreAdj: 0, anonRss: 4096,
        fileRss: 0, shmemRss: 0, swap: 0, pageTableBytes: 4096, free: 8192, freeSwap: 0, panic: false, log: [])
    ]
    let text = report.text()
    #expect(text.contains("note: INCOMPLETE: the recording is cut off"))
    #expect(text.contains("1 234 accesses found no memory"))
    #expect(text.contains("out of memory at 5.00 ms: process 11 (big) was killed on behalf of process 10"))
  }

  @Test func numbersAreReadable() {
    #expect(Units.count(0) == "0")
    #expect(Units.count(999) == "999")
    #expect(Units.count(1000) == "1 000")
    #expect(Units.count(1_234_567) == "1 234 567")
    #expect(Units.bytes(512) == "512 B")
    #expect(Units.bytes(1536) == "1.5 KiB")
    #expect(Units.memory(8192) == "0.0 MiB (2 pages)")
    #expect(Units.percent(1, of: 0) == "–")
    #expect(Units.percent(1, of: 4) == "25.00 %")
  }
}
