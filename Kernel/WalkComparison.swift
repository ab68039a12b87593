/// The engine's walks of page tables beside the processor's own translation, at random addresses.
///
/// Each address is asked three ways. What ``Machine/walk(_:_:)`` draws must be where the processor goes: a word is put
/// into memory where the walk ends, and read through the address in ring 0; where the walk finds no page, the processor
/// must fault. A read, a write and a jump in ring 3 must end as the rights of the drawn walk say, and exactly as in the
/// engine's model of the hardware (``Translation/translate(_:_:_:_:on:)``): done or a fault with the same error code, and
/// with the same accessed and dirty marks in all entries on the way.
extension Computer {
  mutating func compareWalks(_ facts: inout Facts, seed: UInt64, count: UInt64) throws(Errno) {
    facts.title("the engine's walks beside the processor's translation, at random addresses")
    var comparison = try WalkComparison(&self, seed: seed)
    for _ in 0..<count { comparison.compareNext(&self, &facts) }
    comparison.spaces.end(&self)
    facts.expect("addresses where walk and processor agree", comparison.agreements, equals: count)
    facts.note("of them on pages of 4 KiB", comparison.mapped[0])
    facts.note("on pages of 2 MiB", comparison.mapped[1])
    facts.note("on pages of 1 GiB", comparison.mapped[2])
    facts.note("in the kernel's half", comparison.kernel)
    facts.note("without a page", comparison.absent)
    facts.note("that are none", comparison.notCanonical)
    facts.expect(
      "reads, writes and jumps in ring 3 that ended as the engine says", comparison.sameEnds, equals: 3 * count)
    facts.note("of them done, with the same marks in all entries", comparison.done)
    facts.note("page faults, with the same error code", comparison.faults)
  }
}

private struct WalkComparison {
  var spaces: WalkedSpaces
  private var random: XorShift64
  private(set) var agreements: UInt64 = 0
  private(set) var mapped: InlineArray<3, UInt64> = [0, 0, 0]
  private(set) var kernel: UInt64 = 0
  private(set) var absent: UInt64 = 0
  private(set) var notCanonical: UInt64 = 0
  private(set) var sameEnds: UInt64 = 0
  private(set) var done: UInt64 = 0
  private(set) var faults: UInt64 = 0

  init(_ computer: inout Computer, seed: UInt64) throws(Errno) {
    random = XorShift64(seed: ~seed)
    spaces = try WalkedSpaces(&computer, seed: seed)
  }

  mutating func compareNext(_ computer: inout Computer, _ facts: inout Facts) {
    let process = spaces.chooseProcess()
    let address = spaces.chooseAddress(computer.machine.configuration.pageTables)
    guard let walk = computer.machine.walk(process, address) else { return }
    count(walk, address)
    // A word that is an instruction ring 3 may not execute.
    let tag = random.next() << 8 | 0xf4
    if leadsThere(&computer, process, walk, address, tag) {
      agreements += 1
    } else {
      facts.fail("the walk ends elsewhere than the processor", at: address) {
        Serial.write("process ")
        Serial.write(UInt64(process == spaces.processes[0] ? 0 : 1))
      }
    }
    for kind in [AccessKind.read, .write, .fetch] {
      let model: AccessOutcome
      let found: AccessOutcome?
      let marksAgree: Bool
      (model, found, marksAgree) = outcomes(&computer, process, kind, walk, address, tag)
      let drawn = isPermitted(walk, kind)
      if found == model && drawn == (model == .done) && marksAgree {
        sameEnds += 1
        if found == .done { done += 1 } else if found != .generalProtection { faults += 1 }
      } else {
        facts.fail("an access that ends otherwise than the engine says", at: address) {
          Serial.write("kind ")
          Serial.write(UInt64(kind.rawValue))
          Serial.write(drawn ? ", permitted" : ", not permitted")
          Serial.write(" by the walk; the model: ")
          Serial.write(model)
          Serial.write("; the processor: ")
          Serial.write(found)
          if !marksAgree { Serial.write("; the marks differ") }
        }
      }
    }
  }

  private mutating func count(_ walk: PageTableWalk, _ address: VirtualAddress) {
    switch walk.end {
    case .mapped:
      if address.rawValue >> 63 != 0 { kernel += 1 } else { mapped[walk.last?.level ?? 0] += 1 }
    case .notCanonical: notCanonical += 1
    default: absent += 1
    }
  }

  private func isPermitted(_ walk: PageTableWalk, _ kind: AccessKind) -> Bool {
    switch kind {
    case .read: walk.isUser
    case .write: walk.isUser && walk.isWritable
    case .fetch: walk.isUser && walk.isExecutable
    }
  }

  /// Whether the processor finds in ring 0 what the walk says.
  private func leadsThere(
    _ computer: inout Computer, _ process: ProcessIndex, _ walk: PageTableWalk, _ address: VirtualAddress,
    _ tag: UInt64
  ) -> Bool {
    guard let root = computer.context(of: process)?.root else { return false }
    switch walk.end {
    case .mapped(let physical):
      let before = computer.word(physical)
      // The kernel's own words are better left alone.
      let isProgram = address.rawValue >> 63 == 0
      let expected = isProgram ? tag : before
      if isProgram { computer.setWord(physical, to: tag) }
      let read = Probe.read(root, address, overridesPrevention: true)
      if isProgram { computer.setWord(physical, to: before) }
      return read.outcome == .done && read.word == expected
    case .notCanonical:
      return Probe.read(root, address, overridesPrevention: true).outcome == .generalProtection
    default:
      return Probe.read(root, address, overridesPrevention: true).outcome == .fault([])
    }
  }

  /// How an access in ring 3 ends in the model and on the processor, and whether both left the same marks.
  private func outcomes(
    _ computer: inout Computer, _ process: ProcessIndex, _ kind: AccessKind, _ walk: PageTableWalk,
    _ address: VirtualAddress, _ tag: UInt64
  ) -> (AccessOutcome, AccessOutcome?, Bool) {
    guard let context = computer.context(of: process) else { return (.done, nil, false) }
    let isProgram = address.rawValue >> 63 == 0
    var place: PhysicalAddress?
    if isProgram, case .mapped(let physical) = walk.end { place = physical }
    let content = place.map { computer.word($0) }
    // What is jumped to.
    if let place { computer.setWord(place, to: tag) }
    // Both begin with entries that bear no marks.
    let before = entries(computer, walk)
    var unmarked = before
    if isProgram, place != nil {
      for step in 0..<walk.stepCount { unmarked[step] &= ~(PageTableEntry.accessed | PageTableEntry.dirty) }
    }
    if isProgram { write(unmarked, &computer, walk) }
    let found = computer.attempt(process, kind, address, ~tag)
    let byProcessor = entries(computer, walk)
    var isStored = true
    if let place, let content {
      isStored = computer.word(place) == (kind == .write && found == .done ? ~tag : tag)
      computer.setWord(place, to: content)
    }
    if isProgram { write(unmarked, &computer, walk) }
    computer.machine.spaces.translation.processors.load(context, on: 0)
    computer.machine.spaces.translation.processors.flushEverything(on: 0)
    let model = computer.machine.spaces.translation.access(address.page, kind, context, on: 0)
    var agree = isStored
    if isProgram && model == .done {
      let byModel = entries(computer, walk)
      for step in 0..<walk.stepCount where byModel[step] != byProcessor[step] { agree = false }
    }
    if isProgram { write(before, &computer, walk) }
    return (model, found, agree)
  }

  /// The entries on a walk's way as they are now.
  private func entries(_ computer: borrowing Computer, _ walk: PageTableWalk) -> InlineArray<5, UInt64> {
    var entries: InlineArray<5, UInt64> = [0, 0, 0, 0, 0]
    for step in 0..<walk.stepCount { entries[step] = computer.word(walk.steps[step].place) }
    return entries
  }

  private func write(_ entries: InlineArray<5, UInt64>, _ computer: inout Computer, _ walk: PageTableWalk) {
    for step in 0..<walk.stepCount { computer.setWord(walk.steps[step].place, to: entries[step]) }
  }
}
