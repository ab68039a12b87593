import Foundation
import KernelText
import LinuxMM

/// Fragmentation over time, of a real kernel's recorded allocations and of the model that carried them out.
public struct FragmentationReport: Codable, Sendable {
  public var schema = "quire.fragmentation/1"
  public var counts: PageEventReplay.Counts
  public var samples: [PageEventReplay.Sample]
  /// Thousandths of the free memory that are in blocks too small for orders 3 and 9, at the end.
  public var modelUnusable: [Int]
  public var kernelUnusable: [Int]?

  public init(_ replay: borrowing PageEventReplay) {
    counts = replay.counts
    samples = replay.samples
    modelUnusable = samples.last.map { [$0.model.unusable(3), $0.model.unusable(9)] } ?? []
    kernelUnusable = samples.last?.kernel.map { [$0.unusable(3), $0.unusable(9)] }
  }

  public func json() throws -> String { try JSONEncoder.report.text(self) }

  public func csv() -> String {
    let orders = (0...10).map { "order\($0)" }
    var lines = [(["us", "side", "free", "unusable3", "unusable9", "fallbacks"] + orders).joined(separator: ",")]
    for sample in samples {
      for (side, blocks, fallbacks) in [
        ("model", Optional(sample.model), sample.modelFallbacks), ("kernel", sample.kernel, sample.kernelFallbacks),
      ] {
        guard let blocks else { continue }
        let figures = [blocks.frames, blocks.unusable(3), blocks.unusable(9), Int(fallbacks)] + blocks.counts
        lines.append("\(sample.microseconds),\(side)," + figures.map { "\($0)" }.joined(separator: ","))
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  public func text() -> String {
    let hasKernel = samples.contains { $0.kernel != nil }
    var out =
      "unusable: how much of the free memory is in blocks too small for 32 KiB (order 3) and 2 MiB (order 9)\n\n"
    func cell(_ text: String, _ width: Int) -> String {
      String(repeating: " ", count: max(0, width - text.count)) + text
    }
    func side(_ blocks: FreeBlocks?, _ fallbacks: UInt64) -> String {
      guard let blocks else { return "" }
      return cell("\(blocks.frames)", 10) + cell(percent(blocks.unusable(3)), 9) + cell(percent(blocks.unusable(9)), 9)
        + cell(blocks.largest.map { "\($0)" } ?? "-", 9) + cell("\(fallbacks)", 11)
    }
    let head = cell("free", 10) + cell("order 3", 9) + cell("order 9", 9) + cell("largest", 9) + cell("fallbacks", 11)
    out += cell("", 10) + "   " + "model".padding(to: 48) + (hasKernel ? "     kernel" : "") + "\n"
    out += cell("time", 10) + head + (hasKernel ? "     " + head : "") + "\n"
    let start = samples.first?.microseconds ?? 0
    for sample in samples {
      let time = Double(sample.microseconds - min(start, sample.microseconds)) / 1e6
      out += cell(String(format: "%.3f s", time), 10) + side(sample.model, sample.modelFallbacks)
      out += hasKernel ? "     " + side(sample.kernel, sample.kernelFallbacks) : ""
      out += "\n"
    }
    out += "\n\(counts.allocations) allocations, \(counts.frees) frees"
    out += "; kernel: \(counts.kernelFailures) failed, \(counts.kernelFallbacks) fallbacks to another migration type "
    out += "(\(counts.kernelFragmenting) fragmenting); "
    out += "model: \(counts.modelFailures) failed, \(counts.modelFallbacks) (\(counts.modelFragmenting))\n"
    if counts.unknownFrees + counts.unknownAllocations > 0 {
      out += "without an event: \(counts.unknownFrees) frees of frames not known to be allocated, "
      out += "\(counts.unknownAllocations) allocations of frames not known to be free\n"
    }
    return out
  }

  private func percent(_ thousandths: Int) -> String { String(format: "%.1f %%", Double(thousandths) / 10) }
}
