import Foundation
import Testing

/// Real programs under the tracer.
@Suite struct RunTests {
  private func json(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  /// Runs a command line of the shell and returns the report.
  private func report(_ script: String, _ options: [String] = []) throws -> [String: Any] {
    let file = TemporaryFile()
    _ = try Command(["run", "-O", "json", "-o", file.path] + options + ["--", "/bin/sh", "-c", script])
    return try json(String(decoding: file.content, as: UTF8.self))
  }

  @Test(arguments: [("exit 0", 0), ("exit 7", 7), ("kill -SEGV $$", 139), ("kill -KILL $$", 137)] as [(String, Int32)])
  func theExitStatusIsTheProgramsOwn(_ script: String, _ status: Int32) throws {
    #expect(try Command(["run", "--", "/bin/sh", "-c", script]).status == status)
    let recording = TemporaryFile()
    #expect(try Command(["record", "-o", recording.path, "--", "/bin/sh", "-c", script]).status == status)
    let replayed = try Command(["replay", "-O", "json", recording.path])
    #expect(replayed.status == 0)
    let program = try #require(try json(replayed.output)["program"] as? [String: Any])
    #expect(program["exit_status"] as? Int == Int(status))
  }

  @Test func childrenAndTheirProgramsAreFollowed() throws {
    let report = try report("seq 1 100 | sort -n | tail -n 1 >/dev/null; ls / >/dev/null; (exit 3)")
    let processes = try #require(report["processes"] as? [[String: Any]])
    let names = Set(processes.compactMap { $0["comm"] as? String })
    for name in ["sh", "seq", "sort", "tail", "ls"] { #expect(names.contains(name), "\(names)") }
    #expect(processes.contains { $0["exit_status"] as? Int == 3 })
    let trace = try #require(report["trace"] as? [String: Any])
    #expect(trace["refused_accesses"] as? Int == 0)
    #expect(trace["diverged_calls"] as? Int == 0)
    #expect(trace["orphans"] as? Int == 0)
    let meminfo = try #require(report["meminfo"] as? [String: Any])
    #expect(meminfo["AnonPages"] as? Int == 0 && meminfo["PageTables"] as? Int == 0)
  }

  @Test func scriptsRunUnderTheirInterpreter() throws {
    let script = TemporaryFile(Data("#!/bin/sh -e\necho \"$1\"\n".utf8))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script.path)
    let result = try Command(["run", "-o", "/dev/null", "--", script.path, "hello"])
    #expect(result.status == 0 && result.output == "hello\n")
    let nested = try report("exec \(script.path) again >/dev/null")
    #expect((nested["processes"] as? [[String: Any]])?.count == 1)
  }

  @Test func aSmallMachineRunsOutOfMemory() throws {
    let report = try report("x=$(head -c 20000000 /dev/zero | tr '\\0' x); echo ${#x} >/dev/null", ["--ram", "16M"])
    let kills = try #require(report["oom"] as? [[String: Any]])
    #expect(!kills.isEmpty)
  }

  /// A line of the kernel's log without its time, numbers and lists of migration types.
  private func shape(_ line: String) -> String {
    line.replacing(#/^\[ *[0-9.]+\] /#, with: "").replacing(#/\([UMEHC]+\) /#, with: "")
      .replacing(#/\ *-?[0-9]+/#, with: "#").replacing(#/\? (yes|no)$/#, with: "?")
  }

  @Test func theLogOfAKillIsTheKernels() throws {
    let report = try report(
      "x=$(head -c 20000000 /dev/zero | tr '\\0' x); echo ${#x} >/dev/null",
      ["--memmap", "Tests/Kernels/pressure/96M-zoneinfo.txt", "--set", "memmap.in_use=1"])
    let kill = try #require((report["oom"] as? [[String: Any]])?.first)
    let log = try #require(kill["log"] as? [String])
    let recorded = try String(contentsOfFile: "Tests/Kernels/pressure/leak-kills.txt", encoding: .utf8)
    // Up to the tasks the kernel's lines differ in numbers only; it also tells where the processor was.
    func memory(_ lines: [String]) -> [String] {
      let shapes = lines.map(shape)
      let start = shapes.firstIndex(of: "Mem-Info:") ?? shapes.endIndex
      return Array(shapes[start...].prefix { !$0.hasPrefix("[#]") })
    }
    let kernel = memory(recorded.split(separator: "\n").map(String.init))
    #expect(kernel.count > 25 && memory(log) == kernel)
    #expect(log.first?.contains("invoked oom-killer: gfp_mask=0x") == true)
    let pid = try #require(kill["killed_pid"] as? Int)
    #expect(log.suffix(2).first?.contains("oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null)") == true)
    #expect(log.last?.contains("Out of memory: Killed process \(pid) (sh) total-vm:") == true)
    #expect(log.filter { $0.contains("] [") && $0.hasSuffix(" sh") }.count >= 1)
  }

  @Test func programsOfAMachineFileShareTheMachine() throws {
    let file = TemporaryFile(
      Data(
        """
        ram: 32M
        swap: 64M
        programs:
          - run: [/bin/sh, -c, "x=$(head -c 4000000 /dev/zero | tr '\\\\0' x); exit 3"]
            group: small/inner
          - replay: Samples/gzip.quire
            start: 10ms
          - run: /bin/true
        groups:
          small/inner: {memory.max: 4M}
        """.utf8))
    let report = TemporaryFile()
    let result = try Command(["run", "--machine", file.path, "-O", "json", "-o", report.path])
    #expect(result.status == 3)
    let json = try json(String(decoding: report.content, as: UTF8.self))
    let programs = try #require(json["programs"] as? [[String: Any]])
    #expect(programs.map { $0["exit_status"] as? Int } == [3, 0, 0])
    #expect(programs.map { $0["start_ns"] as? Int } == [0, 10_000_000, 0])
    #expect(programs.map { $0["group"] as? String } == ["small/inner", nil, nil])
    let groups = try #require(json["groups"] as? [[String: Any]])
    #expect(groups.map { $0["path"] as? String } == ["small", "small/inner"])
    let peaks = groups.compactMap { $0["peak"] as? Int }
    #expect(peaks[1] <= 4 << 20 && peaks[1] > 3 << 20 && peaks[0] >= peaks[1])
    let trace = try #require(json["trace"] as? [String: Any])
    #expect(trace["refused_accesses"] as? Int == 0 && trace["orphans"] as? Int == 0)
    let time = try #require(json["time"] as? [String: Any])
    // The recording alone takes longer than the others need.
    let second = try #require(programs[1]["ran_ns"] as? Int)
    #expect(try #require(time["virtual_ns"] as? Int) >= second + 10_000_000)
  }

  @Test func aProgramWhoseOutputIsClosedEnds() throws {
    let result = try Command(["run", "-o", "/dev/null", "--", "/bin/sh", "-c", "seq 1 1000000 | head -n 1; exit 4"])
    #expect(result.status == 4 && result.output == "1\n")
  }

  @Test func aRecordingGoesThroughAPipe() throws {
    let recording = TemporaryFile()
    _ = try Command(["record", "-o", recording.path, "--", "/bin/true"])
    let result = try Command(
      ["replay", "-"], input: try FileHandle(forReadingFrom: URL(fileURLWithPath: recording.path)))
    #expect(result.status == 0 && result.output.contains("/bin/true"))
  }

  @Test func theSameRecordingGivesTheSameReport() throws {
    let recording = TemporaryFile()
    _ = try Command(["record", "-o", recording.path, "--", "/bin/ls", "/"])
    var texts: [String] = []
    for _ in 0..<2 {
      let text = try Command(["replay", "--ram", "64M", "-O", "json", recording.path]).output
      texts.append(text.split(separator: "\n").filter { !$0.contains("host_ns") }.joined(separator: "\n"))
    }
    #expect(texts[0] == texts[1])
  }

  @Test func processorsAreChosenByName() throws {
    let recording = TemporaryFile()
    _ = try Command(["record", "-o", recording.path, "--", "/bin/ls", "/"])
    let file = TemporaryFile(Data("tlb: amd-zen3\ntlb.pde: 0\n".utf8))
    var references: [Int] = []
    for (arguments, name) in [
      ([], "intel-skylake-server"), (["--tlb", "amd-zen4"], "amd-zen4"), (["--tlb", "none"], "none"),
      (["--machine", file.path], "custom"), (["--set", "la57=1"], "intel-skylake-server"),
    ] {
      let report = try json(try Command(["replay", "-O", "json", "--tlb-areas"] + arguments + [recording.path]).output)
      let machine = try #require(report["machine"] as? [String: Any])
      #expect(machine["tlb"] as? String == name)
      let tlb = try #require(report["tlb"] as? [String: Int])
      references.append(try #require(tlb["walk_references"]))
      // What processes and areas did is what the machine did.
      let processes = try #require(report["processes"] as? [[String: Any]])
      let walks = processes.compactMap { ($0["tlb"] as? [String: Int])?["walks"] }.reduce(0, +)
      #expect(walks == tlb["walks"])
      let areas = try #require(report["tlb_areas"] as? [[String: Any]])
      #expect(areas.contains { $0["name"] as? String == "[stack]" })
      #expect(areas.compactMap { $0["walks"] as? Int }.reduce(0, +) <= walks)
    }
    // Walk caches shorten walks, no buffers mean many, a fifth level makes each longer.
    #expect(references[1] < references[0] && references[2] > references[0] && references[4] > references[0])
    let text = try Command(["replay", "--tlb-areas", recording.path]).output
    #expect(text.contains("TLB MISSES") && text.contains("[heap]"))
  }

  /// The filter leaves out only what changes no translation buffer of its least shape or larger.
  @Test func theFilterIsExact() throws {
    let text = TemporaryFile(Data((0..<3000).map { "\($0 &* 7919 % 1000) line \($0)\n" }.joined().utf8))
    let filtered = TemporaryFile()
    let all = TemporaryFile()
    let program = ["--", "gzip", "-c", text.path]
    _ = try Command(["record", "-o", filtered.path] + program)
    _ = try Command(["record", "--all-accesses", "-o", all.path] + program)
    #expect(filtered.content.count < all.content.count)
    for shape in [[], ["--set", "tlb.l1d=128:8", "--set", "tlb.l1i=64:4"], ["--set", "tlb.l1d=96:6"]] {
      var buffers: [[String: Int]] = []
      for recording in [filtered, all] {
        let report = try json(try Command(["replay", "-O", "json"] + shape + [recording.path]).output)
        buffers.append(try #require(report["tlb"] as? [String: Int]))
        #expect((report["trace"] as? [String: Any])?["tlb_exact"] as? Bool == true)
      }
      #expect(buffers[0] == buffers[1])
    }
    let small = try json(try Command(["replay", "-O", "json", "--set", "tlb.l1d=8:1", filtered.path]).output)
    #expect((small["trace"] as? [String: Any])?["tlb_exact"] as? Bool == false)
  }

  /// Programs that spawn children by vfork: the parent must not take away what the child still uses.
  @Test func spawnedChildrenKeepTheirMemory() throws {
    let source = TemporaryFile(
      Data(
        """
        #include <spawn.h>
        #include <sys/wait.h>
        #include <unistd.h>
        extern char **environ;
        int main(void) {
          for (int i = 0; i < 5; i++) {
            pid_t child;
            int status;
            char *arguments[] = {"sh", "-c", "exit 4", 0};
            posix_spawn(&child, "/bin/sh", 0, 0, arguments, environ);
            waitpid(child, &status, 0);
            if (WEXITSTATUS(status) != 4) return 1;
          }
          return 0;
        }
        """.utf8))
    let program = TemporaryFile()
    let compiler = Process()
    compiler.executableURL = URL(fileURLWithPath: "/usr/bin/gcc")
    compiler.arguments = ["-x", "c", "-o", program.path, source.path]
    try compiler.run()
    compiler.waitUntilExit()
    let report = TemporaryFile()
    let result = try Command(["run", "-O", "json", "-o", report.path, "--", program.path])
    #expect(result.status == 0)
    let object = try json(String(decoding: report.content, as: UTF8.self))
    #expect((object["trace"] as? [String: Any])?["refused_accesses"] as? Int == 0)
    #expect((object["processes"] as? [Any])?.count == 6)
  }

  /// Memory that is unmapped while its pages are still known to the filter: nothing may be listed after.
  @Test func nothingIsAccessedAfterItIsUnmapped() throws {
    let report = try report(
      "/usr/bin/python3 -c 'a = [[0] * 50000 for _ in range(60)]\nfor x in a: x.sort()\ndel a\nb = [bytes(300000) for _ in range(50)]'"
    )
    let trace = try #require(report["trace"] as? [String: Any])
    #expect(trace["refused_accesses"] as? Int == 0)
    #expect(trace["diverged_calls"] as? Int == 0)
  }

  /// What a program did right before a fault killed it belongs to the report.
  @Test func aCrashLosesNothing() throws {
    let report = try report(
      "perl -e '$x = \"x\" x 3000000; kill 11, $$'; true", ["--page-cache", "warm"])
    let processes = try #require(report["processes"] as? [[String: Any]])
    let crashed = try #require(processes.first { $0["exit_status"] as? Int == 139 })
    #expect(crashed["end_unseen"] as? Bool == false)
    #expect(try #require(crashed["max_rss"] as? Int) > 3_000_000)
    let killed = try self.report("sh -c 'kill -9 $$'; true")
    let victims = try #require(killed["processes"] as? [[String: Any]])
    #expect(victims.contains { $0["end_unseen"] as? Bool == true && $0["exit_status"] as? Int == 137 })
  }

  @Test func anExecThatFailsChangesNothing() throws {
    let file = TemporaryFile(Data([0x7f, 0x45, 0x4c, 0x46]))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
    let report = try report("\(file.path) 2>/dev/null; true")
    #expect((report["trace"] as? [String: Any])?["events_after_kill"] as? Int == 0)
    let processes = try #require(report["processes"] as? [[String: Any]])
    #expect(processes.allSatisfy { ($0["untraced"] as? [Any])?.isEmpty == true })
  }

  @Test func theStreamOnStandardOutputIsClean() throws {
    let result = try Command(["record", "-o", "-", "--", "/bin/echo", "hello"])
    #expect(result.status == 0)
    #expect(result.errors.contains("hello"))
    #expect(result.output.hasPrefix("QUIRE"))
  }

  @Test func whatAChildDiedOfIsTold() throws {
    let report = try report("sh -c 'kill -9 $$'; true")
    let processes = try #require(report["processes"] as? [[String: Any]])
    #expect(processes.contains { $0["exit_status"] as? Int == 137 })
  }

  /// A sample on a machine too small for it, its files read from the disk.
  @Test(arguments: ["5M", "5600K", "6M"]) func aMachineTooSmallKillsAndReports(kernel: String) throws {
    let sample = FileManager.default.currentDirectoryPath + "/Samples/python3-sort.quire"
    let result = try Command(["replay", "--ram", "8M", "--kernel-ram", kernel, "-O", "json", sample])
    #expect(result.status == 0)
    let report = try json(result.output)
    #expect((report["oom"] as? [Any])?.isEmpty == false)
    #expect((report["trace"] as? [String: Any])?["diverged_calls"] as? Int == 0)
  }

  @Test func aTerabyteStartsSmallAndFast() throws {
    let recording = TemporaryFile()
    _ = try Command(["record", "-o", recording.path, "--", "/bin/true"])
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/time")
    process.arguments = ["-f", "%M", Command.path, "replay", "-o", "/dev/null", "--ram", "1T", recording.path]
    let pipe = Pipe()
    process.standardError = pipe
    try process.run()
    process.waitUntilExit()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let kilobytes = try #require(Int(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    #expect(kilobytes < 64 * 1024)
  }
}
