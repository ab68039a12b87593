import Foundation
import HostMemory
import KernelText
import LinuxMM
import Testing

/// Texts of real kernels, made by Tests/Kernels/boot.sh.
enum KernelTexts {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Kernels")

  static let boots: [String] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.contains("cpu") || $0.contains("node") || $0.contains("-") }
      .filter { FileManager.default.fileExists(atPath: folder.appendingPathComponent("\($0)/zoneinfo-boot.txt").path) }
      .sorted()
  }()

  static func text(_ boot: String, _ name: String) throws -> String {
    try String(contentsOf: folder.appendingPathComponent("\(boot)/\(name)"), encoding: .utf8)
  }
}

@Suite struct ZoneInfoTests {
  private func compare(_ boot: String, _ moment: String, isUntouched: Bool) throws -> ZoneInfoComparison {
    let text = try ZoneInfoText(KernelTexts.text(boot, "zoneinfo-\(moment).txt"))
    let log = BootLogText(try KernelTexts.text(boot, "dmesg.txt"))
    var memory = ImitatedMemory(text, log: log, isUntouched: isUntouched)
    var values = SysctlText(try KernelTexts.text(boot, "sysctl-\(moment).txt"))
    let minimum = values.number("vm.min_free_kbytes")
    if isUntouched { values.values["vm.min_free_kbytes"] = nil }
    try memory.settings.read(values, memory.architecture)
    let model = PhysicalMemory(try memory.configuration(), metadata: .host)
    guard let model else { throw CocoaError(.featureUnsupported) }
    return ZoneInfoComparison(text, model, minimumFreeKilobytes: isUntouched ? minimum : nil)
  }

  @Test func thereAreBoots() { #expect(KernelTexts.boots.count >= 20) }

  @Test(arguments: KernelTexts.boots) func theModelHasTheKernelsFigures(boot: String) throws {
    let comparison = try compare(boot, "rewritten", isUntouched: false)
    #expect(comparison.rows.count > 10)
    for row in comparison.rows where row.differs {
      Issue.record(
        "\(boot), node \(row.node ?? -1), \(row.zone) \(row.figure): kernel \(row.kernel), model \(row.model)")
    }
  }

  @Test(arguments: KernelTexts.boots) func theModelBootsAsTheKernelDoes(boot: String) throws {
    let comparison = try compare(boot, "boot", isUntouched: true)
    for row in comparison.rows where row.differs {
      Issue.record(
        "\(boot), node \(row.node ?? -1), \(row.zone) \(row.figure): kernel \(row.kernel), model \(row.model)")
    }
  }

  @Test(arguments: KernelTexts.boots) func nodesFallBackInTheKernelsOrder(boot: String) throws {
    let log = BootLogText(try KernelTexts.text(boot, "dmesg.txt"))
    guard !log.fallbackOrders.isEmpty else { return }
    let text = try ZoneInfoText(KernelTexts.text(boot, "zoneinfo-boot.txt"))
    let rows = try KernelTexts.text(boot, "distance.txt").split(separator: "\n")
    let distances = rows.flatMap { $0.split(separator: " ").compactMap { Int($0) } }
    let count = rows.count
    // At that moment of the boot only the first processor is known.
    let topology = try NodeTopology(
      nodeCount: count, nodeOfProcessor: log.nodeOfProcessor.isEmpty ? [0] : log.nodeOfProcessor, distances: distances)
    let orders = topology.fallbackOrders(
      hasMemory: (0..<count).map { node in text.zones.contains { $0.node == node && $0.present > 0 } })
    for (node, order) in log.fallbackOrders { #expect(orders[node] == order, "\(boot), node \(node)") }
  }
}

@Suite struct ZonePlacementTests {
  /// From the RAM that a kernel's log lists and the kernel's options: the zones that the kernel made.
  @Test(arguments: KernelTexts.boots) func zonesLieWhereTheKernelPutsThem(boot: String) throws {
    let log = BootLogText(try KernelTexts.text(boot, "dmesg.txt"))
    let text = try ZoneInfoText(KernelTexts.text(boot, "zoneinfo-boot.txt"))
    #expect(!log.nodeRanges.isEmpty)
    let lowMemoryEnd = text.zones.first { $0.kind == .highmem && $0.present > 0 }?.start
    var map = try MemoryMap(
      regions: log.nodeRanges.map {
        MemoryMap.Region(
          FrameRange(
            FrameNumber(containing: PhysicalAddress($0.first)), FrameNumber(containing: PhysicalAddress($0.last + 1))),
          node: $0.node)
      }, reserved: [], architecture: text.architecture,
      lowMemoryEnd: lowMemoryEnd.map { FrameNumber(UInt32($0)) } ?? Architecture.usualLowMemoryEnd)
    for option in log.commandLine.split(separator: " ") {
      let parts = option.split(separator: "=")
      guard parts.count == 2 else { continue }
      let unit = parts[1].last == "G" ? 1 << 18 : 1 << 8
      let frames = (Int(parts[1].dropLast()) ?? 0) * unit
      if parts[0] == "kernelcore" { map.setMovable(.kernelCore(frames)) }
      if parts[0] == "movablecore" { map.setMovable(.movableCore(frames)) }
    }
    for (node, start) in log.movableStarts {
      #expect(map.movableStarts[node] == FrameNumber(containing: PhysicalAddress(start)), "\(boot), node \(node)")
    }
    let model = PhysicalMemory(try PhysicalConfiguration(map: map, topology: topology(text, map)), metadata: .host)
    guard let model else { throw CocoaError(.featureUnsupported) }
    let figures = model.zoneFigures
    for zone in text.zones where zone.present > 0 {
      let made = try #require(figures.first { $0.node == zone.node && $0.kind == zone.kind })
      #expect(made.spanned == zone.spanned, "\(boot), node \(zone.node), \(zone.kind.name)")
      #expect(made.present == zone.present, "\(boot), node \(zone.node), \(zone.kind.name)")
    }
    #expect(figures.count { $0.present > 0 } == text.zones.count { $0.present > 0 })
  }

  private func topology(_ text: ZoneInfoText, _ map: MemoryMap) throws -> NodeTopology {
    try NodeTopology(
      nodeCount: max(map.nodeCount, text.nodeCount), nodeOfProcessor: [Int](0..<max(map.nodeCount, text.nodeCount)))
  }
}

@Suite struct PageEventTests {
  @Test func linesOfBothTextsAreRead() throws {
    let ftrace = PageEvent(
      line:
        "              nc-154     [000] .....     7.039105: mm_page_alloc: page=000000003d9eca87 pfn=0xa38 order=3 migratetype=0 gfp_flags=__GFP_IO|__GFP_FS|__GFP_NOWARN"
    )
    #expect(ftrace?.microseconds == 7_039_105)
    #expect(ftrace?.kind == .allocation(frame: 0xa38, order: 3, flags: [.io, .fs, .noWarn]))
    let perf = PageEvent(
      line: "       perf-exec 11620 [001] 11630.684201:          kmem:mm_page_free: page=0x13735e pfn=0x13735e order=0")
    #expect(perf == PageEvent(line: "a-b [x] 1 [001] 11630.684201: mm_page_free: pfn=1274718 order=0"))
    #expect(perf?.processor == 1)
    let failed = PageEvent(
      line:
        "              sh   106 [001]    10.590427:         kmem:mm_page_alloc: page=(nil) pfn=0x0 order=9 migratetype=1 gfp_flags=GFP_HIGHUSER_MOVABLE|__GFP_COMP"
    )
    #expect(failed?.kind == .allocation(frame: nil, order: 9, flags: [.highUserMovable, .compound]))
    let fallback = PageEvent(
      line:
        "gzip-99 [000] d..3. 5.772377: mm_page_alloc_extfrag: page=0 pfn=0x5a00 alloc_order=0 fallback_order=8 pageblock_order=9 alloc_migratetype=1 fallback_migratetype=2 fragmenting=1 change_ownership=1"
    )
    #expect(fallback?.kind == .fallback(isFragmenting: true, changesOwnership: true))
    #expect(PageEvent(line: "# tracer: nop") == nil)
    #expect(PageEvent(line: "x [000] 1.0: mm_page_free_batched: pfn=0x1 order=0") == nil)
  }

  @Test func impossibleFramesAndOrdersAreNoEvents() {
    for text in ["pfn=0xffffffffffffffff order=0", "pfn=0x1 order=60", "pfn=0x1 order=11", "pfn=-1 order=0"] {
      #expect(PageEvent(line: "x [000] 1.0: mm_page_free: \(text)") == nil)
    }
  }

  /// Blocks that the kernel splits and frees in parts come back once, as a whole.
  @Test func blocksFreedInPartsComeBack() throws {
    let configuration = try PhysicalConfiguration.pc([64 << 20], kernelBytes: 0)
    guard let memory = PhysicalMemory(configuration, metadata: .host) else { throw CocoaError(.featureUnsupported) }
    var replay = PageEventReplay(memory)
    func event(_ text: String) throws -> PageEvent { try #require(PageEvent(line: "x [000] 1.0: \(text)")) }
    replay.carryOut(try event("mm_page_alloc: page=1 pfn=0x8 order=3 migratetype=0 gfp_flags=GFP_KERNEL"))
    for frame in 8..<16 { replay.carryOut(try event("mm_page_free: page=1 pfn=\(frame) order=0")) }
    let unknown = replay.counts.unknownFrees
    #expect(unknown == 0)
    replay.carryOut(try event("mm_page_free: page=1 pfn=8 order=0"))
    let after = replay.counts.unknownFrees
    #expect(after == 1)
  }

  @Test func changedTextsNeverTrap() throws {
    var random = SystemRandomNumberGenerator()
    let zoneinfo = Array(try KernelTexts.text("2G-2cpu", "zoneinfo-boot.txt").utf8)
    let line = Array("sh-1 [000] 1.5: mm_page_alloc: page=1 pfn=0x5 order=0 migratetype=1 gfp_flags=GFP_KERNEL".utf8)
    for round in 0..<3000 {
      var bytes = round % 2 == 0 ? zoneinfo : line
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 9...126, using: &random)
        case 1: bytes.removeSubrange(place..<min(place + Int.random(in: 1...40, using: &random), bytes.count))
        default:
          bytes.insert(
            contentsOf: "99999999999999999999".utf8.prefix(Int.random(in: 1...20, using: &random)), at: place)
        }
        if bytes.isEmpty { break }
      }
      let text = String(decoding: bytes, as: UTF8.self)
      if round % 2 == 0 {
        guard let zones = try? ZoneInfoText(text) else { continue }
        if let configuration = try? ImitatedMemory(zones).configuration(), configuration.map.presentFrames < 1 << 22 {
          guard let memory = PhysicalMemory(configuration, metadata: .host) else { continue }
          let zoneCount = memory.zoneFigures.count
          #expect(zoneCount > 0)
        }
      } else {
        _ = PageEvent(line: text)
        _ = try? FreeFramesText(text)
        _ = BootLogText(text)
        _ = SysctlText(text)
      }
    }
  }

  @Test func overlappingZonesAreRefused() throws {
    var text = try ZoneInfoText(KernelTexts.text("2G-2cpu", "zoneinfo-boot.txt"))
    let zone = try #require(text.zones.firstIndex { $0.kind == .dma32 })
    text.zones[zone].start = 2048
    #expect(throws: ZoneInfoText.Problem.self) { try ImitatedMemory(text).configuration() }
    do { _ = try ImitatedMemory(text).configuration() } catch {
      #expect("\(error)".contains("overlaps at 0x800000"), "\(error)")
    }
  }
}
