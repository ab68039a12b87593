import Testing

@testable import LinuxMM

/// Pages kept by generations.
@Suite struct GenerationTests {
  private func machine(_ change: (inout MachineConfiguration) -> Void = { _ in }) throws -> TestMachine {
    var configuration = try MachineConfiguration(ramBytes: 16 << 20)
    configuration.swap = [try #require(SwapConfiguration(bytes: 64 << 20))]
    configuration.reclaim.generations.isOn = true
    change(&configuration)
    return try TestMachine(configuration)
  }

  @Test func tiersAreTheLogarithmOfUses() {
    #expect((0...4).map { TierFigures.tier($0) } == [0, 1, 2, 2, 3])
  }

  /// The type whose pages come back less is taken, and tiers whose pages come back more often stay.
  @Test func whatComesBackIsSpared() {
    var anonymous = TierFigures()
    var file = TierFigures()
    #expect(TierFigures.choose(anonymous: anonymous, file: file, swappiness: 60) == (Generations.file, 3))
    for _ in 0..<1000 {
      anonymous.noteEviction(0)
      file.noteEviction(0)
    }
    for _ in 0..<500 { file.noteRefault(0) }
    #expect(TierFigures.choose(anonymous: anonymous, file: file, swappiness: 60).type == Generations.anonymous)
    // The same rate, but private pages are to be spared.
    for _ in 0..<500 { anonymous.noteRefault(0) }
    #expect(TierFigures.choose(anonymous: anonymous, file: file, swappiness: 60).type == Generations.file)
    #expect(TierFigures.choose(anonymous: anonymous, file: file, swappiness: 150).type == Generations.anonymous)
    // So few of the second tier came back that it may be chance; then there are more.
    func second(_ count: Int) {
      for _ in 0..<count {
        file.noteEviction(1)
        file.noteRefault(1)
      }
    }
    second(63)
    #expect(file.evictedTier == 3)
    second(40)
    #expect(file.evictedTier == 0)
    // What is over counts half, and less each time.
    for _ in 0..<8 { file.settle() }
    #expect(file.evictedTier == 3)
  }

  @Test func filtersForgetNothing() {
    var filters = AgingFilters()
    let first = filters.make()
    let second = filters.make()
    for table in 0..<5000 { filters.insert(FrameNumber(UInt32(table * 3)), second) }
    #expect((0..<5000).allSatisfy { filters.contains(FrameNumber(UInt32($0 * 3)), second) })
    let wrong = (0..<5000).count { filters.contains(FrameNumber(UInt32($0 * 3 + 1)), second) }
    #expect(wrong < 1000)
    #expect(!(0..<5000).contains { filters.contains(FrameNumber(UInt32($0 * 3)), first) })
    filters.clear(second)
    #expect(!filters.contains(FrameNumber(0), second))
  }

  /// What is used between readings of a file stays, whether the file is larger than memory or not.
  @Test(arguments: [0, 2, 6]) func whatIsUsedStays(mask: Int) throws {
    let machine = try machine {
      $0.reclaim.generations.walksTables = mask & 2 != 0
      $0.reclaim.generations.usesUpperMarks = mask & 4 != 0
    }
    let hot = try machine.anonymous(machine.process, pages: 600)
    let file = machine.machine.file(FileIdentity(device: 9, inode: 1), size: 64 << 20)
    for part in 0..<64 {
      for page in 0..<600 { #expect(machine.write(machine.process, hot.page(UInt64(page))) == .done) }
      machine.machine.accessFile(
        machine.process, file, offset: UInt64(part) << 20, length: 1 << 20, writes: false)
    }
    try machine.machine.checkInvariants()
    let figures = machine.statistics
    #expect(figures.fileSteals > 10_000)
    #expect(figures.anonymousSteals < 600)
  }

  /// Pages of a file that are read again and again are not pushed out by those that are read once.
  @Test func pagesReadOftenStay() throws {
    let machine = try machine()
    let often = machine.machine.file(FileIdentity(device: 9, inode: 1), size: 1 << 20)
    let once = machine.machine.file(FileIdentity(device: 9, inode: 2), size: 64 << 20)
    var read: UInt64 = 0
    for part in 0..<64 {
      let before = machine.statistics.kilobytesRead
      machine.machine.accessFile(machine.process, often, offset: 0, length: 1 << 20, writes: false)
      if part >= 32 { read += machine.statistics.kilobytesRead - before }
      machine.machine.accessFile(
        machine.process, once, offset: UInt64(part) << 20, length: 1 << 20, writes: false)
    }
    try machine.machine.checkInvariants()
    #expect(read < 32 * 1024 / 4)
  }

  /// Turned on and off while pages are on their lists, none is lost.
  @Test func listsChangeWhileTheMachineRuns() throws {
    let machine = try machine()
    let base = try machine.anonymous(machine.process, pages: 5000)
    for round in 0..<6 {
      for page in 0..<5000 { #expect(machine.write(machine.process, base.page(UInt64(page))) == .done) }
      let before = machine.machine.spaces.memory.listed { _ in true }.count
      machine.machine.generations.isOn.toggle()
      let after = machine.machine.spaces.memory.listed { _ in true }.count
      #expect(before == after, "round \(round)")
      let hasText = machine.machine.generationText != nil
      let isOn = machine.machine.generations.isOn
      #expect(hasText == isOn)
      try machine.machine.checkInvariants()
    }
  }

  /// `lru_gen.min_ttl_ms`: rather than pages that were used just now, a process goes.
  @Test func aProcessIsKilledRatherThanRecentPagesTaken() throws {
    for shortest in [0, 1_000_000] {
      let machine = try machine { $0.reclaim.generations.shortestLife = shortest }
      let base = try machine.anonymous(machine.process, pages: 8000)
      var result = AccessResult.done
      for _ in 0..<4 {
        for page in 0..<8000 where result == .done {
          result = machine.write(machine.process, base.page(UInt64(page)))
        }
      }
      #expect(result == (shortest == 0 ? .done : .killed))
      try machine.machine.checkInvariants()
    }
  }

  /// The text shows the pages of all lists, generation by generation.
  @Test func theTextAddsUp() throws {
    let machine = try machine()
    let base = try machine.anonymous(machine.process, pages: 6000)
    for page in 0..<6000 { #expect(machine.write(machine.process, base.page(UInt64(page))) == .done) }
    let bytes = machine.machine.generationText
    let text = String(decoding: try #require(bytes), as: UTF8.self)
    let lines = text.split(separator: "\n")
    #expect(lines[0] == "memcg     1 /" && lines[1] == " node     0")
    let rows = lines.dropFirst(2).map { $0.split(separator: " ").compactMap { Int($0) } }
    #expect((2...4).contains(rows.count) && rows.allSatisfy { $0.count == 4 })
    let pages = rows.reduce(0) { $0 + $1[2] + $1[3] }
    let listed = machine.machine.spaces.memory.listed { !$0.flags.contains(.unevictable) }.count
    #expect(pages == listed)
    // Older generations are older.
    #expect(zip(rows, rows.dropFirst()).allSatisfy { $0[0] + 1 == $1[0] && $0[1] >= $1[1] })
  }
}
