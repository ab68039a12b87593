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
    comparison.end(&self)
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
  private var random: XorShift64
  private var processes: [ProcessIndex] = []
  private var areas: [Range<VirtualPage>] = []
  private var largePages: [LargePage] = []
  private var blocks: [FrameNumber] = []
  private(set) var agreements: UInt64 = 0
  private(set) var mapped: InlineArray<3, UInt64> = [0, 0, 0]
  private(set) var kernel: UInt64 = 0
  private(set) var absent: UInt64 = 0
  private(set) var notCanonical: UInt64 = 0
  private(set) var sameEnds: UInt64 = 0
  private(set) var done: UInt64 = 0
  private(set) var faults: UInt64 = 0

  /// A page of an upper level's entry, and what of it may be read and written here.
  private struct LargePage {
    var page: VirtualPage
    var level: Int
    var usable: Range<UInt64>
  }

  private static let largeOrder = PageOrder(9)
  private static let largeBytes: UInt64 = 2 << 20

  init(_ computer: inout Computer, seed: UInt64) throws(Errno) {
    random = XorShift64(seed: seed)
    let parent = try computer.start()
    try mapAreas(&computer, parent)
    try mapLargePages(&computer, parent)
    touchAreas(&computer, parent)
    guard let child = computer.machine.fork(parent, sharesMemory: false) else { throw .ENOMEM }
    processes = [parent, child]
    for process in processes {
      touchAreas(&computer, process)
      // Some pages are kept without any right.
      for area in areas where random.below(8) == 0 {
        try computer.machine.protect(
          process, area.lowerBound.address, length: (area.upperBound - area.lowerBound) * PageSize.bytes, [])
      }
    }
  }

  /// Areas of all kinds anywhere in the programs' half.
  private mutating func mapAreas(_ computer: inout Computer, _ process: ProcessIndex) throws(Errno) {
    let end = computer.machine.configuration.pageTables.userEnd.rawValue
    let file = computer.machine.file(FileIdentity(device: 1, inode: 4), size: 64 * PageSize.bytes)
    while areas.count < 60 {
      let pages = 1 + random.below(48)
      // As many near the start as near the end of 47 bits and of all.
      let limit = areas.count % 3 == 0 ? min(end, 1 << 20) : areas.count % 3 == 1 ? min(end, 1 << 35 - 1) : end
      let start = VirtualPage(0x1000 + random.below(limit - 0x1000 - pages))
      let isFile = random.below(4) == 0
      var flags: MapFlags = [random.below(3) == 0 ? .shared : .private, .fixedNoReplace]
      if !isFile { flags.insert(.anonymous) }
      do throws(Errno) {
        _ = try computer.machine.map(
          process,
          MapRequest(
            address: start.address, length: pages * PageSize.bytes, protection: Protection(rawValue: random.below(8)),
            flags: flags, file: isFile ? file : .none))
      } catch {
        guard error == .EEXIST else { throw error }
        continue
      }
      areas.append(start..<(start + pages))
    }
  }

  /// Pages of 2 MiB, one of them divided again, and one of 1 GiB if the processor has them: the engine's faults make none
  /// yet, so they are put into the tables directly, where no area is.
  private mutating func mapLargePages(_ computer: inout Computer, _ process: ProcessIndex) throws(Errno) {
    let rights: [UInt64] = [
      PageTableEntry.writable, PageTableEntry.noExecute, PageTableEntry.writable | PageTableEntry.noExecute, 0,
    ]
    for number in 0..<UInt64(rights.count) {
      let frame = try block(&computer)
      let page = VirtualPage(0x6000_0000_0000 >> 12 + (number * 37) << 9)
      let place = try put(&computer, process, page, level: 1, frame, rights[Int(number)])
      largePages.append(LargePage(page: page, level: 1, usable: 0..<Self.largeBytes))
      if number == 0 { try divide(&computer, process, place) }
    }
    guard Processor.hasHugePages else { return }
    let frame = try block(&computer)
    // The first GiB of memory as one page, of which only the block is used.
    let page = VirtualPage(0x6100_0000_0000 >> 12)
    let first = FrameNumber(frame.rawValue & ~0x3ffff)
    _ = try put(&computer, process, page, level: 2, first, PageTableEntry.writable)
    let offset = frame.address.rawValue - first.address.rawValue
    largePages.append(LargePage(page: page, level: 2, usable: offset..<(offset + Self.largeBytes)))
  }

  private mutating func block(_ computer: inout Computer) throws(Errno) -> FrameNumber {
    do throws(AllocationFailure) {
      let frame = try computer.machine.allocatePages(Self.largeOrder, [.kernel, .zero])
      blocks.append(frame)
      return frame
    } catch {
      throw .ENOMEM
    }
  }

  private func put(
    _ computer: inout Computer, _ process: ProcessIndex, _ page: VirtualPage, level: Int, _ frame: FrameNumber,
    _ bits: UInt64
  ) throws(Errno) -> EntryPlace {
    let space = computer.machine.processes[process.rawValue].space.rawValue
    let root = computer.machine.spaces.descriptors[space].context.root
    var tables = 0
    defer { computer.machine.spaces.descriptors[space].tables += tables }
    do throws(AllocationFailure) {
      return try computer.machine.spaces.translation.mapLarge(
        root, page, level: level, frame, bits | PageTableEntry.present | PageTableEntry.user, owner: space,
        allocated: &tables)
    } catch {
      throw .ENOMEM
    }
  }

  private func divide(_ computer: inout Computer, _ process: ProcessIndex, _ place: EntryPlace) throws(Errno) {
    let space = computer.machine.processes[process.rawValue].space.rawValue
    var tables = 0
    do throws(AllocationFailure) {
      try computer.machine.spaces.translation.splitLarge(place, level: 1, owner: space, allocated: &tables)
    } catch {
      throw .ENOMEM
    }
    computer.machine.spaces.descriptors[space].tables += tables
  }

  /// Brings most of the pages, by faults of the program.
  private mutating func touchAreas(_ computer: inout Computer, _ process: ProcessIndex) {
    for area in areas {
      var page = area.lowerBound
      while page < area.upperBound {
        let kind: AccessKind = random.below(2) == 0 ? .read : .write
        if random.below(3) > 0 { _ = computer.access(process, kind, page.address, 0xf4) }
        page = page + 1
      }
    }
    // The program itself, for areas that were not touched.
    _ = computer.access(process, .read, UserProgram.address)
  }

  /// An address, aligned to a word.
  private mutating func chooseAddress(_ geometry: PageTableGeometry) -> VirtualAddress {
    let offset = random.below(512) * 8
    switch random.below(100) {
    case 0..<50:
      let area = areas[Int(random.below(UInt64(areas.count)))]
      return within(area.lowerBound + random.below(area.upperBound - area.lowerBound), offset)
    case 50..<70:
      let large = largePages[Int(random.below(UInt64(largePages.count)))]
      let length = large.usable.upperBound - large.usable.lowerBound
      return VirtualAddress(large.page.address.rawValue + large.usable.lowerBound + random.below(length / 8) * 8)
    case 70..<78:
      let area = areas[Int(random.below(UInt64(areas.count)))]
      return within(random.below(2) == 0 ? VirtualPage(area.lowerBound.rawValue - 1) : area.upperBound, offset)
    case 78..<88: return within(VirtualPage(random.below(geometry.userEnd.rawValue)), offset)
    case 88..<93:
      // The image's code, and in the direct map the blocks of large pages.
      if random.below(2) == 0 { return VirtualAddress(KernelLayout.image + (1 << 20) + random.below(1 << 15) * 8) }
      let frame = blocks[Int(random.below(UInt64(blocks.count)))]
      return VirtualAddress(KernelLayout.directMap + frame.address.rawValue + random.below(Self.largeBytes / 8) * 8)
    case 93..<96:
      // The kernel's half where nothing is.
      return VirtualAddress(KernelLayout.directMap + KernelLayout.directMapBytes + random.below(1 << 40) * 8)
    default:
      let bits = UInt64(geometry.addressBits)
      return VirtualAddress(1 << bits | random.next() & (1 << bits - 8))
    }
  }

  private func within(_ page: VirtualPage, _ offset: UInt64) -> VirtualAddress {
    VirtualAddress(page.address.rawValue + offset)
  }

  mutating func compareNext(_ computer: inout Computer, _ facts: inout Facts) {
    let process = processes[Int(random.below(2))]
    let address = chooseAddress(computer.machine.configuration.pageTables)
    guard let walk = computer.machine.walk(process, address) else { return }
    count(walk, address)
    // A word that is an instruction ring 3 may not execute.
    let tag = random.next() << 8 | 0xf4
    if leadsThere(&computer, process, walk, address, tag) {
      agreements += 1
    } else {
      facts.fail("the walk ends elsewhere than the processor", at: address) {
        Serial.write("process ")
        Serial.write(UInt64(process == processes[0] ? 0 : 1))
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
    let before = entries(computer, walk)
    let found = computer.attempt(process, kind, address, ~tag)
    let byProcessor = entries(computer, walk)
    var isStored = true
    if let place, let content {
      isStored = computer.word(place) == (kind == .write && found == .done ? ~tag : tag)
      computer.setWord(place, to: content)
    }
    if isProgram { restore(before, &computer, walk) }
    computer.machine.spaces.translation.processors.load(context, on: 0)
    computer.machine.spaces.translation.processors.flushEverything(on: 0)
    let model = computer.machine.spaces.translation.access(address.page, kind, context, on: 0)
    var agree = isStored
    if isProgram && model == .done {
      let byModel = entries(computer, walk)
      for step in 0..<walk.stepCount where byModel[step] != byProcessor[step] { agree = false }
    }
    return (model, found, agree)
  }

  /// The entries on a walk's way as they are now.
  private func entries(_ computer: borrowing Computer, _ walk: PageTableWalk) -> InlineArray<5, UInt64> {
    var entries: InlineArray<5, UInt64> = [0, 0, 0, 0, 0]
    for step in 0..<walk.stepCount { entries[step] = computer.word(walk.steps[step].place) }
    return entries
  }

  private func restore(_ entries: InlineArray<5, UInt64>, _ computer: inout Computer, _ walk: PageTableWalk) {
    for step in 0..<walk.stepCount { computer.setWord(walk.steps[step].place, to: entries[step]) }
  }

  /// Takes the large pages out of the tables again and ends the processes.
  mutating func end(_ computer: inout Computer) {
    for large in largePages {
      guard let root = computer.context(of: processes[0])?.root else { continue }
      let found = computer.machine.spaces.translation.lookUp(root, large.page)
      if found.level > 0 { computer.machine.spaces.translation.setEntry(found.place, to: .empty) }
    }
    for process in processes { computer.machine.exit(process) }
    for block in blocks { try? computer.machine.freePages(block, Self.largeOrder) }
  }
}
