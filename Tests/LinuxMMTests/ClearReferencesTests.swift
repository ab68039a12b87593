import Testing

@testable import LinuxMM

/// Writes to `/proc/PID/clear_refs`, and what smaps and pagemap tell after them.
@Suite struct ClearReferencesTests {
  /// A figure of the area that begins at an address, in KiB, or its flags.
  private func figure(_ machine: TestMachine, _ start: VirtualAddress, _ name: String) -> String? {
    let wanted = String(start.rawValue, radix: 16) + "-"
    var isArea = false
    for line in String(decoding: machine.machine.smaps(machine.process), as: UTF8.self).split(separator: "\n") {
      let fields = line.split(separator: " ", maxSplits: 1)
      if !fields[0].hasSuffix(":") {
        isArea = line.hasPrefix(wanted)
      } else if isArea && fields[0].dropLast() == name {
        return fields[1].trimmed
      }
    }
    return nil
  }

  private func isSoftDirty(_ machine: TestMachine, _ address: VirtualAddress) -> Bool {
    let page = address.page.rawValue
    return PagemapEntry(rawValue: machine.machine.pagemap(machine.process, page..<(page + 1))[0]).isSoftDirty
  }

  @Test func referencedFollowsAccesses() throws {
    let machine = try TestMachine()
    let file = machine.file(FileIdentity(device: 1, inode: 7), size: 4 * 4096)
    let memory = try machine.anonymous(machine.process, pages: 4)
    let mapped = try machine.map(
      machine.process, MapRequest(length: 4 * 4096, protection: .read, flags: .private, file: file))
    for page in 0..<4 as Range<UInt64> {
      _ = machine.write(machine.process, memory.page(page))
      _ = machine.read(machine.process, mapped.page(page))
    }
    #expect(figure(machine, memory, "Referenced") == "16 kB")
    try machine.machine.clearReferences(of: machine.process, 2)
    #expect(figure(machine, memory, "Referenced") == "0 kB")
    #expect(figure(machine, mapped, "Referenced") == "16 kB")
    try machine.machine.clearReferences(of: machine.process, 3)
    #expect(figure(machine, mapped, "Referenced") == "0 kB")
    // What the processor has buffered it does not mark again; a switch of the address space makes it forget.
    _ = machine.write(machine.process, memory)
    #expect(figure(machine, memory, "Referenced") == "0 kB")
    machine.machine.spaces.flushAll(machine.machine.processes[machine.process.rawValue].space)
    _ = machine.write(machine.process, memory)
    _ = machine.read(machine.process, mapped)
    #expect(figure(machine, memory, "Referenced") == "4 kB")
    #expect(figure(machine, mapped, "Referenced") == "4 kB")
    try machine.machine.clearReferences(of: machine.process, 1)
    #expect(figure(machine, memory, "Referenced") == "0 kB")
    #expect(figure(machine, mapped, "Referenced") == "0 kB")
    #expect(figure(machine, memory, "Rss") == "16 kB")
    try machine.checkInvariants()
  }

  /// After a 4 the first write to each page takes a fault, which marks it; reading marks nothing, and new areas are new.
  @Test func writesAreRecorded() throws {
    let machine = try TestMachine(processors: 2)
    let memory = try machine.anonymous(machine.process, pages: 8)
    let shared = try machine.map(
      machine.process, MapRequest(length: 4 * 4096, protection: [.read, .write], flags: [.shared, .anonymous]))
    for page in 0..<4 as Range<UInt64> {
      _ = machine.write(machine.process, memory.page(page))
      _ = machine.write(machine.process, shared.page(page))
    }
    #expect(figure(machine, memory, "VmFlags")?.contains("sd") == true)
    #expect(isSoftDirty(machine, memory.page(7)))
    try machine.machine.clearReferences(of: machine.process, 4)
    #expect(figure(machine, memory, "VmFlags")?.contains("sd") == false)
    for page in 0..<4 as Range<UInt64> {
      #expect(!isSoftDirty(machine, memory.page(page)))
      #expect(!isSoftDirty(machine, shared.page(page)))
    }
    let faults = machine.process(machine.process).minorFaults
    _ = machine.read(machine.process, memory)
    #expect(machine.process(machine.process).minorFaults == faults)
    for address in [memory.page(1), shared.page(2), memory.page(5)] {
      for _ in 0..<2 { #expect(machine.access(machine.process, address.page, .write, on: 1) == .done) }
    }
    #expect(machine.process(machine.process).minorFaults == faults + 3)
    #expect(machine.statistics.reuses == 2)
    for page in 0..<4 as Range<UInt64> {
      #expect(isSoftDirty(machine, memory.page(page)) == (page == 1))
      #expect(isSoftDirty(machine, shared.page(page)) == (page == 2))
    }
    #expect(isSoftDirty(machine, memory.page(5)))
    #expect(!isSoftDirty(machine, memory.page(6)))
    // What mremap moves counts as written, and what mprotect makes writable again still faults.
    try machine.protect(machine.process, memory, length: 4096, .read)
    try machine.protect(machine.process, memory, length: 4096, [.read, .write])
    #expect(!isSoftDirty(machine, memory))
    _ = machine.write(machine.process, memory)
    #expect(isSoftDirty(machine, memory))
    #expect(machine.process(machine.process).minorFaults == faults + 4)
    let moved = try machine.machine.remap(
      machine.process,
      RemapRequest(
        address: memory.page(3), oldLength: 4096, newLength: 4096, flags: [.mayMove, .fixed],
        target: VirtualAddress(0x5000_0000)))
    #expect(isSoftDirty(machine, moved))
    let new = try machine.anonymous(machine.process, pages: 1)
    #expect(isSoftDirty(machine, new))
    try machine.checkInvariants()
  }

  /// A kernel without the record knows none of its marks and takes no faults for it.
  @Test func kernelsWithoutTheRecordTellNothing() throws {
    let machine = try TestMachine()
    machine.machine.virtualMemory.recordsWrites = false
    let memory = try machine.anonymous(machine.process, pages: 1)
    _ = machine.write(machine.process, memory)
    #expect(!isSoftDirty(machine, memory))
    #expect(figure(machine, memory, "VmFlags")?.contains("sd") == false)
    try machine.machine.clearReferences(of: machine.process, 4)
    let faults = machine.process(machine.process).minorFaults
    _ = machine.write(machine.process, memory)
    #expect(machine.process(machine.process).minorFaults == faults)
  }

  @Test func thePeakBeginsAgain() throws {
    let machine = try TestMachine()
    let memory = try machine.anonymous(machine.process, pages: 100)
    for page in 0..<100 as Range<UInt64> { _ = machine.write(machine.process, memory.page(page)) }
    try machine.advise(machine.process, memory, length: 60 * 4096, .dontNeed)
    #expect(machine.process(machine.process).peakResident == 103)
    try machine.machine.clearReferences(of: machine.process, 5)
    #expect(machine.process(machine.process).peakResident == 43)
    _ = machine.write(machine.process, memory)
    #expect(machine.process(machine.process).peakResident == 44)
  }

  @Test func otherValuesAndDeadProcessesAreRefused() throws {
    let machine = try TestMachine()
    for value in [0, 6, -1] {
      #expect(throws: Errno.EINVAL) { try machine.machine.clearReferences(of: machine.process, value) }
    }
    machine.exit(machine.process)
    #expect(throws: Errno.ESRCH) { try machine.machine.clearReferences(of: machine.process, 1) }
  }

  /// Random writes, reads and clearings: just the pages written since the last clearing are marked.
  @Test(arguments: [51, 52, 53] as [UInt64]) func randomWritesAgreeWithASet(seed: UInt64) throws {
    var random = XorShift64(seed: seed)
    let machine = try TestMachine(processors: 2)
    let base = try machine.anonymous(machine.process, pages: 300)
    var written: Set<UInt64> = []
    try machine.machine.clearReferences(of: machine.process, 4)
    for step in 0..<3000 {
      let page = random.below(300)
      switch random.below(60) {
      case 0:
        try machine.machine.clearReferences(of: machine.process, 4)
        written = []
      case 1: try machine.machine.clearReferences(of: machine.process, Int(1 + random.below(3)))
      case 2:
        let child = try #require(machine.fork(machine.process, sharesMemory: false))
        if random.below(2) == 0 { _ = machine.write(child, base.page(page)) }
        machine.exit(child)
      case 3..<20: _ = machine.access(machine.process, base.page(page).page, .read, on: Int(random.below(2)))
      default:
        #expect(machine.access(machine.process, base.page(page).page, .write, on: Int(random.below(2))) == .done)
        written.insert(page)
      }
      if step % 100 == 0 {
        for page in 0..<300 as Range<UInt64> {
          #expect(isSoftDirty(machine, base.page(page)) == written.contains(page), "seed \(seed), step \(step)")
        }
        try machine.checkInvariants()
      }
    }
    #expect(machine.framesMissingAtEnd() == 0)
  }
}

extension Substring {
  fileprivate var trimmed: String { split(separator: " ").joined(separator: " ") }
}
