import HostMemory
import LinuxMM
import Testing

@testable import TraceIO

/// Processes that wait for a disk, and what others do meanwhile.
@Suite struct WaitTests {
  private static let base: UInt64 = 0x7000_0000_0000

  private func makeReplayer() throws -> Replayer {
    var configuration = try MachineConfiguration(ramBytes: 12 << 20)
    configuration.swap = [try #require(SwapConfiguration(bytes: 64 << 20, device: .disk))]
    return Replayer(try SimulatedMachine(configuration, memory: .host))
  }

  /// A process that writes to more memory than there is, twice, in slices.
  private func sweep(pid: UInt32, pages: UInt64, begins: (inout SliceWriter) -> Void) -> [[UInt8]] {
    var slices: [[UInt8]] = []
    var first = SliceWriter(process: pid, thread: pid)
    begins(&first)
    first.call(9, [0, pages << 12, 3, 0x22, .max, 0], Self.base)
    slices.append(first.bytes)
    for _ in 0..<2 {
      for start in stride(from: 0, to: pages, by: 100) {
        var writer = SliceWriter(process: pid, thread: pid)
        for page in start..<min(start + 100, pages) { writer.access(Self.base >> 12 + page, 1) }
        slices.append(writer.bytes)
      }
    }
    var last = SliceWriter(process: pid, thread: pid)
    last.event(.exit, [0])
    slices.append(last.bytes)
    return slices
  }

  /// Carries out streams of programs, a slice of each in turn.
  private func replay(_ streams: [[[UInt8]]]) throws -> Replayer {
    var replayer = try makeReplayer()
    for place in 0..<streams.map(\.count).max()! {
      for (program, stream) in streams.enumerated() where place < stream.count {
        try replayer.consume(stream[place], of: program)
      }
    }
    replayer.finish()
    return replayer
  }

  @Test func programsThatShareMemoryEachDoAllTheyDid() throws {
    let streams = (0..<2).map { _ in sweep(pid: 100, pages: 3000) { $0.image() } }
    let replayer = try replay(streams)
    #expect(replayer.processes.map(\.program) == Array(streams.indices))
    #expect(replayer.processes.allSatisfy { $0.exitStatus == 0 })
    #expect(replayer.counts.refusedAccesses == 0 && replayer.counts.divergedCalls == 0 && replayer.counts.orphans == 0)
    var majors: UInt64 = 0
    for process in replayer.processes {
      #expect(process.accesses == 2 * 3000)
      majors += replayer.machine.process(process.index).majorFaults
    }
    // Every reading that was begun has come back to its process; a page that was taken again meanwhile is read twice.
    let read = replayer.machine.majorFaultCount
    #expect(majors > 100 && majors <= read && read - majors <= read / 100)
    try replayer.machine.checkInvariants()
    let again = try replay(streams)
    #expect(again.machine.nanoseconds == replayer.machine.nanoseconds)
    #expect(again.machine.majorFaultCount == replayer.machine.majorFaultCount)
  }

  /// A process that reads a file of its own.
  private func reader(inode: UInt64) -> [[UInt8]] {
    (0...50).map { part in
      var writer = SliceWriter()
      if part == 0 { writer.image() }
      if part < 50 { writer.event(.fileAccess, [3, inode, 4 << 20, UInt64(part) << 16, 1 << 16, 0]) }
      if part == 50 { writer.event(.exit, [0]) }
      return writer.bytes
    }
  }

  @Test func oneProgramRunsWhileAnotherWaits() throws {
    let alone = try replay([reader(inode: 1)])
    let together = try replay([reader(inode: 1), reader(inode: 2)])
    #expect(together.machine.nanoseconds < alone.machine.nanoseconds * 19 / 10)
  }

  @Test func aParentSeesItsChildsEndAfterAllThatTheChildDid() throws {
    var replayer = try makeReplayer()
    var parent = SliceWriter(process: 100, thread: 100)
    parent.image()
    parent.event(.forkBegin, [1, 0])
    try replayer.consume(parent.bytes)
    for slice in sweep(pid: 101, pages: 3000, begins: { $0.event(.forked, [100, 1]) }).dropLast() {
      try replayer.consume(slice)
    }
    var end = SliceWriter(process: 100, thread: 100)
    end.event(.childEnded, [101, 7 << 8])
    try replayer.consume(end.bytes)
    #expect(replayer.processes[1].accesses == 2 * 3000)
    #expect(replayer.processes[1].exitStatus == 7)
    #expect(replayer.machine.process(replayer.processes[1].index).majorFaults > 100)
    replayer.finish()
  }
}
