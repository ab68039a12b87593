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
