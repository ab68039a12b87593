import Testing

@testable import LinuxMM

@Suite struct ConfigurationTests {
  @Test func impossibleMachinesAreRefused() {
    #expect(throws: MachineConfiguration.Impossible.ramOutOfRange) { try MachineConfiguration(ramBytes: 0) }
    #expect(throws: MachineConfiguration.Impossible.ramOutOfRange) { try MachineConfiguration(ramBytes: 16 << 40) }
    #expect(throws: MachineConfiguration.Impossible.processorsOutOfRange) {
      try MachineConfiguration(ramBytes: 1 << 30, processors: 0)
    }
    #expect(throws: MachineConfiguration.Impossible.kernelTooLarge) {
      try MachineConfiguration(ramBytes: 64 << 20, kernelBytes: 63 << 20)
    }
    #expect(throws: MachineConfiguration.Impossible.stackLimitTooSmall) {
      try MachineConfiguration(ramBytes: 64 << 20, stackLimit: 100)
    }
  }

  @Test(arguments: [8 << 20, 16 << 20, 64 << 20, 3 << 30, 5 << 30, 1 << 40] as [UInt64])
  func machinesOfEverySizeStart(ram: UInt64) throws {
    let machine = try TestMachine(ram: ram)
    let process = machine.process
    let base = try machine.anonymous(process, pages: 100)
    for page in 0..<100 { #expect(machine.write(process, base.page(UInt64(page))) == .done) }
    try machine.checkInvariants()
    #expect(machine.framesMissingAtEnd() == 0)
  }

  @Test func theMetadataOfAFrameTakes41Bytes() {
    #expect(PhysicalMemory.bytesPerFrame == 41)
  }

  @Test func theMapOfAPCLeavesTheHoleOut() throws {
    let map = try MemoryMap.pc([5 << 30], imageBytes: 0, frameBytes: 0)
    #expect(map.regions.last?.range.start == FrameNumber(1 << 20))
    #expect(map.end == FrameNumber((1 << 20) + (2 << 18)))
  }

  @Test func buddyInfoHasTheKernelsFormat() throws {
    let machine = try TestMachine(ram: 64 << 20)
    let lines = String(decoding: machine.machine.buddyInfo, as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines[0].hasPrefix("Node 0, zone      DMA "))
    // "Node 0, zone " and 8 characters, then a blank and 11 numbers of 6 with a blank each.
    #expect(lines.allSatisfy { $0.count == 13 + 8 + 1 + 11 * 7 })
  }
}
