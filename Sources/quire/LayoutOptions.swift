import ArgumentParser
import Foundation
import LinuxMM

/// What `quire show layout` takes beside the machine's settings.
struct LayoutOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("layout: the program's width, 64 or 32 (default: the program's own, or 64).", valueName: "bits"))
  var bits: String?

  @Option(help: ArgumentHelp("layout: levels of page tables, 4 or 5 (default 4).", valueName: "count"))
  var levels: String?

  @Option(help: ArgumentHelp("layout: RLIMIT_STACK, a size or 'unlimited' (default 8M).", valueName: "size"))
  var stackLimit: String?

  @Option(
    help: ArgumentHelp(
      "layout: ADDR_NO_RANDOMIZE, ADDR_COMPAT_LAYOUT, ADDR_LIMIT_3GB, joined by commas (default none).",
      valueName: "flags"))
  var personality: String?

  @Option(help: ArgumentHelp("layout: chooses the random numbers (default 1).", valueName: "number"))
  var seed: String?

  @Option(
    help: ArgumentHelp("layout: make so many layouts and show how they differ, 2 to 1000000.", valueName: "count"))
  var samples: String?

  @Argument(parsing: .postTerminator, help: "layout: a program and its arguments, after '--' (default: a typical one).")
  var program: [String] = []

  /// The first option given, for views that have no use for it.
  var given: String? {
    for (name, value) in [
      ("--bits", bits), ("--levels", levels), ("--stack-limit", stackLimit), ("--personality", personality),
      ("--seed", seed), ("--samples", samples),
    ] where value != nil { return name }
    return program.isEmpty ? nil : "a program"
  }

  static let keys = [
    "arch", "kernel.randomize_va_space", "vm.legacy_va_layout", "vm.mmap_rnd_bits", "vm.mmap_rnd_compat_bits",
    "stack_guard_gap",
  ]

  func seedNumber() throws -> UInt64 { try number("--seed", seed, 0...UInt64.max, "a number") ?? 1 }

  func sampleCount() throws -> Int? {
    try number("--samples", samples, 2...1_000_000, "a number from 2 to 1000000").map { Int($0) }
  }

  /// What is to be laid out.
  ///
  /// - Parameter settings: values of `--set`, each KEY=VALUE.
  func request(_ settings: [String]) throws -> LayoutRequest {
    var values: [String: String] = [:]
    for pair in settings {
      guard let mark = pair.firstIndex(of: "=") else { throw Failure(.usage, "--set '\(pair)': expected KEY=VALUE") }
      let key = String(pair[..<mark])
      guard Self.keys.contains(key) else {
        throw Failure(
          .usage, "--set \(key): it does not change a layout; known are \(Self.keys.joined(separator: ", "))")
      }
      let value = String(pair[pair.index(after: mark)...])
      if let other = values[key], other != value {
        throw Failure(.usage, "--set \(key) is given twice, as '\(other)' and '\(value)'")
      }
      values[key] = value
    }
    let isKernel64 = try isKernel64Bit(values["arch"])
    let wantedBits = try number("--bits", bits, 32...64, "64 or 32")
    guard wantedBits == nil || wantedBits == 32 || wantedBits == 64 else {
      throw Failure(.usage, "--bits: '\(bits ?? "")' is not accepted; expected 64 or 32")
    }
    let subject = try subject(wantedBits, isKernel64)
    guard isKernel64 || !subject.is64Bit else {
      throw Failure(.usage, "--set arch=\(values["arch"] ?? ""): a 32-bit kernel cannot run a 64-bit program")
    }
    let width: TaskWidth = subject.is64Bit ? .bits64 : isKernel64 ? .compat32 : .native32
    var request = LayoutRequest(width, program: subject.image, interpreter: subject.interpreter)
    request.arguments = subject.arguments
    if let levels = try number("--levels", levels, 4...5, "4 or 5") {
      guard isKernel64 || levels == 4 else {
        throw Failure(.usage, "--levels \(levels): a 32-bit kernel has no five levels of page tables")
      }
      request.pageTableLevels = Int(levels)
    }
    if let stackLimit {
      request.stackLimit =
        stackLimit == "unlimited" ? LayoutRequest.unlimited : ByteSize(argument: stackLimit)?.bytes ?? 0
      guard request.stackLimit >= 16384, isKernel64 || stackLimit == "unlimited" || request.stackLimit < 1 << 32 else {
        let most = isKernel64 ? "" : " and less than 4G"
        throw Failure(
          .usage,
          "--stack-limit: '\(stackLimit)' is not accepted; expected a size of at least 16K\(most), or 'unlimited'")
      }
    }
    request.personality = try flags()
    func setting(_ key: String, _ range: ClosedRange<UInt64>, _ accepted: String) throws -> Int? {
      try number("--set \(key)", values[key], range, accepted).map { Int($0) }
    }
    if let value = try setting("kernel.randomize_va_space", 0...2, "0, 1 or 2") {
      request.randomization = AddressRandomization(rawValue: value) ?? .full
    }
    request.isLegacy = try setting("vm.legacy_va_layout", 0...1, "0 or 1") == 1
    let native = isKernel64 ? TaskWidth.bits64 : .native32
    let bits = try setting("vm.mmap_rnd_bits", native.mmapRandomBits)
    if let bits, width == native { request.mmapRandomBits = bits }
    guard isKernel64 || values["vm.mmap_rnd_compat_bits"] == nil else {
      throw Failure(.usage, "--set vm.mmap_rnd_compat_bits: a 32-bit kernel has no such setting")
    }
    let compatBits = try setting("vm.mmap_rnd_compat_bits", TaskWidth.compat32.mmapRandomBits)
    if let compatBits, width == .compat32 { request.mmapRandomBits = compatBits }
    if let pages = try setting("stack_guard_gap", 0...65536, "a number of pages from 0 to 65536") {
      request.stackGuardGap = UInt64(pages) << 12
    }
    return request

    func setting(_ key: String, _ range: ClosedRange<Int>) throws -> Int? {
      try setting(
        key, UInt64(range.lowerBound)...UInt64(range.upperBound),
        "a number from \(range.lowerBound) to \(range.upperBound)")
    }
  }

  private func isKernel64Bit(_ arch: String?) throws -> Bool {
    switch arch {
    case nil, "x86_64": return true
    case "i386", "i386-pae": return false
    default: throw Failure(.usage, "--set arch: '\(arch ?? "")' is not accepted; expected x86_64, i386 or i386-pae")
    }
  }

  private struct Subject {
    var is64Bit: Bool
    var image: LoadableImage
    var interpreter: LoadableImage?
    var arguments: LayoutRequest.Arguments
  }

  /// The program, its interpreter and what exec puts on its stack. The environment is taken to be empty.
  private func subject(_ wantedBits: UInt64?, _ isKernel64: Bool) throws -> Subject {
    guard !program.isEmpty else {
      return Subject(
        is64Bit: wantedBits.map { $0 == 64 } ?? isKernel64, image: TypicalProgram.image,
        interpreter: TypicalProgram.interpreter,
        arguments: LayoutRequest.Arguments(path: "/usr/bin/cat", ["cat"]))
    }
    let path = try ProgramPath(program, accepts32Bit: true)
    let headers = try ELFHeaders(path.executable)
    let bits = headers.is64Bit ? 64 : 32
    if let wantedBits, wantedBits != bits {
      throw Failure(.usage, "--bits \(wantedBits): '\(path.executable)' is a \(bits)-bit program")
    }
    let interpreter = try headers.interpreter.map { name in
      let loader = try ELFHeaders(name)
      guard loader.is64Bit == headers.is64Bit else {
        throw Failure(.cannotExecute, "'\(name)', the interpreter of '\(path.executable)', has another width")
      }
      return loader.image
    }
    return Subject(
      is64Bit: headers.is64Bit, image: headers.image, interpreter: interpreter,
      arguments: LayoutRequest.Arguments(path: try ProgramPath.find(program[0]), path.arguments))
  }

  private func flags() throws -> Personality {
    let names: [String: Personality] = [
      "ADDR_NO_RANDOMIZE": .noRandomization, "ADDR_COMPAT_LAYOUT": .legacyLayout, "ADDR_LIMIT_3GB": .threeGigabytes,
    ]
    var result: Personality = []
    for name in (personality ?? "").split(separator: ",") {
      guard let flag = names[String(name)] else {
        throw Failure(
          .usage,
          "--personality: '\(name)' is not accepted; expected ADDR_NO_RANDOMIZE, ADDR_COMPAT_LAYOUT or ADDR_LIMIT_3GB")
      }
      result.insert(flag)
    }
    return result
  }

  private func number(
    _ name: String, _ value: String?, _ range: ClosedRange<UInt64>, _ accepted: String
  ) throws -> UInt64? {
    guard let value else { return nil }
    guard let number = UInt64(value), range.contains(number) else {
      throw Failure(.usage, "\(name): '\(value)' is not accepted; expected \(accepted)")
    }
    return number
  }
}

/// The program that is shown when none is named: Debian 12's 64-bit `cat` with its dynamic linker, for both widths.
enum TypicalProgram {
  static let image = moved([
    (0, 0x1720, 0x1720), (0x2000, 0x4da9, 0x4da9), (0x7000, 0x20e8, 0x20e8), (0xac30, 0x650, 0x7e8),
  ])
  static let interpreter = moved([
    (0, 0xd58, 0xd58), (0x1000, 0x25111, 0x25111), (0x27000, 0x9c7c, 0x9c7c), (0x31900, 0x2810, 0x29d8),
  ])

  /// Address, bytes in the file, bytes in memory; the second is the code.
  private static func moved(_ segments: [(UInt64, UInt64, UInt64)]) -> LoadableImage {
    LoadableImage(
      isPositionIndependent: true,
      segments: segments.enumerated().map { place, segment in
        LoadableImage.Segment(
          address: segment.0, fileBytes: segment.1, memoryBytes: segment.2, isExecutable: place == 1)
      })
  }
}
