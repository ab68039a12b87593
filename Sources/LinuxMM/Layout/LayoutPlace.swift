/// The things of a ``Layout``, by name.
public enum LayoutPlace: Sendable, CaseIterable {
  case program, code, data, zeroedData, heap, interpreter
  /// Where mappings go on from.
  case mmapBase
  case vvar, vdso, stack, stackPointer
}

extension Layout {
  /// Where a thing lies; empty for a point from which something grows, `nil` if there is no such thing.
  public func range(of place: LayoutPlace) -> Range<VirtualAddress>? {
    switch place {
    case .program: program
    case .code: code
    case .data: data
    case .zeroedData: zeroedData.isEmpty ? nil : zeroedData
    case .heap: heapStart..<heapStart
    case .interpreter: interpreter
    case .mmapBase: isBottomUp ? bottomUpBase..<bottomUpBase : topDownBase..<topDownBase
    case .vvar: vvar.isEmpty ? nil : vvar
    case .vdso: vdso.isEmpty ? nil : vdso
    case .stack: stack
    case .stackPointer: stackPointer..<stackPointer
    }
  }
}

/// How a thing's start varies from one exec to the next.
public struct LayoutSpread: Equatable, Sendable {
  /// The lowest and the highest start.
  public var starts: ClosedRange<VirtualAddress>
  /// The bits of its own random number: for all things numbers of pages, for the stack pointer of 16 bytes. A range
  /// where the number depends on where another lies.
  public var randomBits: ClosedRange<Int>
  /// What it moves along with.
  public var follows: LayoutPlace?
}

extension LayoutRequest {
  /// How a thing's start varies by the rules; `nil` if there is no such thing.
  ///
  /// In one of half a million execs the stack of a 64-bit program ends too close to the top for the vdso, which lies among
  /// the mappings then; that is left out.
  public func spread(of place: LayoutPlace) throws(LayoutProblem) -> LayoutSpread? {
    var lowest = VirtualAddress(.max)
    var highest = VirtualAddress(0)
    var lowestStackEnd = VirtualAddress(.max)
    // Every rule moves things the farther the larger its number, so that the ends lie at the ends of the numbers.
    for corner in 0..<128 {
      func end(_ bit: Int) -> UInt64 { corner >> bit & 1 == 0 ? 0 : .max }
      var draws = LayoutDraws(all: 0)
      draws.mmapBase = end(0)
      draws.stackPages = end(1)
      draws.stackBytes = end(2)
      draws.program = end(3)
      draws.vdso = end(4)
      draws.stackPointer = end(5)
      draws.heap = end(6)
      let layout = try Layout(self, draws)
      guard let start = layout.range(of: place)?.lowerBound else { return nil }
      lowest = min(lowest, start)
      highest = max(highest, start)
      lowestStackEnd = min(lowestStackEnd, layout.stack.upperBound)
    }
    if isRandomized, width == .bits64, place == .vvar || place == .vdso {
      let before = place == .vvar ? 0 : vvarPages
      lowest = (lowestStackEnd.page + before).address
      highest = VirtualAddress(
        try LayoutRules(self).window - (vvarPages + vdsoPages - before) << UInt64(PageSize.shift))
    }
    let (bits, follows) = try rule(of: place)
    return LayoutSpread(starts: lowest...highest, randomBits: isRandomized ? bits : 0...0, follows: follows)
  }

  private func rule(of place: LayoutPlace) throws(LayoutProblem) -> (ClosedRange<Int>, LayoutPlace?) {
    let isLoader = program.isPositionIndependent && interpreter == nil
    switch place {
    case .program:
      if isLoader { return (0...0, .mmapBase) }
      guard program.isPositionIndependent else { return (0...0, nil) }
      let alignedBits = max(program.alignment.trailingZeroBitCount - PageSize.shift, 0)
      let bits = max(mmapRandomBits - (program.alignment == 0 ? 0 : alignedBits), 0)
      return (bits...bits, nil)
    case .code, .data, .zeroedData: return (0...0, .program)
    case .heap:
      let pages = try LayoutRules(self).heapRandomBytes >> UInt64(PageSize.shift)
      let bits = randomization == .full ? pages.trailingZeroBitCount : 0
      return (bits...bits, isLoader ? nil : .program)
    case .interpreter:
      return (0...0, interpreter?.isPositionIndependent == true ? .mmapBase : nil)
    case .mmapBase: return (mmapRandomBits...mmapRandomBits, nil)
    case .vvar, .vdso: return width == .bits64 ? (0...9, .stack) : (0...0, .mmapBase)
    case .stack:
      let bits = try LayoutRules(self).stackRandomPages.nonzeroBitCount
      return (bits...bits, nil)
    case .stackPointer: return (9...9, .stack)
    }
  }
}
