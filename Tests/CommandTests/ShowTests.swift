import Foundation
import Testing

/// The views of physical memory, and real kernels' texts on the command line.
@Suite struct ShowTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private func path(_ name: String) -> String { Self.root.appendingPathComponent(name).path }

  /// The views of an imitated machine have the kernel's lines: the same words in the same columns, numbers aside.
  @Test(arguments: ["5G-5cpu", "3G-4nodes", "2G-memoryless-node", "i386-pae-3G-2cpu"])
  func theFormatsAreTheKernels(boot: String) throws {
    for view in ["zoneinfo", "buddyinfo", "pagetypeinfo"] {
      let file = path("Tests/Kernels/\(boot)/" + (view == "zoneinfo" ? "zoneinfo-rewritten.txt" : "\(view).txt"))
      let memmap = path("Tests/Kernels/\(boot)/zoneinfo-rewritten.txt")
      let result = try Command(["show", view, "--memmap", memmap])
      #expect(result.status == 0, "\(result.errors)")
      let kernel = shape(try String(contentsOfFile: file, encoding: .utf8))
      let model = shape(result.output)
      #expect(model == kernel, "\(boot) \(view)")
    }
  }

  /// A text with its numbers replaced by `#`: runs of blanks before a number belong to its column.
  private func shape(_ text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      var result = ""
      var isNumber = false
      for character in line {
        if character.isNumber {
          if !isNumber {
            while result.hasSuffix(" ") { result.removeLast() }
            result += " #"
          }
          isNumber = true
        } else {
          isNumber = false
          result.append(character)
        }
      }
      return result
    }
  }

  @Test func theMachinesTextsHaveTheKernelsForm() throws {
    func show(_ view: String) throws -> [Substring] {
      let result = try Command(["show", view, "--ram", "64M", "--swap", "32M:7", "--swap", "16M"])
      #expect(result.status == 0, "\(result.errors)")
      return result.output.split(separator: "\n")
    }
    let meminfo = try show("meminfo")
    // As this kernel writes it: the same names, the numbers in the same columns.
    let kernel = try String(contentsOfFile: "/proc/meminfo", encoding: .utf8).split(separator: "\n")
    let names = kernel.map { $0.prefix { $0 != ":" } }
    for line in meminfo {
      #expect(line.count == 27 && line.hasSuffix(" kB") && names.contains(line.prefix { $0 != ":" }), "\(line)")
    }
    #expect(meminfo.count > 20 && meminfo[0].count == kernel[0].count)
    let vmstat = try show("vmstat")
    let known = try String(contentsOfFile: "/proc/vmstat", encoding: .utf8).split(separator: "\n")
      .map { $0.prefix { $0 != " " } }
    let ours = vmstat.map { $0.prefix { $0 != " " } }
    // What newer kernels still have stands in their order.
    let common = ours.filter { known.contains($0) }
    #expect(common.count > 60)
    let order = known.filter { common.contains($0) }
    let events = common.drop { $0 != "pgpgin" }.filter { !$0.hasPrefix("pgscan") && !$0.hasPrefix("pgsteal") }
    #expect(Array(events.prefix(3)) == Array(order.drop { $0 != "pgpgin" }.prefix(3)))
    let swaps = try show("swaps")
    #expect(swaps.count == 3 && swaps[0].hasPrefix("Filename\t\t\t\tType\t\tSize"))
    #expect(swaps[1].hasSuffix("partition\t32764\t\t0\t\t7") && swaps[2].hasSuffix("partition\t16380\t\t0\t\t-2"))
  }

  @Test func generationsAreShownWhereTheyAreKept() throws {
    let on = try Command(["show", "lru_gen", "--ram", "64M", "--set", "lru_gen.enabled=y"])
    #expect(on.status == 0, "\(on.errors)")
    let lines = on.output.split(separator: "\n")
    #expect(lines.count == 6 && lines[0] == "memcg     1 /" && lines[1] == " node     0")
    let off = try Command(["show", "lru_gen", "--ram", "64M"])
    #expect(off.status == 64 && off.errors.contains("'--set lru_gen.enabled=7'"))
    let wrong = try Command(["show", "lru_gen", "--set", "lru_gen.enabled=9"])
    #expect(wrong.status == 64 && wrong.errors.contains("y, n, or a mask of 0 to 7"))
  }

  @Test func aRunLeavesItsStateForViews() throws {
    let state = TemporaryFile()
    let run = try Command([
      "run", "--ram", "64M", "--state", state.path, "--at", "1ms", "-o", "/dev/null", "--", "/bin/ls", "/",
    ])
    #expect(run.status == 0, "\(run.errors)")
    let buddies = try Command(["show", "buddyinfo", "-i", state.path])
    let fresh = try Command(["show", "buddyinfo", "--ram", "64M"])
    #expect(buddies.status == 0 && buddies.output != fresh.output)
    #expect(buddies.output.split(separator: "\n").count == fresh.output.split(separator: "\n").count)
    let picture = TemporaryFile()
    #expect(try Command(["show", "memory-map", "-i", state.path, "-o", picture.path]).status == 0)
    let svg = try String(contentsOfFile: picture.path, encoding: .utf8)
    #expect(svg.hasPrefix("<svg ") && svg.contains("zone DMA32") && svg.hasSuffix("</svg>\n"))
    #expect(try Command(["run", "--at", "1ms", "--", "/bin/true"]).status == 64)
  }

  /// A process's texts in the kernel's formats, as a run left them at a moment.
  @Test func aProcessIsShown() throws {
    let file = TemporaryFile()
    let run = try Command(["run", "--ram", "64M", "--state", file.path, "--at", "1ms", "--", "/bin/ls", "/"])
    #expect(run.status == 0)
    let maps = try Command(["show", "maps", "-i", file.path])
    #expect(maps.status == 0 && maps.output.contains(" rw-p 00000000 00:00 0 "))
    let stack = maps.output.split(separator: "\n").first { $0.hasSuffix("[stack]") }
    #expect(
      stack?.firstRange(of: "[stack]").map { maps.output.distance(from: stack!.startIndex, to: $0.lowerBound) } == 73)
    let smaps = try Command(["show", "smaps", "-i", file.path]).output
    let areas = maps.output.split(separator: "\n").count
    #expect(smaps.components(separatedBy: "VmFlags: rd").count > 1 && smaps.split(separator: "\n").count == areas * 24)
    func kilobytes(_ text: String, _ name: String) -> Int? {
      text.split(separator: "\n").first { $0.hasPrefix(name + ":") }?.split(whereSeparator: { " \t".contains($0) })
        .dropFirst().first.flatMap { Int($0) }
    }
    let status = try Command(["show", "status", "-i", file.path]).output
    let rollup = try Command(["show", "smaps_rollup", "-i", file.path]).output
    let resident = try #require(kilobytes(status, "VmRSS"))
    #expect(kilobytes(rollup, "Rss") == resident)
    let statm = try Command(["show", "statm", "-i", file.path]).output.split(separator: " ").compactMap { Int($0) }
    #expect(statm.count == 6 && statm[1] * 4 == resident && kilobytes(status, "VmSize") == statm[0] * 4)
    #expect(try Command(["show", "maps"]).status == 64)
    #expect(try Command(["show", "maps", "-i", file.path, "--pid", "1"]).errors.contains("alive were"))
  }

  /// A process's tables outlive it in the state: any address can be walked, and every word of pagemap read.
  @Test func aProcessIsWalked() throws {
    let file = TemporaryFile()
    let run = try Command(["run", "--ram", "64M", "--state", file.path, "--at", "1ms", "--", "/bin/ls", "/"])
    #expect(run.status == 0)
    let maps = try Command(["show", "maps", "-i", file.path]).output.split(separator: "\n")
    // Exec's files have their names too.
    #expect(maps.contains { $0.hasSuffix("/ls") } && !maps.contains { $0.contains("not recorded") })
    let stack = try #require(maps.first { $0.hasSuffix("[stack]") })
    let ends = stack.prefix { $0 != " " }.split(separator: "-").compactMap { UInt64($0, radix: 16) }
    let last = String(ends[1] - 1, radix: 16)
    let walk = try Command(["show", "pagetable", "-i", file.path, "--address", "0x" + last])
    #expect(walk.status == 0 && walk.output.contains("[stack]") && walk.output.contains("\nphysical  0x"))
    let frame = try #require(walk.output.range(of: " in frame 0x")).upperBound
    let number = walk.output[frame...].prefix { $0.isHexDigit }
    let text = try Command(["show", "pagemap", "-i", file.path, "--address", last]).output
    #expect(text.contains("present, frame 0x\(number), anonymous"), "\(text)")
    let binary = TemporaryFile()
    let range = String(stack.prefix { $0 != " " })
    #expect(
      try Command(["show", "pagemap", "-i", file.path, "--address", range, "--raw", "-o", binary.path]).status == 0)
    #expect(binary.content.count == Int(ends[1] - ends[0]) / 512)
    let word = binary.content.suffix(8).enumerated().reduce(0 as UInt64) {
      $0 | UInt64($1.element) << UInt64(8 * $1.offset)
    }
    #expect(word >> 63 == 1 && String(word & (1 << 55 - 1), radix: 16) == number)
    let picture = TemporaryFile()
    #expect(try Command(["show", "address-space", "-i", file.path, "-o", picture.path]).status == 0)
    let svg = String(decoding: picture.content, as: UTF8.self)
    #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n") && svg.contains("Address space of ls, process"))
    #expect(svg.components(separatedBy: "class=\"area\"").count == maps.count + 1)
    // A state of a version that kept no tables.
    var object = try #require(try JSONSerialization.jsonObject(with: file.content) as? [String: Any])
    object["processes"] = (object["processes"] as? [[String: Any]])?.map { $0.filter { $0.key != "pageTables" } }
    let old = TemporaryFile(try JSONSerialization.data(withJSONObject: object))
    #expect(try Command(["show", "maps", "-i", old.path]).status == 0)
    let refused = try Command(["show", "address-space", "-i", old.path])
    #expect(refused.status == 65 && refused.errors.contains("has no page tables: an older version saved it"))
  }

  /// The view of a program's layout has the addresses that Linux is known for, and what it says of samples holds.
  @Test func aLayoutIsShown() throws {
    func starts(_ arguments: [String]) throws -> [String: [String]] {
      let result = try Command(["show", "layout"] + arguments)
      #expect(result.status == 0, "\(result.errors)")
      var rows: [String: [String]] = [:]
      for line in result.output.split(separator: "\n") {
        let cells = line.split(separator: "  ").map { $0.trimmingCharacters(in: .whitespaces) }
        if let name = cells.first { rows[name] = Array(cells.dropFirst()) }
      }
      return rows
    }
    let fixed = try starts(["--set", "kernel.randomize_va_space=0"])
    #expect(fixed["program"]?[0] == "0x555555554000" && fixed["mmap base"]?[0] == "0x7ffff7fff000")
    #expect(fixed["stack"]?[1] == "0x7ffffffff000" && fixed["stack"]?.last == "always there")
    let compat = try starts(["--bits", "32", "--personality", "ADDR_NO_RANDOMIZE"])
    #expect(compat["program"]?[0] == "0x56555000" && compat["mmap base"]?[0] == "0xf7ffe000")
    let native = try starts(["--set", "arch=i386", "--personality", "ADDR_NO_RANDOMIZE,ADDR_COMPAT_LAYOUT"])
    #expect(native["program"]?[0] == "0x400000" && native["mmap base"]?[0] == "0x40000000")
    let random = try starts(["--seed", "3", "--", "/bin/ls", "/"])
    #expect(try random == starts(["--seed", "3", "--", "/bin/ls", "/"]))
    #expect(try random != starts(["--seed", "4", "--", "/bin/ls", "/"]))
    #expect(random["heap"]?[3] == "18, with program" && random["mmap base"]?[3] == "28")
    let samples = try starts(["--samples", "2000", "--bits", "32"])
    #expect(samples["mmap base"]?[2] == "256" && samples["mmap base"]?.last == "8")
  }

  @Test func aRealKernelsFiguresAreCompared() throws {
    let boot = "Tests/Kernels/6G-2nodes-sysctl/"
    let arguments = [
      "validate", "zoneinfo", "--rewritten", "--dmesg", path(boot + "dmesg.txt"), "--sysctl",
      path(boot + "sysctl-rewritten.txt"), path(boot + "zoneinfo-rewritten.txt"),
    ]
    let same = try Command(arguments)
    #expect(same.status == 0 && same.output.hasSuffix("differences: 0\n"))
    let other = try Command(arguments + ["--set", "vm.min_free_kbytes=5000", "--quiet"])
    #expect(other.status == 1 && !other.output.contains("differences: 0") && other.output.contains("DIFFERS"))
    let untouched = try Command([
      "validate", "zoneinfo", "--dmesg", path("Tests/Kernels/128M-2cpu/dmesg.txt"), "--sysctl",
      path("Tests/Kernels/128M-2cpu/sysctl-boot.txt"), path("Tests/Kernels/128M-2cpu/zoneinfo-boot.txt"),
    ])
    #expect(untouched.status == 0 && untouched.output.contains("vm.min_free_kbytes"))
  }

  /// A recording of a real kernel: the model starts with the kernel's free memory and ends with nearly as much.
  @Test func aRealKernelsAllocationsAreReplayed() throws {
    let text = TemporaryFile()
    let unpack = Foundation.Process()
    unpack.executableURL = URL(fileURLWithPath: "/bin/sh")
    unpack.arguments = ["-c", "gzip -dc '\(path("Samples/kmem/debian-6.1-ftrace.txt.gz"))' > '\(text.path)'"]
    try unpack.run()
    unpack.waitUntilExit()
    let sample = "Samples/kmem/debian-6.1-before-"
    let result = try Command([
      "replay", "--memmap", path(sample + "zoneinfo.txt"), "--free-frames", path(sample + "free-pfns.txt"), "-O",
      "json",
      text.path,
    ])
    #expect(result.status == 0, "\(result.errors)")
    let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    let report = try #require(object)
    #expect(report["schema"] as? String == "quire.fragmentation/1")
    let counts = try #require(report["counts"] as? [String: Any])
    #expect(counts["allocations"] as? Int == 13409 && counts["frees"] as? Int == 12188)
    #expect(counts["model_failures"] as? Int == 0)
    let samples = try #require(report["samples"] as? [[String: Any]])
    func blocks(_ sample: [String: Any]?, _ side: String) -> [Int] {
      (sample?[side] as? [String: Any])?["counts"] as? [Int] ?? []
    }
    #expect(blocks(samples.first, "model") == blocks(samples.first, "kernel"))
    // The last sample's blocks of the kernel are those of its own buddyinfo, but for what its processors keep.
    func frames(_ counts: [Int]) -> Int { counts.indices.reduce(0) { $0 + counts[$1] << $1 } }
    #expect(abs(frames(blocks(samples.last, "model")) - frames(blocks(samples.last, "kernel"))) < 300)
  }

  /// A recording of a real kernel's heap: every object gets the kernel's size, and what is left at the end is what the
  /// work left there: 20 files, and what the network keeps.
  @Test func aRealKernelsObjectsAreReplayed() throws {
    let text = TemporaryFile()
    let state = TemporaryFile()
    let unpack = Foundation.Process()
    unpack.executableURL = URL(fileURLWithPath: "/bin/sh")
    unpack.arguments = ["-c", "gzip -dc '\(path("Samples/kmem/debian-6.1-heap-ftrace.txt.gz"))' > '\(text.path)'"]
    try unpack.run()
    unpack.waitUntilExit()
    let result = try Command(["replay", "--cpus", "2", "-O", "json", "--state", state.path, text.path])
    #expect(result.status == 0, "\(result.errors)")
    let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    let report = try #require(object)
    #expect(report["schema"] as? String == "quire.heap/1")
    let counts = try #require(report["counts"] as? [String: Any])
    #expect(counts["model_failures"] as? Int == 0 && counts["differing_sizes"] as? Int == 0)
    let sites = try #require(report["sites"] as? [[String: Any]])
    let files = sites.filter { ($0["site"] as? String)?.hasPrefix("shmem_alloc_inode+") == true }
    #expect(files.count == 1 && files[0]["cache"] as? String == "shmem_inode_cache")
    #expect((20...24).contains(files[0]["objects"] as? Int ?? 0))
    #expect((files[0]["allocations"] as? Int ?? 0) > 40)
    let slabs = try Command(["show", "slabinfo", "-i", state.path])
    #expect(slabs.status == 0 && slabs.output.hasPrefix("slabinfo - version: 2.1\n"))
    let inodes = slabs.output.split(separator: "\n").first { $0.hasPrefix("shmem_inode_cache") }
    #expect(inodes?.split(separator: " ")[1] == "\(files[0]["objects"] as? Int ?? 0)")
    let top = try Command(["show", "slabtop", "-i", state.path])
    #expect(top.status == 0 && top.output.contains("OBJS ACTIVE  USE OBJ SIZE"))
    // The table is the kernel's own: what validates a kernel's slabinfo takes it.
    let file = TemporaryFile()
    try Data(slabs.output.utf8).write(to: URL(fileURLWithPath: file.path))
    let validated = try Command(["validate", "slabinfo", "--cpus", "2", "--quiet", file.path])
    #expect(validated.status == 0, "\(validated.output)\(validated.errors)")
    // By another allocator the same objects are outstanding.
    for allocator in ["slab", "slob"] {
      let other = try Command(["replay", "--set", "slab=\(allocator)", "-O", "csv", text.path])
      #expect(other.status == 0 && other.output.contains("shmem_inode_cache"), "\(other.errors)")
    }
    let refused = try Command(["show", "memory-map", "-i", state.path])
    #expect(refused.status == 64 && refused.errors.contains("kernel's heap"))
    let recording = try Command(["replay", "--objects", path("Samples/gzip.quire")])
    #expect(recording.status == 64 && recording.errors.contains("--objects"))
    let wrong = try Command(["replay", "--set", "slab=slib", text.path])
    #expect(wrong.status == 64 && wrong.errors.contains("'slub', 'slab', 'slob'"))
  }
}
