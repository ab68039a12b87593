import ArgumentParser
import Foundation
import KernelText
import LinuxMM

/// `quire validate slabinfo`: the caches of a real kernel's heap beside the model's layout.
struct ValidateSlabInfo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "slabinfo",
    abstract: "Compare the layout of a kernel's caches with the model's.",
    discussion: """
      Takes the sizes and alignments of objects and the number of processors as given, and derives the rest: how far objects \
      are from each other, how many a slab has, and how many pages it takes. The last line is 'differences: N'; the exit \
      status is 1 if N is not 0.

      FILE is a text of /proc/slabinfo. Lines 'NAME -> CACHE' may follow, the links of /sys/kernel/slab, and a table of \
      values: a line 'slab object_size align ...' with the names of files below /sys/kernel/slab/CACHE, then a line for \
      each cache. With --apart, a text with that table of the same kernel booted with slab_nomerge, it is also compared \
      which caches become one.

      EXAMPLES
        quire validate slabinfo
        quire validate slabinfo --cpus 4 slabinfo.txt
        quire validate slabinfo --cpus 2 --kernel 6.1 --apart apart.txt slabs.txt
      """)

  @Option(help: ArgumentHelp("Processors of the kernel's machine (default: this machine's).", valueName: "count"))
  var cpus: Int?

  @Option(
    help: ArgumentHelp(
      "The kernel's version (default: 6.1, for this machine's text its own).", valueName: "major.minor"))
  var kernel: String?

  @Option(help: ArgumentHelp("The same kernel's text with slab_nomerge.", valueName: "file"))
  var apart: String?

  @Option(name: .customLong("min-objects"), help: ArgumentHelp("The boot option slub_min_objects.", valueName: "count"))
  var minimumObjects = 0

  @Option(name: .customLong("max-order"), help: ArgumentHelp("The boot option slub_max_order.", valueName: "order"))
  var maximumOrder = 3

  @Flag(name: .customLong("32-bit"), help: "The kernel is one of 32 bits.")
  var isNarrow = false

  @Flag(help: "List only what differs.")
  var quiet = false

  @Argument(help: "The slabinfo text, or - for standard input (default: this machine's).")
  var file: String?

  func run() throws {
    try reportingFailures {
      let text = try read(file ?? "/proc/slabinfo")
      let comparison = SlabInfoComparison(text, apart: try apart.map(read), try settings())
      write(comparison)
      return comparison.differences > 0 ? 1 : 0
    }
  }

  private func read(_ path: String) throws -> SlabInfoText {
    do { return try SlabInfoText(readText(path)) } catch let problem as SlabInfoText.Problem {
      throw Failure(.damagedInput, "'\(path)': \(problem)")
    }
  }

  private func settings() throws -> HeapSettings {
    if let cpus, !(1...8192).contains(cpus) {
      throw Failure(.usage, "--cpus: '\(cpus)' is not accepted; expected a number from 1 to 8192")
    }
    guard (0...32767).contains(minimumObjects) else {
      throw Failure(.usage, "--min-objects: '\(minimumObjects)' is not accepted; expected a number from 0 to 32767")
    }
    guard (0...10).contains(maximumOrder) else {
      throw Failure(.usage, "--max-order: '\(maximumOrder)' is not accepted; expected a number from 0 to 10")
    }
    var settings = HeapSettings(processors: cpus ?? ProcessInfo.processInfo.processorCount)
    settings.minimumObjects = minimumObjects
    settings.maximumOrder = PageOrder(maximumOrder)
    settings.wordSize = isNarrow ? 4 : 8
    let release = file == nil ? try? readText("/proc/sys/kernel/osrelease") : nil
    let version = kernel ?? release ?? "6.1"
    let parts = version.split(whereSeparator: { !$0.isNumber }).prefix(2).compactMap { Int($0) }
    guard parts.count == 2 else {
      throw Failure(.usage, "--kernel: '\(version)' is not accepted; expected a version such as 6.1")
    }
    settings.rules = HeapRules(version: (parts[0], parts[1]))
    return settings
  }

  private func write(_ comparison: SlabInfoComparison) {
    func pad(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(1, width - text.count))
    }
    var lines: [String] = [pad("cache", 32) + pad("figure", 20) + pad("kernel", 14) + "model"]
    for row in comparison.rows where !quiet || row.differs {
      lines.append(
        pad(row.cache, 32) + pad(row.figure, 20) + pad(row.kernel, 14) + row.model + (row.differs ? "   DIFFERS" : ""))
    }
    lines.append("caches: \(comparison.cacheCount), figures: \(comparison.rows.count)")
    lines.append("differences: \(comparison.differences)")
    print(lines.joined(separator: "\n"))
  }
}
