import HostMemory
import Testing

@testable import LinuxMM

/// exec by a layout: what is mapped, and what of it is there.
@Suite struct LayoutExecutionTests {
  private static let program = LoadableImage(
    isPositionIndependent: true,
    segments: [
      LoadableImage.Segment(address: 0, fileBytes: 0x1720, memoryBytes: 0x1720),
      LoadableImage.Segment(
        address: 0x2000, fileBytes: 0x4da9, memoryBytes: 0x4da9, isExecutable: true, fileOffset: 0x2000),
      LoadableImage.Segment(
        address: 0xac30, fileBytes: 0x650, memoryBytes: 0x57e8, isWritable: true, fileOffset: 0x9c30),
    ])

  @Test(arguments: 1...8 as ClosedRange<UInt64>) func segmentsAreMappedAndComeWhenTouched(seed: UInt64) throws {
    var random = XorShift64(seed: seed &* 0x9E37_79B9_7F4A_7C15)
    var machine = try SimulatedMachine(try MachineConfiguration(ramBytes: 64 << 20), memory: .host)
    let file = machine.file(FileIdentity(device: 8, inode: 1), size: 0xa280)
    let interpreter = machine.file(FileIdentity(device: 8, inode: 2), size: 0x34000)
    var request = LayoutRequest(.bits64, program: Self.program)
    request.interpreter = LoadableImage(
      isPositionIndependent: true,
      segments: [LoadableImage.Segment(address: 0, fileBytes: 0x34000, memoryBytes: 0x34000, isExecutable: true)])
    let layout = try Layout(request, using: &random)
    let process = machine.start()
    let image = ProgramImage(layout, request, program: file, interpreter: interpreter)
    #expect(machine.execute(process, image) == .done)
    let base = layout.programBias
    let maps = String(decoding: machine.maps(process), as: UTF8.self).split(separator: "\n").map {
      $0.split(separator: " ").prefix(3).joined(separator: " ")
    }
    func line(_ start: UInt64, _ end: UInt64, _ rights: String, _ offset: String) -> String {
      "\(String(start, radix: 16))-\(String(end, radix: 16)) \(rights) \(offset)"
    }
    let loader = layout.interpreterBias
    let stack = layout.stack
    #expect(
      maps == [
        line(base, base + 0x2000, "r--p", "00000000"),
        line(base + 0x2000, base + 0x7000, "r-xp", "00002000"),
        line(base + 0xa000, base + 0xc000, "rw-p", "00009000"),
        line(base + 0xc000, base + 0x11000, "rw-p", "00000000"),
        line(loader, loader + 0x34000, "r-xp", "00000000"),
        line(stack.lowerBound.rawValue, stack.upperBound.rawValue, "rw-p", "00000000"),
      ])
    // The page that data and zeros share is there, its file's page was read for it; the stack has what exec wrote.
    let written = Int(stack.upperBound.rawValue - layout.stackPointer.page.address.rawValue) / 4096
    #expect(machine.process(process).resident == 1 + written)
    #expect(machine.access(process, VirtualAddress(base + 0x2000).page, .fetch, on: 0) == .done)
    #expect(machine.access(process, VirtualAddress(base + 0xd000).page, .write, on: 0) == .done)
    #expect(machine.access(process, VirtualAddress(base).page, .write, on: 0) == .refused(.notPermitted))
    #expect(machine.access(process, VirtualAddress(base + 0x8000).page, .read, on: 0) == .refused(.notMapped))
    #expect(try machine.setBreak(process, VirtualAddress(0)) == layout.heapStart)
    // What mmap gives next lies below everything that exec mapped from the top down.
    let mapping = try machine.map(
      process, MapRequest(length: 4096, protection: .read, flags: [.private, .anonymous]))
    #expect(mapping.rawValue == loader - 4096)
    try machine.checkInvariants()
  }
}
