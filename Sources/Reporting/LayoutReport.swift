import Foundation
import LinuxMM

/// Address-space layouts as tables.
public struct LayoutReport {
  private let request: LayoutRequest
  private let seed: UInt64
  private var random: XorShift64

  /// - Parameter seed: any number; the same gives the same layouts.
  public init(_ request: LayoutRequest, seed: UInt64) {
    self.request = request
    self.seed = seed
    // Spreads small seeds over all bits, which the generator would take some time for (the constants of SplitMix64).
    var state = seed &+ 0x9E37_79B9_7F4A_7C15
    state = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
    state = (state ^ state >> 27) &* 0x94D0_49BB_1331_11EB
    random = XorShift64(seed: state ^ state >> 31)
  }

  /// One layout: a line for each thing, in the order of addresses.
  public mutating func table() throws(LayoutProblem) -> String {
    let layout = try Layout(request, using: &random)
    var rows: [(start: VirtualAddress, cells: [String])] = []
    for place in LayoutPlace.allCases {
      guard let range = layout.range(of: place), let spread = try request.spread(of: place) else { continue }
      let size = range.upperBound.rawValue - range.lowerBound.rawValue
      let end =
        switch place {
        case .heap: "grows up"
        case .mmapBase: layout.isBottomUp ? "grows up" : "grows down"
        case .stackPointer: "–"
        default: hex(range.upperBound)
        }
      rows.append(
        (
          range.lowerBound,
          [
            name(place), hex(range.lowerBound), end, size == 0 ? "–" : Units.bytes(size), rule(spread),
            spread.isFixed ? "always there" : hex(spread.starts.lowerBound) + " to " + hex(spread.starts.upperBound),
          ]
        ))
    }
    rows.sort { $0.start < $1.start }
    let head = ["REGION", "START", "END", "SIZE", "RANDOM BITS", "RANGE OF THE START"]
    return heading(layout) + "\n" + TextTable(rows: [head] + rows.map(\.cells), left: [0, 4, 5]).text
  }

  /// Many layouts: how each thing's start varied.
  public mutating func samples(_ count: Int) throws(LayoutProblem) -> String {
    let first = try Layout(request, using: &random)
    let places = LayoutPlace.allCases.filter { first.range(of: $0) != nil }
    var starts = places.map { [first.range(of: $0)?.lowerBound.rawValue ?? 0] }
    for _ in 1..<max(count, 1) {
      let layout = try Layout(request, using: &random)
      for (column, place) in places.enumerated() {
        starts[column].append(layout.range(of: place)?.lowerBound.rawValue ?? 0)
      }
    }
    var rows = [
      ["REGION", "LOWEST START", "HIGHEST START", "DISTINCT", "BITS VARIED", "WHICH", "ENTROPY", "BY THE RULE"]
    ]
    for (column, place) in places.enumerated() {
      guard let spread = try request.spread(of: place) else { continue }
      let sample = AddressSample(starts[column])
      let bits = sample.variedBits
      rows.append([
        name(place), hex(VirtualAddress(sample.lowest)), hex(VirtualAddress(sample.highest)),
        Units.count(UInt64(sample.distinct)), "\(bits.count)", bits.isEmpty ? "–" : "\(bits.first!) to \(bits.last!)",
        Units.decimal(sample.entropy, 2), rule(spread),
      ])
    }
    return heading(first)
      + "samples   \(Units.count(UInt64(count))); entropy: of each address bit, summed; an upper bound\n\n"
      + TextTable(rows: rows, left: [0, 7]).text
  }

  /// Why a layout cannot be, for an error's line.
  public static func reason(_ problem: LayoutProblem) -> String {
    func hex(_ address: UInt64) -> String { "0x" + String(address, radix: 16) }
    switch problem {
    case .pageTableLevels: return "its page tables have 4 levels, or 5 with a 64-bit kernel"
    case .mmapRandomBits(let range): return "mappings have \(range.lowerBound) to \(range.upperBound) random bits"
    case .stackGuardGap: return "the guard gap is a multiple of 4096 bytes below 4 GiB"
    case .nothingToLoad: return "the program or its interpreter has no segments to load"
    case .segment(let segment):
      return "the segment of \(segment.memoryBytes) bytes for \(hex(segment.address)) does not fit into its addresses"
    case .occupied(let range):
      return "something else lies at its place, \(hex(range.lowerBound.rawValue)) to \(hex(range.upperBound.rawValue))"
    case .noRoom(let bytes): return "there is no room for \(Units.bytes(bytes)) together"
    case .stackLimit: return "its arguments do not fit into the stack"
    }
  }

  private func heading(_ layout: Layout) -> String {
    let kernel =
      switch request.width {
      case .bits64: "64-bit program, x86-64 kernel"
      case .compat32: "32-bit program, x86-64 kernel"
      case .native32: "32-bit program, 32-bit kernel (3 GiB for programs)"
      }
    let limit = request.stackLimit == LayoutRequest.unlimited ? "unlimited" : Units.bytes(request.stackLimit)
    let image = request.program.isPositionIndependent ? "position-independent" : "at fixed addresses"
    let loader = request.interpreter == nil ? "without interpreter" : "with an interpreter"
    return """
      task      \(kernel), addresses below \(hex(layout.taskSize)); \(image), \(loader)
      random    \(request.isRandomized ? "kernel.randomize_va_space=\(request.randomization.rawValue), seed \(seed)" : "nothing")
      mappings  \(layout.isBottomUp ? "from the bottom up" : "from the top down"); stack limit \(limit), \
      guard gap \(Units.bytes(request.stackGuardGap))

      """
  }

  private func rule(_ spread: LayoutSpread) -> String {
    if spread.isFixed { return "0" }
    let bits = spread.randomBits
    let own = bits.upperBound == 0 ? "" : bits.count == 1 ? "\(bits.upperBound)" : "up to \(bits.upperBound)"
    guard let followed = spread.follows else { return own }
    return own.isEmpty ? "with \(name(followed))" : "\(own), with \(name(followed))"
  }

  private func hex(_ address: VirtualAddress) -> String { "0x" + String(address.rawValue, radix: 16) }

  private func name(_ place: LayoutPlace) -> String {
    switch place {
    case .program: "program"
    case .code: "  code"
    case .data: "  data"
    case .zeroedData: "  bss"
    case .heap: "heap"
    case .interpreter: "interpreter"
    case .mmapBase: "mmap base"
    case .vvar: "vvar"
    case .vdso: "vdso"
    case .stack: "stack"
    case .stackPointer: "stack pointer"
    }
  }
}

extension LayoutSpread {
  fileprivate var isFixed: Bool { starts.lowerBound == starts.upperBound }
}

/// How the same thing's addresses differ over many layouts.
struct AddressSample {
  let lowest: UInt64
  let highest: UInt64
  let distinct: Int
  /// The address bits that were not the same everywhere, from the lowest on.
  let variedBits: [Int]
  /// In bits: the sum over all address bits of the entropy of each.
  let entropy: Double

  /// - Precondition: there are addresses.
  init(_ addresses: [UInt64]) {
    lowest = addresses.min() ?? 0
    highest = addresses.max() ?? 0
    distinct = Set(addresses).count
    var varied: [Int] = []
    var entropy = 0.0
    for bit in 0..<64 {
      let ones = addresses.reduce(0) { $0 + Int($1 >> UInt64(bit) & 1) }
      if ones == 0 || ones == addresses.count { continue }
      varied.append(bit)
      let share = Double(ones) / Double(addresses.count)
      entropy -= share * log2(share) + (1 - share) * log2(1 - share)
    }
    variedBits = varied
    self.entropy = entropy
  }
}
