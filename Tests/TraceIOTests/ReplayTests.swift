import HostMemory
import LinuxMM
import Testing

@testable import TraceIO

func makeReplayer(ram: UInt64 = 16 << 20) throws -> Replayer {
  Replayer(
    try SimulatedMachine(
      try MachineConfiguration(ramBytes: ram, processors: 2, startsWarm: true), memory: .host))
}

@Suite struct ReplayTests {
  @Test func aProgramsLifeIsCarriedOut() throws {
    var replayer = try makeReplayer()
    for slice in SliceWriter.life() { try replayer.consume(slice) }
    replayer.finish()
    #expect(replayer.processes.map(\.pid) == [100, 101])
    #expect(replayer.processes.map(\.exitStatus) == [0, 3])
    #expect(replayer.processes[0].arguments == ["program", "argument"])
    #expect(replayer.processes[0].name == "program")
    #expect(replayer.counts.refusedAccesses == 0)
    #expect(replayer.counts.divergedCalls == 0)
    #expect(replayer.counts.orphans == 0)
    #expect(replayer.counts.systemCalls == 4)
    let parent = replayer.machine.process(replayer.processes[0].index)
    // Two argument pages, one fault for sixteen pages of code, eight writes, one in the heap.
    #expect(parent.minorFaults == 2 + 1 + 8 + 1)
    let child = replayer.machine.process(replayer.processes[1].index)
    #expect(child.minorFaults == 8)
    #expect(replayer.fileNames[FileIdentity(device: 1, inode: 7)] == "/tmp/data")
    replayer.machine.sync()
    replayer.machine.dropCaches()
    let account = replayer.machine.frameAccount
    #expect(account.free + account.listed + account.zeroPage == account.managed)
    let broken = Result { () throws(BrokenInvariant) in try replayer.machine.checkInvariants() }
    #expect((try? broken.get()) != nil)
  }

  @Test func accessesOfUnknownProcessesAreCounted() throws {
    var replayer = try makeReplayer()
    var writer = SliceWriter(process: 5, thread: 5)
    writer.access(1000, 0)
    writer.event(.touch, [0x1000, 1, 0])
    try replayer.consume(writer.bytes)
    #expect(replayer.counts.orphans == 2)
  }

  @Test func anAccessWithoutMemoryIsNamed() throws {
    var replayer = try makeReplayer()
    var writer = SliceWriter()
    writer.image()
    writer.access(0x1234, 1)
    try replayer.consume(writer.bytes)
    #expect(replayer.counts.refusedAccesses == 1)
    #expect(replayer.refusals.first?.address == VirtualAddress(0x1234 << 12))
    #expect(replayer.refusals.first?.outcome == .notMapped)
  }

  @Test func theSameEventsGiveTheSameReport() throws {
    var results: [[UInt64]] = []
    for _ in 0..<2 {
      var replayer = try makeReplayer()
      for slice in SliceWriter.life() { try replayer.consume(slice) }
      replayer.finish()
      var values: [UInt64] = [replayer.machine.nanoseconds]
      replayer.machine.forEachStatistic { values.append($1) }
      results.append(values)
    }
    #expect(results[0] == results[1])
  }
}
