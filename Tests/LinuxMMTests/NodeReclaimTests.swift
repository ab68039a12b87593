import HostMemory
import Testing

@testable import LinuxMM

/// `vm.zone_reclaim_mode`: whose memory is taken when a node has none left.
@Suite struct NodeReclaimTests {
  private struct Result {
    /// Private pages on each node.
    var pages = [0, 0]
    var directScans: UInt64
  }

  /// A machine of two nodes, the first full of pages of a file that are dirty or mapped if wanted.
  private func machine(
    fileBytes size: UInt64 = 56 << 20, isDirty: Bool = false, isMapped: Bool = false, distance: Int = 20
  ) throws -> (machine: TestMachine, process: ProcessIndex) {
    var configuration = try MachineConfiguration(
      physical: .pc(
        [64 << 20, 64 << 20], kernelBytes: 0, nodeOfProcessor: [0, 1], distances: [10, distance, distance, 10]),
      startsWarm: true)
    configuration.reclaim.dirtyRatio = 100
    configuration.reclaim.dirtyBackgroundRatio = 100
    let test = try TestMachine(configuration)
    let file = test.machine.file(FileIdentity(device: 1, inode: 1), size: size)
    for offset in stride(from: 0, to: size, by: 1 << 16) {
      test.machine.accessFile(test.process, file, offset: offset, length: 1 << 16, writes: isDirty)
    }
    if isMapped {
      let start = try test.machine.map(
        test.process, MapRequest(length: size, protection: .read, flags: [.private], file: file)
      ).page
      for page in 0..<(size >> 12) {
        #expect(test.machine.access(test.process, start + page, .read, on: 0) == .done)
      }
    }
    return (test, test.process)
  }

  /// Writes to more private pages than the node has left.
  private func run(mode: Int, isMapped: Bool = false) throws -> Result {
    let (test, process) = try machine(isMapped: isMapped)
    let before = test.machine.spaces.memory.statistics.directScans
    test.machine.spaces.reclaimSettings.zoneReclaimMode = mode
    let size: UInt64 = 24 << 20
    let start = try test.machine.map(
      process, MapRequest(length: size, protection: [.read, .write], flags: [.private, .anonymous])
    ).page
    for page in 0..<(size >> 12) { #expect(test.machine.access(process, start + page, .write, on: 0) == .done) }
    try test.machine.checkInvariants()
    var result = Result(directScans: test.machine.spaces.memory.statistics.directScans - before)
    for frame in test.machine.spaces.memory.frames.indices {
      let state = test.machine.spaces.memory.frames[frame]
      guard state.flags.contains(.anonymous), state.mappings > 0 else { continue }
      result.pages[test.machine.spaces.memory.node(of: FrameNumber(UInt32(frame)))] += 1
    }
    return result
  }

  @Test func withoutItTheOtherNodeGivesMemory() throws {
    let result = try run(mode: 0)
    #expect(result.pages[1] > 1000 && result.directScans == 0)
  }

  @Test func cleanPagesOfTheOwnNodeGoFirst() throws {
    let result = try run(mode: 1)
    #expect(result.pages[1] == 0 && result.pages[0] > 6000 && result.directScans > 4000)
  }

  @Test func mappedPagesStayUnlessTheyMayBeUnmapped() throws {
    let kept = try run(mode: 1, isMapped: true)
    #expect(kept.pages[1] > 1000 && kept.directScans == 0)
    let unmapped = try run(mode: 5, isMapped: true)
    #expect(unmapped.pages[1] == 0 && unmapped.directScans > 4000)
  }

  /// Whether reclaim looks for pages of a node at all.
  private func looks(_ test: TestMachine, mode: Int, node: Int = 0, _ flags: GFPFlags = .highUserMovable) throws -> Bool
  {
    test.machine.spaces.reclaimSettings.zoneReclaimMode = mode
    let request = try test.machine.spaces.memory.request(.single, flags, 0, 0, .max, [])
    return test.machine.spaces.reclaimNode(node, for: request)
  }

  @Test func dirtyPagesStayUnlessTheyMayBeWritten() throws {
    let (test, _) = try machine(fileBytes: 32 << 20, isDirty: true)
    let (isKept, isWritten) = try (looks(test, mode: 1), looks(test, mode: 3))
    #expect(!isKept && isWritten)
    try test.machine.checkInvariants()
  }

  @Test func whoMayNotWaitOrIsOnAnotherNodeFreesNothing() throws {
    let (test, _) = try machine()
    let freed = try [
      looks(test, mode: 1), looks(test, mode: 1, .atomic), looks(test, mode: 1, node: 1), looks(test, mode: 1),
    ]
    #expect(freed == [true, false, false, true])
  }

  @Test func nodesBeyondTheDistanceAreLeftAlone() throws {
    for (distance, isNear) in [(30, true), (31, false)] {
      let (test, _) = try machine(distance: distance)
      let found = [test.machine.spaces.memory.isNear(0, 0), test.machine.spaces.memory.isNear(1, 0)]
      #expect(found == [true, isNear])
    }
  }
}
