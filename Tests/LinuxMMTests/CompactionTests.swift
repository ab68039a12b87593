import HostMemory
import Testing

@testable import LinuxMM

/// Pages with contents of their own, and where they must be found again.
private struct MarkedPages {
  var sums: [(process: ProcessIndex, address: VirtualAddress, sum: UInt64)] = []

  mutating func mark(_ process: ProcessIndex, _ address: VirtualAddress, _ machine: TestMachine) throws {
    let frame = try #require(machine.frame(process, address))
    machine.setContents(of: frame, seed: address.rawValue ^ UInt64(process.rawValue) << 50)
    sums.append((process, address, machine.checksum(of: frame)))
  }

  func changed(_ machine: TestMachine) -> Int {
    sums.count { entry in
      guard let frame = machine.frame(entry.process, entry.address) else { return true }
      return machine.checksum(of: frame) != entry.sum
    }
  }
}

@Suite struct CompactionTests {
  /// Fills the memory with pages of a process and gives every other one back, but for a reserve.
  private func fragmented(_ machine: TestMachine, keepEach step: UInt64 = 2) throws -> MarkedPages {
    let pages = UInt64(machine.frameAccount.free) - 1200
    let base = try machine.anonymous(machine.process, pages: pages)
    for page in 0..<pages { #expect(machine.write(machine.process, base.page(page)) == .done) }
    for page in 0..<pages where page % step != 0 {
      try machine.advise(machine.process, base.page(page), length: 4096, .dontNeed)
    }
    var marked = MarkedPages()
    for page in stride(from: 0, to: pages, by: Int(step)) { try marked.mark(machine.process, base.page(page), machine) }
    return marked
  }

  @Test func aLargeBlockIsHadAfterCompaction() throws {
    let machine = try TestMachine(ram: 64 << 20)
    let marked = try fragmented(machine)
    while let block = try? machine.allocate(9, [.kswapdReclaim, .noReserve]) { _ = block }
    let before = machine.buddyInfo
    #expect(machine.freeBlocks(9) == 0)
    #expect(machine.frameAccount.free > 512 * 8)
    // Without the right to compact there is none.
    #expect(throws: AllocationFailure.self) { try machine.allocate(9, .noWait) }
    let block = try machine.allocate(9, [.kernel, .retryMayFail])
    #expect(block.rawValue % 512 == 0)
    #expect(machine.statistics.pagesMigrated > 0)
    #expect(machine.statistics.compactionSuccesses == 1)
    #expect(marked.changed(machine) == 0)
    print(
      "order 9 after compaction: \(machine.statistics.pagesMigrated) pages moved, \(marked.sums.count) checksums held\n"
        + "before\n\(before)after\n\(machine.buddyInfo)")
    try machine.free(block, 9)
    try machine.checkInvariants()
  }

  @Test func compactingAllMemoryLeavesLargeBlocks() throws {
    let machine = try TestMachine(ram: 64 << 20)
    let marked = try fragmented(machine, keepEach: 3)
    let before = machine.freeBlocks(9)
    machine.compactMemory()
    try machine.checkInvariants()
    #expect(marked.changed(machine) == 0)
    let free = machine.frameAccount.free
    #expect(machine.freeBlocks(9) > before + 8)
    #expect(machine.freeBlocks(9) * 512 > free * 7 / 10)
  }

  /// Pages shared by a parent and its children, and pages of files, keep all their mappings.
  @Test func sharedPagesMoveWithAllTheirMappings() throws {
    let machine = try TestMachine(ram: 64 << 20)
    let file = machine.file(FileIdentity(device: 1, inode: 7), size: 400 * 4096)
    let mapped = try machine.map(
      machine.process, MapRequest(length: 400 * 4096, protection: .read, flags: .private, file: file))
    let base = try machine.anonymous(machine.process, pages: 4000)
    for page in 0..<4000 as Range<UInt64> { #expect(machine.write(machine.process, base.page(page)) == .done) }
    for page in 0..<400 as Range<UInt64> { #expect(machine.read(machine.process, mapped.page(page)) == .done) }
    let child = try #require(machine.fork(machine.process, sharesMemory: false))
    let grandchild = try #require(machine.fork(child, sharesMemory: false))
    for page in stride(from: 0, to: 4000 as UInt64, by: 7) { #expect(machine.write(child, base.page(page)) == .done) }
    for page in stride(from: 0, to: 4000 as UInt64, by: 5) where page % 7 != 0 {
      try machine.unmap(machine.process, base.page(page), length: 4096)
    }
    var marked = MarkedPages()
    for process in [machine.process, child, grandchild] {
      for page in 0..<4000 as Range<UInt64> where machine.frame(process, base.page(page)) != nil && page % 3 == 0 {
        // Shared frames get the contents of the last one marked.
        if process == machine.process
          || machine.frame(process, base.page(page)) != machine.frame(machine.process, base.page(page))
        {
          if process != grandchild || machine.frame(process, base.page(page)) != machine.frame(child, base.page(page)) {
            try marked.mark(process, base.page(page), machine)
          }
        }
      }
    }
    let shared = (0..<4000 as Range<UInt64>).filter {
      machine.frame(child, base.page($0)) != nil
        && machine.frame(child, base.page($0)) == machine.frame(grandchild, base.page($0))
    }
    machine.compactMemory()
    #expect(machine.statistics.pagesMigrated > 100)
    try machine.checkInvariants()
    #expect(marked.changed(machine) == 0)
    for page in shared { #expect(machine.frame(child, base.page(page)) == machine.frame(grandchild, base.page(page))) }
    machine.exit(child)
    try machine.checkInvariants()
    machine.compactMemory()
    try machine.checkInvariants()
    #expect(machine.framesMissingAtEnd() == 0)
  }
}

@Suite struct ContiguousTests {
  private func machine(areas: [UInt64]) throws -> TestMachine {
    try TestMachine(physical: .pc([192 << 20], contiguousBytes: areas))
  }

  @Test func anAreaFullOfMappedPagesIsEmptiedOnDemand() throws {
    let machine = try machine(areas: [64 << 20])
    let area = machine.machine.configuration.physical.contiguousAreas[0].range
    // Nearly all memory is used, the whole area with it; then pages elsewhere are given back, so that there is room.
    let pages = UInt64(machine.frameAccount.free) - 2500
    let base = try machine.anonymous(machine.process, pages: pages)
    for page in 0..<pages { #expect(machine.write(machine.process, base.page(page)) == .done) }
    func isInside(_ page: UInt64) -> Bool {
      machine.frame(machine.process, base.page(page)).map { $0 >= area.start && $0 < area.end } ?? false
    }
    for page in 0..<pages where page % 5 < 4 && !isInside(page) {
      try machine.advise(machine.process, base.page(page), length: 4096, .dontNeed)
    }
    let inside = (0..<pages).count { isInside($0) }
    #expect(inside == area.count)
    var marked = MarkedPages()
    for page in 0..<pages where machine.frame(machine.process, base.page(page)) != nil {
      try marked.mark(machine.process, base.page(page), machine)
    }
    let block = try machine.allocateContiguous(16384)
    #expect(block == area.start)
    #expect(marked.changed(machine) == 0)
    #expect(machine.statistics.pagesMigrated >= inside)
    print(
      "contiguous 64 MiB: \(inside) of its \(area.count) frames held mapped pages, \(machine.statistics.pagesMigrated) moved, "
        + "\(marked.sums.count) checksums held")
    try machine.checkInvariants()
    #expect(throws: ContiguousFailure.busy) { try machine.allocateContiguous(1) }
    try machine.releaseContiguous(block, 16384)
    #expect(throws: ContiguousFailure.notTaken) { try machine.releaseContiguous(block, 16384) }
    try machine.checkInvariants()
    #expect(machine.framesMissingAtEnd() == 0)
  }

  @Test func alignmentAndSizeAreKept() throws {
    let machine = try machine(areas: [8 << 20])
    let first = try machine.allocateContiguous(3)
    let second = try machine.allocateContiguous(100, alignment: 64)
    #expect(second.rawValue % 64 == 0 && second.rawValue >= first.rawValue + 3)
    #expect(throws: ContiguousFailure.invalidSize) { try machine.allocateContiguous(0) }
    #expect(throws: ContiguousFailure.invalidSize) { try machine.allocateContiguous(4096) }
    #expect(throws: ContiguousFailure.invalidSize) { try machine.allocateContiguous(8, alignment: 3) }
    try machine.releaseContiguous(first, 3)
    let again = try machine.allocateContiguous(2)
    #expect(again == first)
    try machine.checkInvariants()
  }

  /// A page that cannot be moved makes the allocation fail or go elsewhere, with everything as it was.
  @Test func pinnedPagesAreLeftAlone() throws {
    let machine = try machine(areas: [16 << 20])
    let area = machine.machine.configuration.physical.contiguousAreas[0].range
    // The area is used once it is more than half of what is free.
    let pages = UInt64(machine.frameAccount.free) - 6500
    let base = try machine.anonymous(machine.process, pages: pages)
    for page in 0..<pages { #expect(machine.write(machine.process, base.page(page)) == .done) }
    let pinned = try #require(
      (0..<pages).lazy.compactMap { machine.frame(machine.process, base.page($0)) }
        .first { $0 >= area.start && $0 < area.end })
    machine.machine.spaces.translation.memory.retain(pinned)
    let free = machine.frameAccount.free
    let buddies = machine.buddyInfo
    #expect(throws: ContiguousFailure.busy) { try machine.allocateContiguous(4096) }
    #expect(machine.frameAccount.free + machine.frameAccount.listed >= free)
    #expect(buddies.count == machine.buddyInfo.count)
    machine.machine.spaces.translation.memory.release(pinned)
    _ = try machine.allocateContiguous(4096)
    try machine.checkInvariants()
  }

  @Test func areasWithoutRoomAreRefused() {
    #expect(throws: PhysicalConfiguration.Problem.contiguousArea(bytes: 512 << 20)) {
      try PhysicalConfiguration.pc([64 << 20], contiguousBytes: [512 << 20])
    }
  }
}
