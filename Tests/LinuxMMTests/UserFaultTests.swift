import HostMemory
import Testing

@testable import LinuxMM

/// What sequences of calls on a real kernel cannot show, since there nobody may wait: accesses that do, and events.
@Suite struct UserFaultTests {
  private let machine: TestMachine
  private var process: ProcessIndex { machine.process }

  init() throws { machine = try TestMachine() }

  private func watcher(_ features: WatchFeatures = []) throws -> WatcherIndex {
    let watcher = try machine.machine.makeWatcher(process, flags: 0)
    _ = try machine.machine.enable(watcher, by: process, features)
    return watcher
  }

  private func sharedMemory(_ object: FileIndex, pages: UInt64) throws -> VirtualAddress {
    try machine.map(
      process, MapRequest(length: pages * 4096, protection: [.read, .write], flags: .shared, file: object))
  }

  private func finish() throws {
    try machine.checkInvariants()
    #expect(machine.framesMissingAtEnd() == 0)
  }

  @Test func waitingAccessResumesAfterCopy() throws {
    let watcher = try watcher()
    let base = try machine.anonymous(process, pages: 4)
    let source = try machine.anonymous(process, pages: 1)
    #expect(machine.write(process, source) == .done)
    let calls = try machine.machine.watch(watcher, base, length: 4 * 4096, .missing)
    #expect(calls == [.wake, .copy, .zeroPage])
    guard case .waiting(let fault) = machine.write(process, base.page(1)) else {
      Issue.record("the access does not wait")
      return
    }
    #expect(fault.reason == .missing && fault.page == base.page(1).page && fault.kind == .write)
    // The same access waits once, however often it is made.
    #expect(machine.write(process, base.page(1)) == .waiting(fault))
    guard case .fault(let told) = try machine.machine.read(watcher) else {
      Issue.record("the watcher is not told")
      return
    }
    #expect(told.page == fault.page)
    #expect(throws: Errno.EAGAIN) { try machine.machine.read(watcher) }
    let before = machine.process(process)
    let supplied = try machine.machine.supply(watcher, by: process, base.page(1), length: 4096, from: source, [])
    #expect(supplied == SupplyResult(field: 4096, error: nil))
    // A fault that had to wait counts as major.
    #expect(machine.process(process).majorFaults == before.majorFaults + 1)
    #expect(machine.process(process).minorFaults == before.minorFaults)
    #expect(machine.machine.waitingFaults.isEmpty)
    #expect(machine.write(process, base.page(1)) == .done)
    let again = try machine.machine.supply(watcher, by: process, base, length: 3 * 4096, from: base.page(1), [])
    // The source of the second page is not there, and the kernel does not wait for itself.
    #expect(again == SupplyResult(field: 4096, error: .EAGAIN))
    let second = try machine.machine.supplyZeros(watcher, by: process, base, length: 4096, [])
    #expect(second == SupplyResult(field: -17, error: .EEXIST))
    try finish()
  }

  @Test func wakingWithoutSupplyLetsTheAccessWaitAgain() throws {
    let watcher = try watcher()
    let base = try machine.anonymous(process, pages: 1)
    _ = try machine.machine.watch(watcher, base, length: 4096, .missing)
    guard case .waiting = machine.read(process, base) else {
      Issue.record("the access does not wait")
      return
    }
    _ = try machine.machine.read(watcher)
    try machine.machine.wake(watcher, base, length: 4096)
    guard case .fault = try machine.machine.read(watcher) else {
      Issue.record("the watcher is not told again")
      return
    }
    machine.machine.close(watcher)
    #expect(machine.machine.waitingFaults.isEmpty)
    #expect(machine.read(process, base) == .done)
    try finish()
  }

  @Test func minorFaultContinuesWithWhatIsCached() throws {
    let watcher = try watcher(.minorSharedMemory)
    let object = machine.machine.sharedMemory(size: 2 * 4096)
    let writer = try sharedMemory(object, pages: 2)
    let reader = try sharedMemory(object, pages: 2)
    #expect(machine.write(process, writer) == .done)
    _ = try machine.machine.watch(watcher, reader, length: 2 * 4096, .minor)
    guard case .waiting(let fault) = machine.read(process, reader) else {
      Issue.record("the access does not wait")
      return
    }
    #expect(fault.reason == .minor)
    let mapped = try machine.machine.supplyCached(watcher, by: process, reader, length: 2 * 4096, [])
    #expect(mapped == SupplyResult(field: 4096, error: .EAGAIN))
    #expect(machine.read(process, reader) == .done)
    let words = machine.machine.pagemap(process, reader.page.rawValue..<(reader.page.rawValue + 1))
    let others = machine.machine.pagemap(process, writer.page.rawValue..<(writer.page.rawValue + 1))
    #expect(PagemapEntry(rawValue: words[0]).frame == PagemapEntry(rawValue: others[0]).frame)
    // What is not cached is not the watcher's business.
    #expect(machine.write(process, reader.page(1)) == .done)
    machine.machine.removeName(of: object)
    try finish()
  }

  @Test func writeToProtectedPageWaitsForItsRelease() throws {
    let watcher = try watcher(.writeProtection)
    let base = try machine.anonymous(process, pages: 2)
    #expect(machine.write(process, base) == .done)
    _ = try machine.machine.watch(watcher, base, length: 2 * 4096, .write)
    try machine.machine.writeProtect(watcher, base, length: 4096, isOn: true)
    #expect(machine.read(process, base) == .done)
    guard case .waiting(let fault) = machine.write(process, base) else {
      Issue.record("the access does not wait")
      return
    }
    #expect(fault.reason == .writeProtected)
    try machine.machine.writeProtect(watcher, base, length: 4096, isOn: false)
    #expect(machine.machine.waitingFaults.isEmpty)
    #expect(machine.write(process, base) == .done)
    try finish()
  }

  @Test func childIsWatchedByAWatcherOfItsOwn() throws {
    let watcher = try watcher([.forkEvents, .writeProtection, .writeProtectedSharedMemory])
    let base = try machine.anonymous(process, pages: 2)
    let object = machine.machine.sharedMemory(size: 4096)
    let shared = try sharedMemory(object, pages: 1)
    #expect(machine.write(process, base) == .done)
    _ = try machine.machine.watch(watcher, base, length: 2 * 4096, [.missing, .write])
    _ = try machine.machine.watch(watcher, shared, length: 4096, .write)
    try machine.machine.writeProtect(watcher, base, length: 4096, isOn: true)
    try machine.machine.writeProtect(watcher, shared, length: 4096, isOn: true)
    let child = try #require(machine.fork(process, sharesMemory: false))
    // Until somebody has read of it, nothing can be supplied.
    #expect(throws: Errno.EAGAIN) { try machine.machine.supplyZeros(watcher, by: process, base, length: 4096, []) }
    guard case .event(.fork(let inherited)) = try machine.machine.read(watcher) else {
      Issue.record("the watcher is not told")
      return
    }
    for (address, reason) in [(base, WatchReason.writeProtected), (base.page(1), .missing)] {
      guard case .waiting(let fault) = machine.write(child, address) else {
        Issue.record("the child's access does not wait")
        return
      }
      #expect(fault.watcher == inherited && fault.reason == reason)
    }
    // The marker went along: the page comes, still protected.
    #expect(machine.read(child, shared) == .done)
    guard case .waiting = machine.write(child, shared) else {
      Issue.record("the child's access does not wait")
      return
    }
    machine.exit(child)
    #expect(throws: Errno.ESRCH) { try machine.machine.supplyZeros(inherited, by: process, base, length: 4096, []) }
    machine.machine.close(inherited)
    machine.machine.close(watcher)
    machine.machine.removeName(of: object)
    try finish()
  }

  @Test func movedMemoryStaysWatchedOnlyIfTheWatcherIsTold() throws {
    for features in [WatchFeatures.writeProtection, [.writeProtection, .remapEvents]] {
      let watcher = try watcher(features)
      let base = try machine.anonymous(process, pages: 2)
      #expect(machine.write(process, base) == .done)
      _ = try machine.machine.watch(watcher, base, length: 2 * 4096, .write)
      try machine.machine.writeProtect(watcher, base, length: 4096, isOn: true)
      let target = VirtualAddress(0x6000_0000_0000)
      let moved = try machine.machine.remap(
        process,
        RemapRequest(
          address: base, oldLength: 2 * 4096, newLength: 2 * 4096, flags: [.mayMove, .fixed], target: target))
      if features.contains(.remapEvents) {
        guard case .event(let event) = try machine.machine.read(watcher) else {
          Issue.record("the watcher is not told")
          return
        }
        #expect(event == .remap(from: base, to: target, length: 2 * 4096))
        guard case .waiting = machine.write(process, moved) else {
          Issue.record("the access does not wait")
          return
        }
      } else {
        #expect(machine.write(process, moved) == .done)
      }
      machine.machine.close(watcher)
      #expect(machine.write(process, moved) == .done)
    }
    try finish()
  }

  @Test func goingMemoryIsTold() throws {
    let watcher = try watcher([.removeEvents, .unmapEvents])
    let base = try machine.anonymous(process, pages: 4)
    _ = try machine.machine.watch(watcher, base, length: 4 * 4096, .missing)
    try machine.advise(process, base, length: 4096, .dontNeed)
    try machine.unmap(process, base.page(2), length: 8192)
    #expect(try machine.machine.read(watcher) == .event(.remove(base..<base.page(1))))
    #expect(try machine.machine.read(watcher) == .event(.unmap(base.page(2)..<base.page(4))))
    try finish()
  }

  @Test func whoMayWatchWhat() throws {
    machine.machine.setCapabilities(process, [])
    #expect(throws: Errno.EPERM) { try machine.machine.makeWatcher(process, flags: 0) }
    let watcher = try machine.machine.makeWatcher(process, flags: 1)
    #expect(throws: Errno.EPERM) { try machine.machine.enable(watcher, by: process, .forkEvents) }
    machine.machine.virtualMemory.unprivilegedUserFault = true
    machine.machine.close(try machine.machine.makeWatcher(process, flags: 0))
    let found = try machine.machine.enable(watcher, by: process, .signals)
    #expect(found.features.rawValue == 0x1fff)
    let base = try machine.anonymous(process, pages: 1)
    _ = try machine.machine.watch(watcher, base, length: 4096, .missing)
    #expect(machine.read(process, base) == .refused(.refusedByWatcher))
    try finish()
  }
}
