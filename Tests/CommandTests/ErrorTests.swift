import Foundation
import Testing

/// What goes wrong gives one line, a documented status, and never a crash.
@Suite struct ErrorTests {
  @Test(arguments: [
    (["run", "--ram", "0", "--", "true"], 64, "--ram: '0' is not accepted; expected a size from 8M to 15T"),
    (["run", "--ram", "12Q", "--", "true"], 64, "--ram: '12Q' is not accepted"),
    (["run", "--ram", "1G", "--ram", "2G", "--", "true"], 64, "--ram is given twice, as '1G' and '2G'"),
    (["run", "--ram", "1G", "--set", "ram=2G", "--", "true"], 64, "contradict each other"),
    (["run", "--cpus", "0", "--", "true"], 64, "--cpus: '0' is not accepted; expected a number from 1 to 64"),
    (["run", "--page-cache", "hot", "--", "true"], 64, "expected 'cold' or 'warm'"),
    (["run", "--set", "vm.nonsense=1", "--", "true"], 64, "there is no setting 'vm.nonsense'"),
    (["run", "--set", "tlb.l1d=63:4", "--", "true"], 64, "ENTRIES:WAYS"),
    (
      ["run", "--tlb", "pentium", "--", "true"], 64, "--tlb: 'pentium' is not accepted; expected one of intel-skylake-"
    ),
    (["run", "--set", "tlb.pde=31:3", "--", "true"], 64, "ENTRIES:WAYS"),
    (["run", "--set", "la57=2", "--", "true"], 64, "--set la57: '2' is not accepted; expected 0 or 1"),
    (["show", "buddyinfo", "--set", "arch=i386", "--set", "la57=1"], 64, "five levels of page tables need"),
    (["run", "--set", "arch=i386-pae", "--", "true"], 64, "a 32-bit machine cannot run the traced programs"),
    (["run", "--set", "novalue", "--", "true"], 64, "expected KEY=VALUE"),
    (["run", "--ram", "8M", "--kernel-ram", "8M", "--", "true"], 64, "three quarters"),
    (["show", "zoneinfo", "--set", "vm.watermark_scale_factor=0"], 64, "expected a number from 1 to 3000"),
    (["show", "zoneinfo", "--set", "vm.percpu_pagelist_high_fraction=7"], 64, "expected 0, or a number from 8"),
    (["show", "zoneinfo", "--set", "vm.extfrag_threshold=1001"], 64, "expected a number from 0 to 1000"),
    (["show", "zoneinfo", "--set", "vm.compaction_proactiveness=-1"], 64, "expected a number from 0 to 100"),
    (["show", "zoneinfo", "--set", "vm.watermark_boost_factor=x"], 64, "expected a number from 0 to 2147483647"),
    (["show", "zoneinfo", "--set", "vm.min_free_kbytes=-1"], 64, "expected a number from 0 to 2147483647"),
    (["show", "zoneinfo", "--set", "vm.lowmem_reserve_ratio=1,2,3,4,5,6"], 64, "expected up to five numbers"),
    (["show", "buddyinfo", "--node", "0:64M", "--node", "1:64M", "--distance", "0:1:5"], 64, "expected 11 to 254"),
    (["show", "buddyinfo", "--node", "0:64M", "--distance", "0:0:11"], 64, "from itself: expected 10"),
    (["show", "buddyinfo", "--node", "0:64M", "--node", "1:2K"], 64, "at least one page"),
    (["show", "buddyinfo", "--node", "0:64M", "--node", "1:0"], 64, "node 1 has neither memory nor processors"),
    (["show", "buddyinfo", "--node", "0:64M", "--node", "2:64M"], 64, "no --node 1"),
    (["show", "buddyinfo", "--node", "0:33M", "--node", "1:31M"], 64, "multiples of 2M"),
    (["show", "buddyinfo", "--ram", "64M", "--set", "cma=64M"], 64, "no room for a contiguous area"),
    (["show", "buddyinfo", "--memmap", "/etc/passwd"], 65, "is not a text of zoneinfo: line 1"),
    (["show", "buddyinfo", "-i", "/etc/passwd"], 65, "is not a saved state"),
    (["show", "pagetable"], 64, "'show pagetable' needs --address, such as"),
    (["show", "pagetable", "--address", "12x"], 64, "'12x' is not accepted; expected an address in hexadecimal"),
    (["show", "pagetable", "--address", "1000-2000"], 64, "expected one address"),
    (["show", "pagetable", "--address", "10000000000000000"], 64, "expected an address in hexadecimal"),
    (["show", "pagetable", "--address", "1000"], 64, "needs a state with processes"),
    (["show", "pagemap", "--address", "2000-1000"], 64, "or a range of them with its end behind its start"),
    (["show", "pagemap", "--raw"], 64, "--raw needs --address"),
    (["show", "pagemap", "--raw", "--address", "0-7ffffffff000"], 64, "at most 33554432 pages with --raw"),
    (["show", "maps", "--address", "1000"], 64, "--address is for pagetable and pagemap, not for 'maps'"),
    (["show", "address-space", "--raw"], 64, "--raw is for pagemap, not for 'address-space'"),
    (["show", "zoneinfo", "--pid", "1"], 64, "statm, pagetable, pagemap and address-space, not for 'zoneinfo'"),
    (["show", "layout", "--set", "kernel.randomize_va_space=3"], 64, "expected 0, 1 or 2"),
    (["show", "layout", "--set", "vm.mmap_rnd_bits=33"], 64, "expected a number from 28 to 32"),
    (["show", "layout", "--set", "vm.mmap_rnd_compat_bits=7"], 64, "expected a number from 8 to 16"),
    (["show", "layout", "--set", "arch=i386", "--set", "vm.mmap_rnd_bits=28"], 64, "expected a number from 8 to 16"),
    (["show", "layout", "--set", "arch=i386", "--set", "vm.mmap_rnd_compat_bits=8"], 64, "has no such setting"),
    (["show", "layout", "--set", "arch=i386", "--bits", "64"], 64, "a 32-bit kernel cannot run a 64-bit program"),
    (["show", "layout", "--set", "arch=i386", "--levels", "5"], 64, "no five levels"),
    (["show", "layout", "--set", "arch=arm64"], 64, "expected x86_64, i386 or i386-pae"),
    (["show", "layout", "--set", "vm.swappiness=1"], 64, "it does not change a layout; known are arch, kernel."),
    (["show", "layout", "--set", "stack_guard_gap=-1"], 64, "expected a number of pages from 0 to 65536"),
    (["show", "layout", "--bits", "48"], 64, "expected 64 or 32"),
    (["show", "layout", "--bits", "32", "--", "/bin/ls"], 64, "is a 64-bit program"),
    (["show", "layout", "--levels", "3"], 64, "expected 4 or 5"),
    (["show", "layout", "--stack-limit", "8k9"], 64, "expected a size of at least 16K, or 'unlimited'"),
    (["show", "layout", "--personality", "ADDR_NONE"], 64, "expected ADDR_NO_RANDOMIZE, ADDR_COMPAT_LAYOUT or"),
    (["show", "layout", "--seed", "x"], 64, "--seed: 'x' is not accepted; expected a number"),
    (["show", "layout", "--samples", "1"], 64, "expected a number from 2 to 1000000"),
    (["show", "layout", "--ram", "1G"], 64, "--ram does not change a layout"),
    (["show", "layout", "--", "/etc/passwd"], 126, "may not be executed"),
    (["show", "layout", "--", "/nonexistent"], 127, "does not exist"),
    (["show", "zoneinfo", "--samples", "5"], 64, "--samples is only for 'show layout'"),
    (["validate", "zoneinfo", "/nonexistent"], 66, "cannot open '/nonexistent'"),
    (["replay", "--free-frames", "/etc/passwd", "/etc/passwd"], 65, "expected a first frame"),
    (["run"], 64, "no program given"),
    (["run", "--", "/nonexistent/program"], 127, "program '/nonexistent/program' does not exist"),
    (["run", "--", "no-such-program-anywhere"], 127, "was not found in PATH"),
    (["run", "--", "/etc"], 126, "is a folder"),
    (["run", "--", "/etc/passwd"], 126, "may not be executed"),
    (["run", "--machine", "/nonexistent.yaml", "--", "true"], 66, "cannot open the machine file"),
    (["replay", "/nonexistent.quire"], 66, "cannot open '/nonexistent.quire': No such file or directory"),
    (["replay", "/etc/passwd"], 65, "not a Quire recording"),
    (["record", "-o", "/nonexistent/x.quire", "--", "true"], 73, "cannot write '/nonexistent/x.quire'"),
  ])
  func isNamed(_ arguments: [String], _ status: Int32, _ message: String) throws {
    let result = try Command(arguments)
    #expect(result.status == status)
    #expect(result.errors.contains(message), "\(result.errors)")
    #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
    #expect(result.output.isEmpty)
  }

  @Test func unknownKeysOfAMachineFileAreNamed() throws {
    let file = TemporaryFile(Data("ram: 64M\nswapiness: 60\n".utf8))
    let result = try Command(["run", "--machine", file.path, "--", "true"])
    #expect(result.status == 64)
    #expect(result.errors.contains("key 'swapiness': there is no setting 'swapiness'; known are ram, cpus"))
    let broken = TemporaryFile(Data("ram: [1, 2\n".utf8))
    let second = try Command(["run", "--machine", broken.path, "--", "true"])
    #expect(second.status == 64)
    #expect(second.errors.contains("is not YAML"))
    let list = TemporaryFile(Data("ram: [1, 2]\n".utf8))
    #expect(try Command(["run", "--machine", list.path, "--", "true"]).errors.contains("found a list"))
  }

  @Test(arguments: [
    ("programs: 5", 64, "expected a list, such as"),
    ("programs: [{run: ls, replay: x}]", 64, "'run' and 'replay' contradict each other"),
    ("programs: [{run: nosuchprogram}]", 127, "was not found in PATH"),
    ("programs: [{replay: Package.swift}]", 65, "'Package.swift': this is not a Quire recording"),
    ("programs: [{run: ls, start: soon}]", 64, "'soon' is not accepted; expected a number with ns, us, ms or s"),
    ("programs: [{run: ls, group: a}]", 64, "there is no group 'a'"),
    ("programs: [{run: ls, colour: a}]", 64, "there is no setting 'colour'; known are run, replay, start, group"),
    ("groups: {a: {memory.max: lots}}", 64, "group 'a', key 'memory.max': 'lots' is not accepted"),
    ("groups: {a: {memory.most: 5M}}", 64, "there is no setting 'memory.most'; known are memory.min"),
    ("groups: {'a//b': {}}", 64, "'a//b' is not accepted"),
  ])
  func programsAndGroupsOfAMachineFileAreChecked(_ text: String, _ status: Int32, _ error: String) throws {
    let file = TemporaryFile(Data(text.utf8))
    let result = try Command(["run", "--machine", file.path])
    #expect(result.status == status)
    #expect(result.errors.contains(error), "\(result.errors)")
  }

  @Test func programsOfAMachineFileAreForRunOnly() throws {
    let file = TemporaryFile(Data("programs: [{run: ls}]".utf8))
    #expect(try Command(["run", "--machine", file.path, "--", "ls"]).errors.contains("expected none after '--'"))
    #expect(try Command(["show", "--machine", file.path, "zoneinfo"]).errors.contains("which only 'quire run' starts"))
  }

  @Test func unknownVerbsAndFlagsAreUsageErrors() throws {
    #expect(try Command(["frobnicate"]).status == 64)
    #expect(try Command(["run", "--frobnicate", "--", "true"]).status == 64)
    #expect(try Command(["replay"]).status == 64)
    #expect(try Command(["--help"]).status == 0)
    for verb in ["run", "record", "replay", "show"] {
      let help = try Command([verb, "--help"])
      #expect(help.status == 0 && help.output.contains("EXAMPLES"))
    }
  }

  @Test func damagedRecordingsEndWithAReportAndStatus65() throws {
    let file = TemporaryFile()
    #expect(try Command(["record", "-o", file.path, "--", "/bin/true"]).status == 0)
    let whole = file.content
    let cut = TemporaryFile(whole.prefix(whole.count - 10))
    let result = try Command(["replay", cut.path])
    #expect(result.status == 65)
    #expect(result.output.contains("INCOMPLETE"))
    #expect(result.errors.contains("is cut off at byte \(whole.count - 10)"))
    let empty = TemporaryFile(Data())
    #expect(try Command(["replay", empty.path]).errors.contains("empty"))
    var other = whole
    other[8] = 99
    let otherFile = TemporaryFile(other)
    let newer = try Command(["replay", otherFile.path])
    #expect(newer.status == 65 && newer.errors.contains("format version 99, this program reads version 1"))
  }
}
