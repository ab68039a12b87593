/// A process and its child with areas and pages of all kinds, for walks through their tables.
struct WalkedSpaces {
  private var random: XorShift64
  private(set) var processes: [ProcessIndex] = []
  private var areas: [Range<VirtualPage>] = []
  private var largePages: [LargePage] = []
  private var blocks: [FrameNumber] = []

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

  mutating func chooseProcess() -> ProcessIndex { processes[Int(random.below(2))] }

  /// An address, aligned to a word: mostly in areas and large pages, beside them, or anywhere; in the kernel's half; or
  /// none.
  mutating func chooseAddress(_ geometry: PageTableGeometry) -> VirtualAddress {
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
