import Foundation
import LinuxMM

/// Where a real kernel put programs: a text of Tests/Kernels/layout.
struct KernelLayouts {
  /// One thing's place over all samples of a run.
  struct Measure {
    var lowest: UInt64
    var highest: UInt64
    /// Address bits that were not the same in all samples.
    var varied: UInt64 = 0
    /// For each varied bit, from the lowest on, the samples in which it was set.
    var ones: [Int] = []
    /// Samples in 32 equal parts of the range.
    var bins: [Int] = []

    var isConstant: Bool { lowest == highest }
    /// The values in each part.
    var binWidth: UInt64 { (highest - lowest) / UInt64(bins.count) + 1 }
  }

  struct Run {
    let line: String
    let program: String
    let settings: [String: String]
    var measures: [String: Measure] = [:]

    func number(_ key: String, radix: Int = 10) -> UInt64 { UInt64(settings[key] ?? "", radix: radix) ?? 0 }
    var samples: Int { Int(number("samples")) }
    var isWide: Bool { program.hasSuffix("-64") }
  }

  struct Image {
    var image: LoadableImage
    var interpreter: String?
  }

  let name: String
  private(set) var kernel = ""
  private(set) var images: [String: Image] = [:]
  private(set) var runs: [Run] = []

  static let names = ["debian-6.1-amd64", "debian-6.1-amd64-5level", "debian-6.1-i386", "host-6.18"]

  init(_ name: String) throws {
    self.name = name
    let unpack = Foundation.Process()
    unpack.executableURL = URL(fileURLWithPath: "/bin/gzip")
    unpack.arguments = ["-dc", KernelTexts.folder.appendingPathComponent("layout/\(name).txt.gz").path]
    let pipe = Pipe()
    unpack.standardOutput = pipe
    try unpack.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    unpack.waitUntilExit()
    var last = ""
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      switch words[0] {
      case "kernel": kernel = String(line)
      case "image":
        last = words[1]
        let interpreter = words[4].split(separator: "=")[1]
        images[last] = Image(
          image: LoadableImage(isPositionIndependent: words[3] == "movable", segments: []),
          interpreter: interpreter == "-" ? nil : String(interpreter))
      case "load":
        let figures = words[1...4].compactMap { UInt64($0, radix: 16) }
        images[last]?.image.segments.append(
          LoadableImage.Segment(
            address: figures[0], fileBytes: figures[1], memoryBytes: figures[2], alignment: figures[3],
            isExecutable: words[5] == "x"))
      case "run":
        let pairs = words.dropFirst(2).map { $0.split(separator: "=").map(String.init) }
        runs.append(
          Run(
            line: String(line), program: words[1],
            settings: Dictionary(uniqueKeysWithValues: pairs.map { ($0[0], $0[1]) })))
      case "end": break
      default:
        var measure = Measure(lowest: UInt64(words[1], radix: 16)!, highest: UInt64(words[1], radix: 16)!)
        if words.count > 2 {
          func list(_ word: String) -> [Int] { word.split(separator: "=")[1].split(separator: ",").map { Int($0)! } }
          measure.highest = UInt64(words[2], radix: 16)!
          measure.varied = UInt64(words[3].split(separator: "=")[1], radix: 16)!
          measure.ones = list(words[4])
          measure.bins = list(words[5])
        }
        runs[runs.count - 1].measures[words[0]] = measure
      }
    }
  }

  /// What the model is asked for a run.
  func request(_ run: Run) -> LayoutRequest {
    let program = images[run.program]!
    let isKernelWide = kernel.contains("x86_64")
    let width: TaskWidth = run.isWide ? .bits64 : isKernelWide ? .compat32 : .native32
    var request = LayoutRequest(
      width, program: program.image, interpreter: program.interpreter.map { images[$0]!.image })
    // The host's programs were on ext4, the guests' on tmpfs.
    request.program.prefersHugePages = name.hasPrefix("host")
    request.pageTableLevels = kernel.contains("la57") ? 5 : 4
    request.stackLimit = run.number("stack", radix: 16)
    request.personality = Personality(rawValue: UInt32(run.number("personality", radix: 16)))
    request.randomization = AddressRandomization(rawValue: Int(run.number("randomize_va_space")))!
    request.isLegacy = run.number("legacy_va_layout") != 0
    request.mmapRandomBits = Int(run.number(width == .compat32 ? "mmap_rnd_compat_bits" : "mmap_rnd_bits"))
    if let gap = kernel.split(separator: " ").first(where: { $0.hasPrefix("stack_guard_gap=") }) {
      request.stackGuardGap = UInt64(gap.split(separator: "=")[1])! << 12
    }
    request.arguments = LayoutRequest.Arguments(count: 1, stringBytes: run.number("strings"))
    return request
  }
}

extension Layout {
  /// A layout's figures under the names of the kernels' texts.
  func measures(_ request: LayoutRequest) -> [String: UInt64] {
    let start = program.lowerBound.rawValue
    let end = request.program.segments.map { $0.address + $0.memoryBytes }.max()! &+ programBias
    let stackEnd = stack.upperBound.rawValue
    return [
      "program": start,
      "code-start": code.lowerBound.rawValue - start,
      "code-end": code.upperBound.rawValue - start,
      "data-start": data.lowerBound.rawValue - start,
      "data-end": data.upperBound.rawValue - start,
      "heap": heapStart.rawValue,
      "heap-offset": heapStart.rawValue &- (end + 4095) & ~4095,
      "interpreter": interpreterBias,
      "mmap": firstMapping(request),
      "vdso": vvar.lowerBound.rawValue,
      "vdso-offset": vvar.lowerBound.rawValue &- stackEnd,
      "vvar-bytes": vvar.upperBound.rawValue - vvar.lowerBound.rawValue,
      "vdso-bytes": vdso.upperBound.rawValue - vdso.lowerBound.rawValue,
      "stack-end": stackEnd,
      "stack-bytes": stackEnd - stack.lowerBound.rawValue,
      "strings-offset": stackEnd - argumentStart.rawValue,
      "sp": stackPointer.rawValue,
      "sp-offset": stackEnd - stackPointer.rawValue,
    ]
  }

  /// Where a program's first mapping of one page goes: past whatever exec has put at the base of mappings.
  private func firstMapping(_ request: LayoutRequest) -> UInt64 {
    var taken = [(vvar.lowerBound.rawValue, vdso.upperBound.rawValue)]
    func add(_ image: LoadableImage, _ bias: UInt64) {
      for segment in image.segments where segment.memoryBytes > 0 {
        let start = segment.address &+ bias
        taken.append((start & ~4095, (start + segment.memoryBytes + 4095) & ~4095))
      }
    }
    add(request.program, programBias)
    if let interpreter = request.interpreter { add(interpreter, interpreterBias) }
    var page = isBottomUp ? bottomUpBase.rawValue : topDownBase.rawValue - 4096
    while let blocker = taken.first(where: { $0.0 <= page && page < $0.1 }) {
      page = isBottomUp ? blocker.1 : blocker.0 - 4096
    }
    return page
  }
}
