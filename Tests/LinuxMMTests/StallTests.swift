import Testing

@testable import LinuxMM

/// Pressure stall information, by hand.
@Suite struct StallTests {
  private static let second: UInt64 = 1_000_000_000_000

  @Test func someIsAnyoneAndFullIsEveryone() {
    var account = StallAccount()
    account.changeProductive(by: 1, at: 0)
    account.changeStalled(by: 1, at: 1 * Self.second)
    // The other one goes on for a second, then waits as well.
    account.changeProductive(by: -1, at: 2 * Self.second)
    account.changeStalled(by: 1, at: 2 * Self.second)
    account.changeStalled(by: -2, at: 5 * Self.second)
    account.settle(at: 9 * Self.second)
    #expect(account.some == 4 * Self.second && account.full == 3 * Self.second)
  }

  /// A stall without end leads to 100 %, one that is over is forgotten; `calc_avgs` by hand for the first periods.
  @Test func averagesFollowTheKernelsFixedPointNumbers() {
    var account = StallAccount()
    account.changeStalled(by: 1, at: 0)
    account.settle(at: 2_004_000_000_000)
    // 204800 * 371 / 2048 = 37100, which is 18.11 %; then (37100 * 1677 + 204800 * 371 + 2047) / 2048 = 67479.
    #expect(account.figures.some.average10 == 18.11)
    account.settle(at: 2 * 2_004_000_000_000)
    #expect(account.figures.full.average10 == 32.94)
    account.settle(at: 2000 * Self.second)
    #expect(account.figures.some.average10 == 100 && account.figures.some.average300 > 99.5)
    account.changeStalled(by: -1, at: 2000 * Self.second)
    account.settle(at: 2010 * Self.second)
    #expect(account.figures.some.average10 > 30 && account.figures.some.average10 < 50)
    account.settle(at: 100_000 * Self.second)
    #expect(account.figures.some.average300 == 0 && account.figures.full.totalNanoseconds == 2_000_000_000_000)
  }

  /// A process alone that thrashes is stalled with the whole machine; a second one that computes keeps that from being full.
  @Test func thrashingIsAStallOfItsGroup() throws {
    var configuration = try MachineConfiguration(ramBytes: 16 << 20)
    configuration.swap = [SwapConfiguration(bytes: 64 << 20)!]
    let machine = try TestMachine(configuration)
    let made = machine.machine.makeGroup()
    let group = try #require(made)
    let above = machine.machine.makeGroup(below: group)
    let inner = try #require(above)
    machine.machine.setGroup(machine.process, inner)
    let base = try machine.anonymous(machine.process, pages: 6000)
    for _ in 0..<3 {
      for page in 0..<6000 { #expect(machine.write(machine.process, base.page(UInt64(page))) == .done) }
    }
    let root = machine.machine.pressure()
    let outer = machine.machine.pressure(of: group)
    let own = machine.machine.pressure(of: inner)
    #expect(own == outer && own.some == own.full)
    #expect(own.some.totalNanoseconds > 1_000_000)
    // The background reclaimer is nobody's but the machine's.
    #expect(root.some.totalNanoseconds >= own.some.totalNanoseconds)
    #expect(root.full.totalNanoseconds >= own.full.totalNanoseconds)
    let time = machine.machine.nanoseconds
    #expect(root.some.totalNanoseconds < time)
    var figures: [String: UInt64] = [:]
    machine.machine.forEachGroupStatistic(group) { figures["\($0)"] = $1 }
    let usage = machine.machine.figures(of: group).usage
    #expect(figures["pgfault"]! > 12000 && figures["pgmajfault"]! > 500 && figures["pgsteal"]! > 4000)
    let lists = ["inactive_anon", "active_anon", "inactive_file", "active_file"].reduce(0) { $0 + figures[$1]! }
    #expect(lists + figures["pagetables"]! == UInt64(usage) * 4096)
    try machine.machine.checkInvariants()
  }
}
