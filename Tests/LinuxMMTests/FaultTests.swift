import Testing

@testable import LinuxMM

@Suite struct FaultTests {
  @Test func readThenWriteOfAnonymousMemoryFaultsTwice() throws {
    let machine = try TestMachine()
    let process = machine.process
    let base = try machine.anonymous(process, pages: 4)
    let before = machine.process(process)
    #expect(machine.read(process, base) == .done)
    #expect(machine.process(process).minorFaults == before.minorFaults + 1)
    // The page of zeros is not resident memory.
    #expect(machine.process(process).resident == before.resident)
    #expect(machine.write(process, base) == .done)
    #expect(machine.process(process).minorFaults == before.minorFaults + 2)
    #expect(machine.process(process).resident == before.resident + 1)
    #expect(machine.write(process, base) == .done)
    #expect(machine.process(process).minorFaults == before.minorFaults + 2)
    try machine.checkInvariants()
    #expect(machine.framesMissingAtEnd() == 0)
  }

  @Test func readsMapSixteenPagesOfAFileAround() throws {
    let machine = try TestMachine()
    let process = machine.process
    let file = machine.file(FileIdentity(device: 1, inode: 2), size: 100 * 4096)
    let base = try machine.map(
      process,
      MapRequest(
        address: VirtualAddress(0x7000_0000_0000), length: 100 * 4096, protection: .read, flags: [.private, .fixed],
        file: file))
    let before = machine.process(process)
    #expect(machine.read(process, base.page(20)) == .done)
    #expect(machine.process(process).resident == before.resident + 16)
    for page in 16..<32 { #expect(machine.read(process, base.page(UInt64(page))) == .done) }
    #expect(machine.process(process).minorFaults == before.minorFaults + 1)
    // The last window ends with the file.
    #expect(machine.read(process, base.page(99)) == .done)
    #expect(machine.process(process).resident == before.resident + 16 + 4)
    try machine.checkInvariants()
    #expect(machine.framesMissingAtEnd() == 0)
  }

  @Test func aColdFileIsReadOnce() throws {
    let machine = try TestMachine(warm: false)
    let process = machine.process
    let file = machine.file(FileIdentity(device: 1, inode: 2), size: 10 * 4096)
    let base = try machine.map(
      process, MapRequest(length: 10 * 4096, protection: .read, flags: .private, file: file))
    for page in 0..<10 { #expect(machine.read(process, base.page(UInt64(page))) == .done) }
    #expect(machine.process(process).majorFaults == 1)
    #expect(machine.framesMissingAtEnd() == 0)
  }

  @Test func beyondTheEndOfAFileIsABusError() throws {
    let machine = try TestMachine()
    let process = machine.process
    let file = machine.file(FileIdentity(device: 1, inode: 2), size: 5000)
    let base = try machine.map(
      process, MapRequest(length: 4 * 4096, protection: .read, flags: .private, file: file))
    #expect(machine.read(process, base.page(1)) == .done)
    #expect(machine.read(process, base.page(2)) == .refused(.beyondEndOfFile))
  }

  @Test func rightsAreHeld() throws {
    let machine = try TestMachine()
    let process = machine.process
    let base = try machine.anonymous(process, pages: 3)
    #expect(machine.access(process, base.page, .fetch, on: 0) == .refused(.notPermitted))
    try machine.protect(process, base.page(1), length: 4096, .read)
    #expect(machine.write(process, base.page(1)) == .refused(.notPermitted))
    #expect(machine.write(process, base) == .done)
    try machine.protect(process, base, length: 4096, [])
    #expect(machine.read(process, base) == .refused(.notPermitted))
    try machine.protect(process, base, length: 4096, [.read, .write])
    // The page was there all the time and is writable at once.
    let faults = machine.process(process).minorFaults
    #expect(machine.write(process, base) == .done)
    #expect(machine.process(process).minorFaults == faults)
    #expect(machine.read(process, VirtualAddress(0x1234_5000)) == .refused(.notMapped))
    try machine.checkInvariants()
  }

  @Test func aForkSharesUntilOneSideWrites() throws {
    let machine = try TestMachine()
    let parent = machine.process
    let base = try machine.anonymous(parent, pages: 8)
    for page in 0..<8 { #expect(machine.write(parent, base.page(UInt64(page))) == .done) }
    let anonymous = machine.frameAccount.anonymous
    let child = try #require(machine.fork(parent, sharesMemory: false))
    #expect(machine.frameAccount.anonymous == anonymous)
    try machine.checkInvariants()
    #expect(machine.write(child, base) == .done)
    #expect(machine.frameAccount.anonymous == anonymous + 1)
    // The parent is alone with its page now and keeps it.
    #expect(machine.write(parent, base) == .done)
    #expect(machine.frameAccount.anonymous == anonymous + 1)
    machine.exit(child)
    #expect(machine.frameAccount.anonymous == anonymous)
    try machine.checkInvariants()
    #expect(machine.framesMissingAtEnd() == 0)
  }

  @Test func sharedMemoryIsShared() throws {
    let machine = try TestMachine()
    let parent = machine.process
    let base = try machine.map(
      parent, MapRequest(length: 4 * 4096, protection: [.read, .write], flags: [.shared, .anonymous]))
    #expect(machine.write(parent, base) == .done)
    let child = try #require(machine.fork(parent, sharesMemory: false))
    let cached = machine.frameAccount.cached
    #expect(machine.write(child, base) == .done)
    #expect(machine.frameAccount.cached == cached)
    try machine.checkInvariants()
    #expect(machine.framesMissingAtEnd() == 0)
  }

  @Test func aVforkedChildBorrowsTheAddressSpace() throws {
    let machine = try TestMachine()
    let parent = machine.process
    let base = try machine.anonymous(parent, pages: 1)
    let child = try #require(machine.fork(parent, sharesMemory: true))
    #expect(machine.write(child, base) == .done)
    let faults = machine.process(parent).minorFaults
    #expect(machine.write(parent, base) == .done)
    #expect(machine.process(parent).minorFaults == faults)
    #expect(machine.execute(child, TestMachine.stackOnly) == .done)
    #expect(machine.read(child, base) == .refused(.notMapped))
    #expect(machine.framesMissingAtEnd() == 0)
  }

  @Test func theStackGrowsToItsLimit() throws {
    let machine = try TestMachine()
    let process = machine.process
    let top = TestMachine.stackTop
    #expect(machine.write(process, VirtualAddress(top - (1 << 20))) == .done)
    #expect(machine.write(process, VirtualAddress(top - (8 << 20))) == .done)
    #expect(machine.write(process, VirtualAddress(top - (8 << 20) - 4096)) == .refused(.notMapped))
    try machine.checkInvariants()
    #expect(machine.framesMissingAtEnd() == 0)
  }

  @Test func pageTablesGoWithTheirLastArea() throws {
    let machine = try TestMachine()
    let process = machine.process
    let tables = machine.process(process).tablePages
    let base = try machine.map(
      process,
      MapRequest(
        address: VirtualAddress(0x6000_0000_0000), length: 4 << 20, protection: [.read, .write],
        flags: [.private, .anonymous, .fixed]))
    #expect(machine.write(process, base) == .done)
    #expect(machine.write(process, base.page(1023)) == .done)
    #expect(machine.process(process).tablePages == tables + 4)
    try machine.unmap(process, base, length: 2 << 20)
    #expect(machine.process(process).tablePages == tables + 3)
    try machine.unmap(process, base.page(512), length: 2 << 20)
    #expect(machine.process(process).tablePages == tables)
  }

  @Test func theBreakGrowsAndShrinks() throws {
    let machine = try TestMachine()
    let process = machine.process
    let start = try machine.setBreak(process, VirtualAddress(0))
    #expect(try machine.setBreak(process, start.page(10)) == start.page(10))
    #expect(machine.write(process, start.page(9)) == .done)
    #expect(machine.write(process, start.page(10)) == .refused(.notMapped))
    #expect(try machine.setBreak(process, start.page(2)) == start.page(2))
    #expect(machine.write(process, start.page(9)) == .refused(.notMapped))
    #expect(try machine.setBreak(process, VirtualAddress(start.rawValue - 4096)) == start.page(2))
  }

  @Test func adviceToForgetGivesZeroPagesAgain() throws {
    let machine = try TestMachine()
    let process = machine.process
    let base = try machine.anonymous(process, pages: 4)
    for page in 0..<4 { #expect(machine.write(process, base.page(UInt64(page))) == .done) }
    let resident = machine.process(process).resident
    try machine.advise(process, base, length: 2 * 4096, .dontNeed)
    #expect(machine.process(process).resident == resident - 2)
    let faults = machine.process(process).minorFaults
    #expect(machine.write(process, base) == .done)
    #expect(machine.process(process).minorFaults == faults + 1)
    #expect(throws: Errno.ENOMEM) { try machine.advise(process, base, length: 1 << 30, .dontNeed) }
  }

  @Test func aMovedMappingKeepsItsPages() throws {
    let machine = try TestMachine()
    let process = machine.process
    let base = try machine.anonymous(process, pages: 4)
    for page in 0..<4 { #expect(machine.write(process, base.page(UInt64(page))) == .done) }
    let resident = machine.process(process).resident
    let moved = try machine.machine.remap(
      process,
      RemapRequest(
        address: base, oldLength: 4 * 4096, newLength: 8 * 4096, flags: [.mayMove, .fixed],
        target: VirtualAddress(0x5000_0000_0000)))
    let faults = machine.process(process).minorFaults
    for page in 0..<4 { #expect(machine.write(process, moved.page(UInt64(page))) == .done) }
    #expect(machine.process(process).minorFaults == faults)
    #expect(machine.process(process).resident == resident)
    #expect(machine.read(process, base) == .refused(.notMapped))
    try machine.checkInvariants()
    #expect(machine.framesMissingAtEnd() == 0)
  }

  @Test func theLargestProcessIsKilledWhenMemoryIsGone() throws {
    let machine = try TestMachine(ram: 8 << 20)
    let small = machine.process
    let large = machine.start()
    let base = try machine.anonymous(large, pages: 4096)
    var written = 0
    while written < 4096, machine.write(large, base.page(UInt64(written))) == .done { written += 1 }
    #expect(written < 2048)
    #expect(machine.process(large).outOfMemoryKilled)
    #expect(!machine.process(small).outOfMemoryKilled)
    #expect(machine.outOfMemoryEvents.count == 1)
    #expect(machine.write(large, base) == .killed)
    try machine.checkInvariants()
    #expect(machine.framesMissingAtEnd() == 0)
  }

  @Test func cleanCacheIsGivenUpBeforeAnyoneIsKilled() throws {
    let machine = try TestMachine(ram: 8 << 20, warm: false)
    let process = machine.process
    let file = machine.file(FileIdentity(device: 3, inode: 4), size: 64 << 20)
    machine.machine.accessFile(process, file, offset: 0, length: 64 << 20, writes: false)
    #expect(machine.outOfMemoryEvents.isEmpty)
    let base = try machine.anonymous(process, pages: 512)
    for page in 0..<512 { #expect(machine.write(process, base.page(UInt64(page))) == .done) }
    #expect(machine.outOfMemoryEvents.isEmpty)
    #expect(machine.framesMissingAtEnd() == 0)
  }

  /// Memory full but for a few frames: the page that a fault reads must stay while its neighbours are read.
  @Test func aFaultNearTheEndOfMemoryKeepsItsPage() throws {
    let machine = try TestMachine(ram: 8 << 20, warm: false)
    let process = machine.process
    let file = machine.file(FileIdentity(device: 5, inode: 6), size: 400 * 4096)
    let mapped = try machine.map(
      process, MapRequest(length: 400 * 4096, protection: [.read, .write], flags: .private, file: file))
    let hog = machine.start()
    let base = try machine.anonymous(hog, pages: 4096)
    var page: UInt64 = 0
    while machine.frameAccount.free > 70, machine.write(hog, base.page(page)) == .done { page += 1 }
    for page in stride(from: 0, to: 400, by: 7) as StrideTo<UInt64> {
      let result =
        page % 2 == 0
        ? machine.read(process, mapped.page(page)) : machine.write(process, mapped.page(page))
      #expect(result == .done || result == .killed)
      try machine.checkInvariants()
    }
    #expect(machine.framesMissingAtEnd() == 0)
  }

  @Test func sharedMemoryIsNeverDirtyAndStaysWithItsName() throws {
    let machine = try TestMachine()
    let process = machine.process
    let segment = machine.machine.createSegment(size: 4 * 4096)
    let first = try machine.machine.attach(process, segment, at: VirtualAddress(0), [])
    #expect(machine.write(process, first) == .done)
    #expect(machine.machine.spaces.translation.memory.statistics.dirtyPages == 0)
    try machine.machine.detach(process, first)
    machine.machine.dropCaches()
    #expect(machine.frameAccount.cached == 1)
    let second = try machine.machine.attach(process, segment, at: VirtualAddress(0), [])
    let faults = machine.process(process).minorFaults
    #expect(machine.read(process, second) == .done)
    #expect(machine.process(process).minorFaults == faults + 1)
    try machine.machine.remove(segment)
    #expect(machine.frameAccount.cached == 1)
    // Without a name it can be attached still, even in the place of its last attachment.
    let third = try machine.machine.attach(process, segment, at: second, .replace)
    #expect(third == second && machine.frameAccount.cached == 1)
    try machine.machine.remove(segment)
    try machine.machine.detach(process, third)
    #expect(machine.frameAccount.cached == 0)
    #expect(throws: Errno.EINVAL) { try machine.machine.attach(process, segment, at: VirtualAddress(0), []) }
    #expect(throws: Errno.EINVAL) { try machine.machine.remove(segment) }
    #expect(machine.framesMissingAtEnd() == 0)
  }

  @Test func lockingAllBringsAllPages() throws {
    let machine = try TestMachine()
    let process = machine.process
    _ = try machine.anonymous(process, pages: 10)
    let before = machine.process(process).resident
    try machine.machine.lockAll(process, current: true, future: true)
    #expect(machine.process(process).resident >= before + 10)
    let locked = machine.process(process).resident
    _ = try machine.anonymous(process, pages: 5)
    #expect(machine.process(process).resident == locked + 5)
    try machine.machine.unlockAll(process)
    _ = try machine.anonymous(process, pages: 5)
    #expect(machine.process(process).resident == locked + 5)
  }

  @Test func theStackLimitIsTheProgramsOwn() throws {
    let machine = try TestMachine()
    var image = TestMachine.stackOnly
    image.stackLimit = 1 << 20
    #expect(machine.execute(machine.process, image) == .done)
    let top = TestMachine.stackTop
    #expect(machine.write(machine.process, VirtualAddress(top - (1 << 20))) == .done)
    #expect(machine.write(machine.process, VirtualAddress(top - (1 << 20) - 4096)) == .refused(.notMapped))
    let child = try #require(machine.fork(machine.process, sharesMemory: false))
    #expect(machine.write(child, VirtualAddress(top - (1 << 20) - 4096)) == .refused(.notMapped))
  }
}
