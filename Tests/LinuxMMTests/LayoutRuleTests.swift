import Testing

@testable import LinuxMM

/// The rules of address-space layouts, without a kernel to compare with.
@Suite struct LayoutRuleTests {
  static let program = LoadableImage(
    isPositionIndependent: true,
    segments: [
      LoadableImage.Segment(address: 0, fileBytes: 0x1720, memoryBytes: 0x1720),
      LoadableImage.Segment(address: 0x2000, fileBytes: 0x4da9, memoryBytes: 0x4da9, isExecutable: true),
      LoadableImage.Segment(address: 0xac30, fileBytes: 0x650, memoryBytes: 0x7e8),
    ])
  static let interpreter = LoadableImage(
    isPositionIndependent: true,
    segments: [LoadableImage.Segment(address: 0, fileBytes: 0x34000, memoryBytes: 0x342d8, isExecutable: true)])

  private func request(_ width: TaskWidth) -> LayoutRequest {
    LayoutRequest(width, program: Self.program, interpreter: Self.interpreter)
  }

  @Test func theSameSeedGivesTheSameLayout() throws {
    for width in TaskWidth.allCases {
      var first = XorShift64(seed: 99)
      var second = XorShift64(seed: 99)
      for _ in 0..<100 {
        let layout = try Layout(request(width), using: &first)
        #expect(try layout == Layout(request(width), using: &second))
      }
      #expect(try Layout(request(width), using: &first) != Layout(request(width), using: &first))
    }
  }

  /// Nothing overlaps, all is aligned, everything lies in its spread, and where the rules say that nothing is random
  /// nothing varies.
  @Test(arguments: 1...20 as ClosedRange<UInt64>) func randomRequestsGiveSoundLayouts(seed: UInt64) throws {
    var random = XorShift64(seed: seed &* 0x9E37_79B9_7F4A_7C15)
    for _ in 0..<200 {
      let width = TaskWidth.allCases[Int(random.below(3))]
      var request = request(width)
      if random.below(3) == 0 { request.interpreter = nil }
      request.program.isPositionIndependent = random.below(3) > 0
      if !request.program.isPositionIndependent {
        for place in request.program.segments.indices { request.program.segments[place].address += 0x40_0000 }
      }
      if random.below(4) == 0 { request.program.segments[0].alignment = 4096 << random.below(10) }
      if width != .native32 { request.pageTableLevels = 4 + Int(random.below(2)) }
      request.personality = Personality(
        rawValue: UInt32(truncatingIfNeeded: random.next()) & (random.below(4) == 0 ? 0x824_0000 : 0x820_0000))
      request.randomization = AddressRandomization.allCases[Int(random.below(3))]
      request.isLegacy = random.below(3) == 0
      let bits = width.mmapRandomBits
      request.mmapRandomBits = bits.lowerBound + Int(random.below(UInt64(bits.count)))
      request.stackLimit = random.below(4) == 0 ? LayoutRequest.unlimited : 65536 << random.below(16)
      request.stackGuardGap = random.below(2) << random.below(28) & ~4095
      request.arguments.stringBytes = random.below(20000)
      request.program.prefersHugePages = random.below(2) == 0
      for _ in 0..<5 {
        let layout = try Layout(request, using: &random)
        check(layout, request)
        for place in LayoutPlace.allCases {
          let spread = try request.spread(of: place)
          #expect((spread == nil) == (layout.range(of: place) == nil))
          guard let spread, let start = layout.range(of: place)?.lowerBound else { continue }
          let mayBeElsewhere = (place == .vvar || place == .vdso) && layout.vvar.lowerBound < layout.stack.lowerBound
          #expect(spread.starts.contains(start) || mayBeElsewhere, "\(place) of \(request), seed \(seed)")
          if !request.isRandomized { #expect(spread.randomBits == 0...0) }
        }
      }
    }
  }

  private func check(_ layout: Layout, _ request: LayoutRequest) {
    var taken = [layout.program, layout.vvar, layout.vdso, layout.stack]
    if let interpreter = layout.interpreter { taken.append(interpreter) }
    for (place, range) in taken.enumerated() {
      #expect(range.lowerBound.isPageAligned && range.upperBound.isPageAligned && !range.isEmpty)
      #expect(!(layout.taskSize < range.upperBound))
      for other in taken[..<place] { #expect(!range.overlaps(other), "\(request)") }
    }
    #expect(layout.heapStart.isPageAligned && layout.topDownBase.isPageAligned && layout.bottomUpBase.isPageAligned)
    #expect(layout.stackPointer.rawValue % 16 == 0 && layout.stack.contains(layout.stackPointer))
    #expect(layout.stackPointer < layout.argumentStart && layout.argumentStart < layout.stack.upperBound)
    let isElsewhere = request.program.isPositionIndependent && request.interpreter == nil
    #expect(isElsewhere || !(layout.heapStart < layout.program.upperBound))
    #expect(layout.zeroedData.upperBound.rawValue == layout.programBias &+ request.program.segments[2].address + 0x7e8)
  }

  /// How far the end of a stack moves by its 8 KiB: all 8192 numbers, against the steps of the kernel one by one.
  @Test func theStacksEndMovesByTwoPagesAtMost() throws {
    let rules = try LayoutRules(request(.bits64))
    let top: UInt64 = 0x7fff_ffff_f000
    var pages: [UInt64: Int] = [:]
    for bytes in 0..<UInt64(8192) {
      // The draw that the high half of the product makes `bytes` of.
      let draw = (bytes << 51) + 1
      var end = top - bytes
      end -= end % 16
      if end % 4096 != 0 { end += 4096 - end % 4096 }
      #expect(rules.stackEnd(pages: 0, bytes: draw) == end)
      pages[(top - end) / 4096, default: 0] += 1
    }
    #expect(pages == [0: 4081, 1: 4096, 2: 15])
  }

  /// The search for holes against one that tries every page.
  @Test func holesAreFoundAsByTryingEveryPage() {
    var random = XorShift64(seed: 0x5eed_1234_5678)
    let guardGap: UInt64 = 3 << 12
    for _ in 0..<3000 {
      var areas = LayoutAreas()
      var taken = [Bool](repeating: false, count: 64)
      var guarded = taken
      for number in 0..<random.below(5) {
        let start = 1 + random.below(58)
        let end = min(start + 1 + random.below(10), 63)
        // Only the first is a stack, and nothing replaces it.
        guard !taken[Int(start)..<Int(end)].contains(true) else { continue }
        areas.add(start << 12, end << 12, guardGap: number == 0 ? guardGap : 0)
        for page in start..<end {
          taken[Int(page)] = true
          guarded[Int(page)] = true
        }
        if number == 0 { for page in max(start, 3) - 3..<start { guarded[Int(page)] = true } }
      }
      let length = 1 + random.below(8)
      let hint = random.below(3) == 0 ? random.below(64) : 0
      let bases = (down: 20 + random.below(44), up: 1 + random.below(30))
      let isBottomUp = random.below(2) == 0
      func fits(_ start: UInt64) -> Bool {
        start + length <= 64 && !guarded[Int(start)..<Int(start + length)].contains(true)
      }
      let below =
        bases.down < length ? [] : (1...max(bases.down - length, 1)).reversed().filter { $0 + length <= bases.down }
      let above = (0...63).map { UInt64($0) }.filter { $0 >= bases.up }
      let expected =
        hint > 0 && fits(hint)
        ? hint : (isBottomUp ? nil : below.first(where: fits)) ?? above.first(where: fits)
      let search = LayoutAreas.Search(
        taskSize: 64 << 12, window: 64 << 12, topDownBase: bases.down << 12, bottomUpBase: bases.up << 12,
        isBottomUp: isBottomUp)
      let found = areas.place(length << 12, hint: hint << 12, search).map { $0 >> 12 }
      #expect(found == expected, "length \(length), hint \(hint), bases \(bases), bottom up \(isBottomUp), \(guarded)")
    }
  }

  @Test func whatTheKernelRefusesIsNamed() throws {
    func problem(_ change: (inout LayoutRequest) -> Void, _ width: TaskWidth = .bits64) -> LayoutProblem? {
      var request = request(width)
      change(&request)
      var random = XorShift64(seed: 7)
      do throws(LayoutProblem) {
        _ = try Layout(request, using: &random)
        return nil
      } catch {
        return error
      }
    }
    #expect(problem { _ in } == nil)
    #expect(problem { $0.mmapRandomBits = 27 } == .mmapRandomBits(28...32))
    #expect(problem({ $0.mmapRandomBits = 17 }, .compat32) == .mmapRandomBits(8...16))
    #expect(problem({ $0.pageTableLevels = 5 }, .native32) == .pageTableLevels)
    #expect(problem { $0.stackGuardGap = 100 } == .stackGuardGap)
    #expect(problem { $0.program.segments = [] } == .nothingToLoad)
    #expect(problem { $0.interpreter?.segments = [] } == .nothingToLoad)
    #expect(problem { $0.stackLimit = 4096 } == .stackLimit)
    #expect(problem { $0.arguments.stringBytes = 9 << 20 } == .stackLimit)
    #expect(problem { $0.arguments.stringBytes = .max / 2 } == .stackLimit)
    for change: (inout LoadableImage.Segment) -> Void in [
      { $0.address = 1 << 47 }, { $0.memoryBytes = 1 << 47 }, { $0.memoryBytes = .max }, { $0.fileBytes += 1 },
      { $0.address = .max },
    ] {
      var segment = Self.program.segments[1]
      change(&segment)
      #expect(problem { $0.program.segments[1] = segment } == .segment(segment))
      #expect(problem { $0.interpreter?.segments[0] = segment } == .segment(segment))
    }
    // A fixed program where the stack of a task without randomness ends.
    let isOccupied = problem {
      $0.randomization = .none
      $0.program.isPositionIndependent = false
      $0.program.segments = [.init(address: 0x7fff_fffe_0000, fileBytes: 0x1f000, memoryBytes: 0x1f000)]
    }
    #expect(isOccupied == .occupied(VirtualAddress(0x7fff_fffe_0000)..<VirtualAddress(0x7fff_ffff_f000)))
    let noRoom = problem {
      $0.interpreter = nil
      $0.program.segments = [.init(address: 0, fileBytes: 4096, memoryBytes: 0x7fff_0000_0000)]
    }
    #expect(noRoom == .noRoom(bytes: 0x7fff_0000_0000))
  }
}
