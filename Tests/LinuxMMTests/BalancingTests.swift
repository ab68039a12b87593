import Testing

@testable import LinuxMM

/// What hint faults should have done to each page, computed page by page without page tables.
private struct NaiveBalance {
  /// The node of each page, whether it is marked, and from where it was used the last time it lay elsewhere.
  var pages: [UInt64: (node: Int, isMarked: Bool, last: Int?)] = [:]
  /// Whether the process is old enough for pages to move after two faults only.
  var isOld = false
  var updates: UInt64 = 0
  var faults: UInt64 = 0
  var localFaults: UInt64 = 0
  var moved: UInt64 = 0

  /// A scan of all pages from a node, by the only process that uses them.
  mutating func mark(from node: Int) {
    for (page, state) in pages where !state.isMarked && state.node != node {
      pages[page]!.isMarked = true
      updates += 1
    }
  }

  /// An access from a node by the only process that has ever used the page.
  mutating func access(_ page: UInt64, from node: Int) {
    guard let state = pages[page] else {
      pages[page] = (node, false, nil)
      return
    }
    guard state.isMarked else { return }
    faults += 1
    pages[page]!.isMarked = false
    if state.node == node {
      localFaults += 1
      return
    }
    pages[page]!.last = node
    if isOld && state.last != nil && state.last != node { return }
    moved += 1
    pages[page]!.node = node
  }
}

@Suite struct BalancingTests {
  /// Two nodes of 64 MiB with two processors each.
  private func machine(isOn: Bool? = nil, holds: Bool = false) throws -> TestMachine {
    let physical = try PhysicalConfiguration.pc([64 << 20, 64 << 20], nodeOfProcessor: [0, 0, 1, 1])
    var configuration = try MachineConfiguration(physical: physical, startsWarm: true)
    configuration.balancing.isOn = isOn
    return try TestMachine(configuration, holdsContents: holds)
  }

  private func node(_ machine: TestMachine, _ process: ProcessIndex, _ address: VirtualAddress) throws -> Int {
    machine.machine.spaces.translation.memory.node(of: try #require(machine.frame(process, address)))
  }

  /// Lets a process run on a processor for some milliseconds of the machine's time.
  private func run(_ machine: TestMachine, _ process: ProcessIndex, on processor: Int, milliseconds: UInt64) {
    let each = machine.machine.configuration.costs.instruction
    for _ in 0..<milliseconds {
      machine.machine.advance(accesses: 0, instructions: 1_000_000_000 / each, of: process, on: processor)
    }
  }

  private func space(_ machine: TestMachine, _ process: ProcessIndex) -> SpaceIndex {
    machine.machine.processes[process.rawValue].space
  }

  @Test func isOnWhereThereIsMoreThanOneNode() throws {
    #expect(try machine().machine.isBalancing)
    #expect(try !machine(isOn: false).machine.isBalancing)
    #expect(try !TestMachine().machine.isBalancing)
  }

  /// A process whose memory lies on node 0 runs on node 1: after the scan each access takes one more fault, and its page
  /// has come with all its bytes.
  @Test func pagesFollowTheirProcess() throws {
    let machine = try machine(holds: true)
    let process = machine.process
    let base = try machine.anonymous(process, pages: 600)
    for page in 0..<600 as Range<UInt64> {
      #expect(machine.access(process, base.page(page).page, .write, on: 0) == .done)
      machine.setContents(of: try #require(machine.frame(process, base.page(page))), seed: page)
      #expect(try node(machine, process, base.page(page)) == 0)
    }
    // Three of them were only read, and are the page of zeros.
    let zeros = try machine.anonymous(process, pages: 3)
    for page in 0..<3 as Range<UInt64> { _ = machine.access(process, zeros.page(page).page, .read, on: 0) }
    let stack = VirtualAddress(TestMachine.stackTop - 4096)
    run(machine, process, on: 2, milliseconds: 990)
    #expect(machine.statistics.hintUpdates == 0)
    run(machine, process, on: 2, milliseconds: 2000)
    // The three pages of the stack are marked too.
    #expect(machine.statistics.hintUpdates == 603)
    try machine.checkInvariants()
    let before = machine.process(process)
    let interrupts = machine.tlbStatistics.interrupts
    for page in 0..<600 as Range<UInt64> {
      let sum = machine.checksum(of: try #require(machine.frame(process, base.page(page))))
      let result = machine.access(process, base.page(page).page, page % 3 == 0 ? .write : .read, on: 3)
      #expect(result == .done)
      #expect(try node(machine, process, base.page(page)) == 1)
      #expect(machine.checksum(of: try #require(machine.frame(process, base.page(page)))) == sum)
    }
    #expect(machine.process(process).minorFaults - before.minorFaults == 600)
    #expect(machine.process(process).resident == before.resident)
    #expect(machine.statistics.hintFaults == 600)
    #expect(machine.statistics.localHintFaults == 0)
    #expect(machine.statistics.hintedPagesMoved == 600)
    #expect(machine.statistics.pagesMigrated == 600)
    // Marked entries are in no buffer.
    #expect(machine.tlbStatistics.interrupts == interrupts)
    #expect(machine.access(process, stack.page, .write, on: 0) == .done)
    #expect(machine.statistics.localHintFaults == 1)
    #expect(try node(machine, process, stack) == 0)
    // The right to write was kept: the same accesses take no faults.
    let faults = machine.process(process).minorFaults
    for page in 0..<600 as Range<UInt64> { _ = machine.access(process, base.page(page).page, .write, on: 2) }
    #expect(machine.process(process).minorFaults == faults)
    #expect(try node(machine, process, base) == 1)
    try machine.checkInvariants()
    #expect(machine.framesMissingAtEnd() == 0)
  }

  @Test func nothingChangesWhereItIsOff() throws {
    let machine = try machine(isOn: false)
    let process = machine.process
    let base = try machine.anonymous(process, pages: 100)
    for page in 0..<100 as Range<UInt64> { _ = machine.access(process, base.page(page).page, .write, on: 0) }
    run(machine, process, on: 2, milliseconds: 5000)
    let faults = machine.process(process).minorFaults
    for page in 0..<100 as Range<UInt64> { _ = machine.access(process, base.page(page).page, .write, on: 2) }
    #expect(machine.process(process).minorFaults == faults)
    #expect(try node(machine, process, base) == 0)
    #expect(machine.statistics.hintUpdates == 0)
    machine.machine.isBalancing = true
    run(machine, process, on: 2, milliseconds: 3000)
    #expect(machine.statistics.hintUpdates == 103)
    // Marked pages stay marked until they are used.
    machine.machine.isBalancing = false
    _ = machine.access(process, base.page, .read, on: 2)
    #expect(try node(machine, process, base) == 1)
  }

  /// Pages that are private yet shared, clean and dirty ones of files, of shared memory and of areas without rights.
  @Test func passesOverWhatTheKernelPassesOver() throws {
    let machine = try machine()
    let process = machine.process
    let file = machine.file(FileIdentity(device: 1, inode: 7), size: 8 * 4096)
    func map(_ protection: Protection, _ flags: MapFlags) throws -> VirtualAddress {
      var request = MapRequest(length: 8 * 4096, protection: protection, flags: flags)
      if !flags.contains(.anonymous) { request.file = file }
      return try machine.map(process, request)
    }
    let library = try map([.read, .execute], .private)
    let readOnly = try map(.read, .shared)
    let writable = try map([.read, .write], .shared)
    let copied = try map([.read, .write], .private)
    let shared = try map([.read, .write], [.shared, .anonymous])
    let closed = try map([.read, .write], [.private, .anonymous])
    let inherited = try map([.read, .write], [.private, .anonymous])
    for area in [library, readOnly, writable, copied] { _ = machine.access(process, area.page, .read, on: 0) }
    for area in [shared, closed, inherited, copied.page(1)] { _ = machine.access(process, area.page, .write, on: 0) }
    try machine.protect(process, closed, length: 4096, [])
    let child = try #require(machine.fork(process, sharesMemory: false))
    _ = machine.access(process, copied.page(2).page, .write, on: 0)
    let space = space(machine, process)
    machine.machine.spaces.markNext(space, pages: 1 << 16, from: 1)
    func isMarked(_ address: VirtualAddress) throws -> Bool {
      let root = machine.machine.spaces.descriptors[space.rawValue].context.root
      let found = machine.machine.spaces.translation.place(root, address.page)
      let place = try #require(found)
      return machine.machine.spaces.translation.entry(place).isInaccessible
    }
    for area in [library, readOnly, shared, inherited, copied, copied.page(1)] {
      let marked = try isMarked(area)
      #expect(!marked)
    }
    // Mapped around the page that was read, and its own.
    #expect(try isMarked(writable))
    #expect(try isMarked(copied.page(2)))
    #expect(try isMarked(closed))
    #expect(machine.access(process, closed.page, .read, on: 2) == .refused(.notPermitted))
    #expect(machine.statistics.hintFaults == 0)
    // A page of a file that was written is marked no more.
    _ = machine.access(process, writable.page, .write, on: 2)
    #expect(machine.statistics.hintFaults == 1)
    machine.exit(child)
    try machine.checkInvariants()
  }

  /// A marked page counts as present for everybody else, and calls treat it as such.
  @Test func callsTreatMarkedPagesAsPresent() throws {
    let machine = try machine()
    let process = machine.process
    let base = try machine.anonymous(process, pages: 8)
    for page in 0..<8 as Range<UInt64> { _ = machine.access(process, base.page(page).page, .write, on: 0) }
    let words = machine.machine.pagemap(process, base.page.rawValue..<(base.page.rawValue + 8))
    machine.machine.spaces.markNext(space(machine, process), pages: 1 << 16, from: 1)
    #expect(machine.machine.pagemap(process, base.page.rawValue..<(base.page.rawValue + 8)) == words)
    #expect(machine.process(process).resident == 8 + 3)
    try machine.checkInvariants()
    // The rights of an area end the mark; no rights and rights again do too.
    try machine.protect(process, base, length: 4096, .read)
    #expect(machine.access(process, base.page, .read, on: 2) == .done)
    #expect(machine.access(process, base.page, .write, on: 2) == .refused(.notPermitted))
    try machine.protect(process, base.page(1), length: 4096, [])
    #expect(machine.access(process, base.page(1).page, .read, on: 2) == .refused(.notPermitted))
    try machine.protect(process, base.page(1), length: 4096, [.read, .write])
    #expect(machine.access(process, base.page(1).page, .write, on: 2) == .done)
    #expect(machine.statistics.hintFaults == 0)
    // A move to another address keeps it.
    let moved = try machine.machine.remap(
      process,
      RemapRequest(
        address: base.page(2), oldLength: 4096, newLength: 4096, flags: [.mayMove, .fixed],
        target: VirtualAddress(0x5000_0000)))
    #expect(machine.access(process, moved.page, .write, on: 2) == .done)
    #expect(machine.statistics.hintFaults == 1)
    #expect(try node(machine, process, moved) == 1)
    // A child's copy is marked too, and neither may write it without copying.
    let child = try #require(machine.fork(process, sharesMemory: false))
    let faults = machine.process(child).minorFaults
    #expect(machine.access(child, base.page(3).page, .write, on: 2) == .done)
    #expect(machine.process(child).minorFaults == faults + 2)
    #expect(machine.access(process, base.page(3).page, .read, on: 0) == .done)
    #expect(machine.frame(child, base.page(3)) != machine.frame(process, base.page(3)))
    try machine.checkInvariants()
    // It goes with its area, and compaction makes it accessible where it moves.
    try machine.unmap(process, base.page(4), length: 4096)
    machine.machine.spaces.markNext(space(machine, process), pages: 1 << 16, from: 1)
    machine.exit(child)
    machine.compactMemory()
    try machine.checkInvariants()
    #expect(machine.framesMissingAtEnd() == 0)
  }

  /// A node that is nearly full takes no pages.
  @Test func fullNodesTakeNoPages() throws {
    let machine = try machine()
    let process = machine.process
    let base = try machine.anonymous(process, pages: 4)
    for page in 0..<4 as Range<UInt64> { _ = machine.access(process, base.page(page).page, .write, on: 0) }
    var held: [FrameNumber] = []
    while let frame = try? machine.machine.allocatePages(.single, [.noWait, .thisNode], processor: 2) {
      held.append(frame)
    }
    machine.machine.spaces.markNext(space(machine, process), pages: 1 << 16, from: 1)
    #expect(machine.access(process, base.page, .write, on: 2) == .done)
    #expect(try node(machine, process, base) == 0)
    #expect(machine.statistics.hintFaults == 1)
    #expect(machine.statistics.hintedPagesMoved == 0)
    #expect(machine.machine.processes[process.rawValue].balance.failedMoves == 1)
    for frame in held { try machine.machine.freePages(frame, .single) }
    _ = machine.access(process, base.page(1).page, .write, on: 2)
    #expect(try node(machine, process, base.page(1)) == 1)
    try machine.checkInvariants()
  }

  /// A page that two processes use moves to a node only after two faults from there.
  @Test func sharedPagesMoveAfterTwoFaults() throws {
    let machine = try machine()
    let file = machine.file(FileIdentity(device: 1, inode: 7), size: 4096)
    let request = MapRequest(length: 4096, protection: [.read, .write], flags: .shared, file: file)
    let others = [machine.process, machine.start()]
    let addresses = try others.map { try machine.map($0, request) }
    func access(_ number: Int, on processor: Int) {
      machine.machine.spaces.markNext(space(machine, others[number]), pages: 1 << 16, from: 0)
      _ = machine.access(others[number], addresses[number].page, .read, on: processor)
    }
    for number in 0..<2 { _ = machine.access(others[number], addresses[number].page, .read, on: 0) }
    // The first fault ever moves it; the other process's from its node does not, a second one does.
    access(0, on: 2)
    #expect(try node(machine, others[0], addresses[0]) == 1)
    access(1, on: 0)
    #expect(try node(machine, others[0], addresses[0]) == 1)
    access(0, on: 1)
    #expect(try node(machine, others[0], addresses[0]) == 0)
    #expect(machine.machine.processes[others[1].rawValue].balance.preferredNode == nil)
    try machine.checkInvariants()
  }

  /// The scan goes on where it stopped, in portions, and counts its passes.
  @Test func scansGoThroughTheSpaceInPortions() throws {
    let machine = try machine()
    let process = machine.process
    let base = try machine.map(
      process,
      MapRequest(
        address: VirtualAddress(0x4000_0000), length: 2048 * 4096, protection: [.read, .write],
        flags: [.private, .anonymous, .fixed]))
    for page in 0..<2048 as Range<UInt64> { _ = machine.access(process, base.page(page).page, .write, on: 0) }
    let space = space(machine, process)
    func next() -> UInt64 { machine.machine.spaces.descriptors[space.rawValue].balance.next.rawValue }
    func passes() -> UInt64 { machine.machine.spaces.descriptors[space.rawValue].balance.passes }
    machine.machine.spaces.markNext(space, pages: 256, from: 1)
    #expect(machine.statistics.hintUpdates == 512)
    #expect(next() == base.page.rawValue + 512)
    machine.machine.spaces.markNext(space, pages: 1024, from: 1)
    #expect(machine.statistics.hintUpdates == 512 + 1024)
    machine.machine.spaces.markNext(space, pages: 1024, from: 1)
    // The rest, and the stack.
    #expect(machine.statistics.hintUpdates == 2048 + 3)
    #expect(passes() == 1)
    #expect(next() == 0)
    // What is marked already is only gone through, up to eight times as far.
    machine.machine.spaces.markNext(space, pages: 128, from: 1)
    #expect(machine.statistics.hintUpdates == 2048 + 3)
    #expect(next() == base.page.rawValue + 1024)
  }

  /// A process that works on its own node alone is scanned ever less often, one that comes to another node often again.
  @Test func periodsFollowTheFaults() throws {
    let machine = try machine()
    let process = machine.process
    let base = try machine.anonymous(process, pages: 200)
    func use(on processor: Int, seconds: Int) {
      for _ in 0..<seconds {
        run(machine, process, on: processor, milliseconds: 1000)
        for page in 0..<200 as Range<UInt64> {
          _ = machine.access(process, base.page(page).page, .write, on: processor)
        }
      }
    }
    func period() -> UInt64 { machine.machine.processes[process.rawValue].balance.period }
    use(on: 0, seconds: 5)
    #expect(machine.statistics.hintUpdates == 0)
    use(on: 2, seconds: 10)
    #expect(machine.statistics.hintedPagesMoved == 200)
    #expect(machine.machine.processes[process.rawValue].balance.preferredNode == nil)
    use(on: 0, seconds: 20)
    #expect(machine.statistics.hintedPagesMoved == 400)
    let preferred = machine.machine.processes[process.rawValue].balance.preferredNode
    #expect(preferred != nil)
    print(
      "balancing: preferred node \(preferred ?? -1), period \(period()) ms,",
      "\(machine.statistics.hintUpdates) marked, \(machine.statistics.hintFaults) hint faults,",
      "\(machine.statistics.hintedPagesMoved) moved")
    #expect((100...60_000).contains(period()))
    try machine.checkInvariants()
  }

  /// Random accesses of one process from four processors, with scans between them: each page is where the plain model has
  /// it, and the counters agree.
  @Test(arguments: [31, 32, 33, 34] as [UInt64]) func randomAccessesAgreeWithAPlainModel(seed: UInt64) throws {
    var random = XorShift64(seed: seed)
    let machine = try machine()
    let process = machine.process
    let pages: UInt64 = 700
    let base = try machine.anonymous(process, pages: pages)
    var model = NaiveBalance()
    // Without ticks no figures are kept, and the process gets no older than this.
    machine.machine.isBalancing = false
    if seed % 2 == 0 {
      model.isOld = true
      machine.machine.processes[process.rawValue].balance.preferredNode = 0
      machine.machine.processes[process.rawValue].balance.passes = 5
    }
    for number in 1...3 as ClosedRange<UInt64> {
      model.pages[VirtualAddress(TestMachine.stackTop - number * 4096).page.rawValue] = (0, false, nil)
    }
    for step in 0..<200 {
      if random.below(4) == 0 {
        let node = Int(random.below(2))
        machine.machine.spaces.markNext(space(machine, process), pages: 1 << 20, from: node)
        model.mark(from: node)
      }
      for _ in 0..<100 {
        let page = base.page(random.below(pages)).page
        let processor = Int(random.below(4))
        let kind: AccessKind = model.pages[page.rawValue] == nil || random.below(2) == 0 ? .write : .read
        #expect(machine.access(process, page, kind, on: processor) == .done)
        model.access(page.rawValue, from: processor / 2)
      }
      if step % 20 == 0 { try machine.checkInvariants() }
    }
    for (page, state) in model.pages {
      #expect(try node(machine, process, VirtualPage(page).address) == state.node, "seed \(seed), page \(page)")
    }
    #expect(machine.statistics.hintUpdates == model.updates)
    #expect(machine.statistics.hintFaults == model.faults)
    #expect(machine.statistics.localHintFaults == model.localFaults)
    #expect(machine.statistics.hintedPagesMoved == model.moved)
    print("seed \(seed): \(model.updates) marked, \(model.faults) hint faults, \(model.moved) moved")
    try machine.checkInvariants()
    #expect(machine.framesMissingAtEnd() == 0)
  }

  /// Random calls of several processes on two nodes with scans of random parts between them.
  @Test(arguments: [41, 42, 43] as [UInt64]) func randomCallsKeepTheInvariants(seed: UInt64) throws {
    var random = XorShift64(seed: seed)
    let machine = try machine(holds: true)
    var alive = [machine.process]
    let file = machine.file(FileIdentity(device: 9, inode: 9), size: 64 * 4096)
    let base: UInt64 = 0x5_0000_0000 >> 12
    // What each byte holds that was written through private memory.
    var contents: [[UInt64: UInt8]] = [[:]]
    for step in 0..<4000 {
      let which = Int(random.below(UInt64(alive.count)))
      let process = alive[which]
      let start = base + random.below(600)
      let count = 1 + random.below(40)
      let address = VirtualPage(start).address
      switch random.below(16) {
      case 0, 1:
        var request = MapRequest(
          address: address, length: count * 4096, protection: [.read, .write], flags: [.private, .anonymous, .fixed])
        if random.below(4) == 0 {
          request.flags = [.shared, .fixed]
          request.file = file
        }
        _ = try machine.map(process, request)
        for page in start..<(start + count) { contents[which][page] = nil }
      case 2:
        try machine.unmap(process, address, length: count * 4096)
        for page in start..<(start + count) { contents[which][page] = nil }
      case 3:
        try? machine.protect(process, address, length: count * 4096, random.below(3) == 0 ? [] : [.read, .write])
      case 4 where alive.count < 4:
        alive.append(try #require(machine.fork(process, sharesMemory: false)))
        contents.append(contents[which])
      case 5 where alive.count > 1 && random.below(3) == 0:
        machine.exit(process)
        alive.remove(at: which)
        contents.remove(at: which)
      case 6 where random.below(5) == 0: machine.compactMemory()
      case 7, 8, 9:
        machine.machine.spaces.markNext(
          space(machine, process), pages: Int(1 + random.below(2000)), from: Int(random.below(2)))
      default:
        for _ in 0..<20 {
          let page = VirtualPage(base + random.below(640))
          let processor = Int(random.below(4))
          if random.below(2) == 0 {
            guard machine.access(process, page, .write, on: processor) == .done else { continue }
            let area = machine.machine.spaces.area(space(machine, process), containing: page)
            let value = UInt8(random.below(256))
            machine.machine.setByte(process, at: page.address, to: value)
            if !machine.machine.spaces.areas[area].flags.contains(.shared) { contents[which][page.rawValue] = value }
          } else if machine.access(process, page, .read, on: processor) == .done,
            let value = contents[which][page.rawValue]
          {
            #expect(machine.machine.byte(process, at: page.address) == value, "seed \(seed), step \(step)")
          }
        }
      }
      if step % 200 == 0 { try machine.checkInvariants() }
    }
    try machine.checkInvariants()
    #expect(machine.statistics.hintFaults > 0)
    #expect(machine.statistics.hintedPagesMoved > 0)
    print("seed \(seed): \(machine.statistics.hintFaults) hint faults, \(machine.statistics.hintedPagesMoved) moved")
    #expect(machine.framesMissingAtEnd() == 0)
  }
}
