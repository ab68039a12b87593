import Foundation

/// Compares the model with the running kernel, program by program, and ends with 1 if one is too far off.
///
/// A figure agrees within 3 % or 16 pages. Of resident memory the kernel itself gives different figures from run to run:
/// a read fault maps the aligned 64 KiB around it, so that it matters where in such a window a library begins; and since
/// Linux 6.2 the peak is kept in per-CPU counters, each of which may be off by 32 pages a CPU. Where the figure without
/// address randomization does not agree, the range of twenty runs with it decides, half of them with the C library's
/// routines for a plain processor, which is what it finds under the tracer.
@main
struct Conformance {
  static func main() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("quire-conformance-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let own = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    let quire = own.appendingPathComponent("quire").path
    var failed = 0
    var strict = 0
    var rows = [
      [
        "PROGRAM", "MIN_FLT KERNEL", "MODEL", "DIFF", "%", "MAX_RSS KERNEL", "MODEL", "DIFF", "%", "KERNEL, 20 LAYOUTS",
        "",
      ]
    ]
    do {
      let launcher = try Measure.launcherFaults()
      for workload in try Workload.all(in: folder) {
        _ = try Measure.kernel(workload, randomized: false)
        let kernel = try Measure.kernel(workload, randomized: false)
        let model = try Measure.model(workload, quire: quire)
        let range = try (0..<20).map {
          try Measure.kernel(workload, randomized: true, plainRoutines: $0 % 2 == 1).peakResident
        }
        let lowest = range.min() ?? 0
        let highest = range.max() ?? 0
        let faults = kernel.minorFaults - launcher
        let faultsAgree = agree(faults, model.minorFaults)
        let peakAgrees = agree(kernel.peakResident, model.peakResident)
        let inRange =
          (lowest...highest).contains(model.peakResident) || agree(lowest, model.peakResident)
          || agree(highest, model.peakResident)
        let verdict =
          !faultsAgree ? "FAULTS DIFFER" : peakAgrees ? "agrees" : inRange ? "agrees with the range" : "RSS DIFFERS"
        if !faultsAgree || !(peakAgrees || inRange) { failed += 1 }
        if faultsAgree && peakAgrees { strict += 1 }
        rows.append([
          workload.name, "\(faults)", "\(model.minorFaults)", signed(model.minorFaults - faults),
          percent(faults, model.minorFaults), "\(kernel.peakResident)", "\(model.peakResident)",
          signed(model.peakResident - kernel.peakResident), percent(kernel.peakResident, model.peakResident),
          "\(lowest)-\(highest)", verdict,
        ])
      }
      show(rows)
      print("resident memory in pages; \(launcher) faults of the launcher before exec are taken off the kernel's")
      print("by 3 % or 16 pages alone, without the range: \(strict) of \(rows.count - 1)")
      print("\(rows.count - 1 - failed) passed, \(failed) failed")
    } catch {
      print("conformance: \(error)")
      Foundation.exit(2)
    }
    if failed > 0 { Foundation.exit(1) }
  }

  private static func agree(_ kernel: Int, _ model: Int) -> Bool {
    let difference = abs(model - kernel)
    return difference <= 16 || difference * 100 <= kernel * 3
  }

  private static func signed(_ value: Int) -> String { value > 0 ? "+\(value)" : "\(value)" }

  private static func percent(_ kernel: Int, _ model: Int) -> String {
    String(format: "%+.1f", Double(model - kernel) * 100 / Double(max(kernel, 1)))
  }

  private static func show(_ rows: [[String]]) {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    for row in rows {
      var line = ""
      for (column, cell) in row.enumerated() {
        let space = String(repeating: " ", count: widths[column] - cell.count)
        line += (column == 0 || column == row.count - 1 ? cell + space : space + cell) + "  "
      }
      print(line)
    }
  }
}
