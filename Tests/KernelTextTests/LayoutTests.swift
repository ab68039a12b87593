import LinuxMM
import Testing

/// The model's address spaces beside those of real kernels.
@Suite struct LayoutTests {
  /// What differs on kernels newer than 6.1, by the change that made it. Widths are those of the programs.
  private func isNewer(_ layouts: KernelLayouts, _ run: KernelLayouts.Run, _ measure: String) -> Bool {
    guard layouts.name.hasPrefix("host") else { return false }
    switch measure {
    // 6.3: AT_RSEQ_FEATURE_SIZE and AT_RSEQ_ALIGN in the auxiliary vector (commit 317c8194e6ae).
    case "sp", "sp-offset": return true
    // 6.9: the vdso of 64-bit programs lies among the mappings (commit 3c6539b4c177).
    // 6.13: two pages more of clocks before it, in an area of their own (commit e93d2521b27f).
    case "vdso", "vdso-offset", "vvar-bytes", "mmap": return true
    default: return false
    }
  }

  private let places: [String: LayoutPlace] = [
    "program": .program, "heap": .heap, "interpreter": .interpreter, "vdso": .vvar, "sp": .stackPointer,
  ]

  @Test(arguments: KernelLayouts.names) func theModelHasTheKernelsFixedAddresses(name: String) throws {
    let layouts = try KernelLayouts(name)
    var compared = 0
    for run in layouts.runs where run.samples < 100 {
      let request = layouts.request(run)
      var random = XorShift64(seed: 1)
      let model = try Layout(request, using: &random).measures(request)
      for (measure, kernel) in run.measures where !isNewer(layouts, run, measure) {
        #expect(kernel.isConstant && kernel.lowest == model[measure], "\(run.line): \(measure)")
        compared += 1
      }
    }
    print("\(name): \(compared) addresses equal")
    #expect(compared > 500)
  }

  /// The same bits vary as often, the same range is covered, and the Kolmogorov-Smirnov distance of the distributions,
  /// taken at the ends of the 32 parts of the kernel's range, is below its critical value for 1 in a million.
  @Test(arguments: KernelLayouts.names) func theModelVariesAsTheKernelDoes(name: String) throws {
    let layouts = try KernelLayouts(name)
    var compared = 0
    var worstDistance = 0.0
    var worstBit = 0.0
    for (number, run) in layouts.runs.enumerated() where run.samples >= 100 {
      let request = layouts.request(run)
      var random = XorShift64(seed: UInt64(number + 1) &* 0x9E37_79B9_7F4A_7C15)
      var model: [String: [UInt64]] = [:]
      for _ in 0..<run.samples {
        for (measure, value) in try Layout(request, using: &random).measures(request) {
          model[measure, default: []].append(value)
        }
      }
      let count = Double(run.samples)
      for (measure, kernel) in run.measures where !isNewer(layouts, run, measure) {
        let values = model[measure]!
        let lowest = values.min()!
        let highest = values.max()!
        if kernel.isConstant {
          #expect(lowest == highest && lowest == kernel.lowest, "\(run.line): \(measure)")
          continue
        }
        compared += 1
        // Bits: the same vary, but for those that hardly ever do, and each is set as often, within 5.5 standard
        // deviations.
        let varied = values.reduce(0, |) & ~values.reduce(.max, &)
        let often = 20...run.samples - 20
        var ones = kernel.ones[...]
        for bit in 0..<64 {
          let kernelOnes: Int
          if kernel.varied >> UInt64(bit) & 1 == 1 {
            kernelOnes = ones.removeFirst()
          } else {
            kernelOnes = kernel.lowest >> UInt64(bit) & 1 == 1 ? run.samples : 0
          }
          let modelOnes = values.reduce(0) { $0 + Int($1 >> UInt64(bit) & 1) }
          #expect(
            (varied ^ kernel.varied) >> UInt64(bit) & 1 == 0
              || !often.contains(kernelOnes) && !often.contains(modelOnes),
            "\(run.line): \(measure), bit \(bit) varies on one side only")
          let both = Double(kernelOnes + modelOnes)
          let deviation = (both * (1 - both / (2 * count))).squareRoot()
          let distance = abs(Double(kernelOnes - modelOnes)) / max(deviation, 1)
          worstBit = max(worstBit, distance)
          #expect(distance < 5.5, "\(run.line): \(measure), bit \(bit): kernel \(kernelOnes), model \(modelOnes)")
        }
        // Distribution.
        let limit = 2.69 * (2 / count).squareRoot()
        var below = 0
        let sorted = values.sorted()
        var place = 0
        for (bin, samples) in kernel.bins.enumerated() {
          below += samples
          let end = kernel.lowest + kernel.binWidth * UInt64(bin + 1)
          while place < sorted.count, sorted[place] < end { place += 1 }
          let distance = abs(Double(below - place)) / count
          worstDistance = max(worstDistance, distance / limit)
          #expect(distance < limit, "\(run.line): \(measure), part \(bin): kernel \(below), model \(place)")
        }
        // Ends: close to each other, and to those that the rules give. Towards an end a distribution falls off as that of a
        // sum of two at worst; then all samples together stay away from it by this part of the range once in e^12.
        let slack = UInt64(
          Double(max(highest, kernel.highest) - min(lowest, kernel.lowest)) * (24 / count).squareRoot())
        #expect(max(lowest, kernel.lowest) - min(lowest, kernel.lowest) <= slack, "\(run.line): \(measure)")
        #expect(max(highest, kernel.highest) - min(highest, kernel.highest) <= slack, "\(run.line): \(measure)")
        if let place = places[measure], let ends = try request.spread(of: place)?.starts {
          // Strings of more than a page push the vdso of some execs down among the mappings.
          if place == .vvar && run.isWide && run.number("strings") > 4000 { continue }
          let rule = (lowest: ends.lowerBound.rawValue, highest: ends.upperBound.rawValue)
          #expect(kernel.lowest >= rule.lowest && kernel.lowest - rule.lowest <= slack, "\(run.line): \(measure)")
          #expect(kernel.highest <= rule.highest && rule.highest - kernel.highest <= slack, "\(run.line): \(measure)")
        }
      }
    }
    print(
      "\(name): \(compared) distributions; largest distance \(worstDistance) of the allowed, of a bit \(worstBit) deviations"
    )
    #expect(compared > 100)
  }
}
