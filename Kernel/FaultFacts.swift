/// Page faults of ring 3 that the engine resolves or refuses, one kind after the other.
extension Computer {
  private static let area = VirtualAddress(0x4000_0000)
  private static let pages: UInt64 = 64

  /// Faults are counted on three sides: by the processor, by the engine, by the process.
  mutating func showFaults(_ facts: inout Facts) throws(Errno) {
    let process = try start()
    try showFreshPages(process, &facts)
    try showZeroPage(process, &facts)
    try showFile(process, &facts)
    try showRefusals(process, &facts)
    try showChanges(process, &facts)
    try showStack(process, &facts)
    machine.exit(process)
  }

  private func page(_ number: UInt64) -> VirtualAddress { (Self.area.page + number).address }

  /// Maps anonymous pages of the area.
  private mutating func mapArea(_ process: ProcessIndex, _ protection: Protection) throws(Errno) {
    _ = try machine.map(
      process,
      MapRequest(
        address: Self.area, length: Self.pages * PageSize.bytes, protection: protection,
        flags: [.private, .anonymous, .fixed]))
  }

  private mutating func showFreshPages(_ process: ProcessIndex, _ facts: inout Facts) throws(Errno) {
    facts.title("fresh pages")
    try mapArea(process, [.read, .write])
    // The first run brings the program.
    facts.expect(
      "a read outside every area", access(process, .read, VirtualAddress(0x1234_5678)), is: .refused(.notMapped))
    facts.expect("a read by a program of a page that is not there", lastCode, is: .user)
    let before = (pageFaults, machine.faultCount, machine.process(process).minorFaults)
    var stored: UInt64 = 0
    var zero: UInt64 = 0
    for number in 0..<Self.pages {
      if access(process, .write, VirtualAddress(page(number).rawValue + 8 * number), number + 1) == .done(number + 1) {
        stored += 1
      }
      if access(process, .read, VirtualAddress(page(number).rawValue + 0xff8)) == .done(0) { zero += 1 }
    }
    facts.expect("pages written to for the first time", stored, equals: Self.pages)
    facts.expect("page faults of the processor for them", pageFaults - before.0, equals: Self.pages)
    facts.expect("faults the engine counted", machine.faultCount - before.1, equals: Self.pages)
    facts.expect(
      "faults the process is charged with", machine.process(process).minorFaults - before.2, equals: Self.pages)
    facts.expect("a write by a program to a page that is not there", lastCode, is: [.user, .write])
    facts.expect("pages that are zero elsewhere", zero, equals: Self.pages)
    var kept: UInt64 = 0
    for number in 0..<Self.pages
    where access(process, .read, VirtualAddress(page(number).rawValue + 8 * number)) == .done(number + 1) {
      kept += 1
    }
    facts.expect("words that are read back", kept, equals: Self.pages)
    facts.expect("page faults for reading them back", pageFaults - before.0 - Self.pages, equals: 0)
  }

  private mutating func showZeroPage(_ process: ProcessIndex, _ facts: inout Facts) throws(Errno) {
    facts.title("reads of pages that were never written to")
    try mapArea(process, [.read, .write])
    let before = pageFaults
    var zero: UInt64 = 0
    var onZeroPage: UInt64 = 0
    for number in 0..<Self.pages {
      if access(process, .read, page(number)) == .done(0) { zero += 1 }
      if frame(process, page(number)) == machine.spaces.zeroPage { onZeroPage += 1 }
    }
    facts.expect("pages that read as zero", zero, equals: Self.pages)
    facts.expect("of them the one page of zeros", onZeroPage, equals: Self.pages)
    facts.expect("page faults for them", pageFaults - before, equals: Self.pages)
    var stored: UInt64 = 0
    for number in 0..<Self.pages where access(process, .write, page(number), ~number) == .done(~number) { stored += 1 }
    facts.expect("of them written to then", stored, equals: Self.pages)
    facts.expect("page faults for that", pageFaults - before - Self.pages, equals: Self.pages)
    facts.expect("a write by a program to a page that is read-only", lastCode, is: [.protection, .user, .write])
    zero = 0
    for word in 0..<512 where machine.spaces.translation.platform.word(word, of: machine.spaces.zeroPage) == 0 {
      zero += 1
    }
    facts.expect("words of the page of zeros that are still zero", zero, equals: 512)
  }

  private mutating func showFile(_ process: ProcessIndex, _ facts: inout Facts) throws(Errno) {
    facts.title("a file of 32 pages")
    let file = machine.file(FileIdentity(device: 1, inode: 2), size: 32 * PageSize.bytes)
    for position in 0..<UInt64(32) { fill(file, position: position, [0xf11e_0000 + position], for: process) }
    _ = try machine.map(
      process,
      MapRequest(
        address: Self.area, length: Self.pages * PageSize.bytes, protection: .read, flags: [.private, .fixed],
        file: file))
    let before = pageFaults
    var right: UInt64 = 0
    for position in 0..<UInt64(32) where access(process, .read, page(position)) == .done(0xf11e_0000 + position) {
      right += 1
    }
    facts.expect("pages whose cached contents the program sees", right, equals: 32)
    facts.expect("page faults for them: 16 pages are mapped around", pageFaults - before, equals: 2)
    facts.expect("a read beyond the file's end", access(process, .read, page(32)), is: .refused(.beyondEndOfFile))
    // A private copy, and the shared page itself.
    try machine.protect(process, Self.area, length: PageSize.bytes, [.read, .write])
    facts.expect("a write to a private mapping", access(process, .write, page(0), 1), is: .done(1))
    facts.expect("what the file has there", cachedWord(file, 0), equals: 0xf11e_0000)
    let shared = try machine.map(
      process,
      MapRequest(
        address: page(Self.pages), length: 32 * PageSize.bytes, protection: [.read, .write], flags: [.shared, .fixed],
        file: file))
    facts.expect("a read of a shared mapping", access(process, .read, shared), is: .done(0xf11e_0000))
    facts.expect(
      "a write to a shared mapping", access(process, .write, (shared.page + 1).address, 77), is: .done(77))
    facts.expect("what the file has there", cachedWord(file, 1), equals: 77)
    facts.expect("what the private mapping has there", access(process, .read, page(1)), is: .done(77))
    try machine.unmap(process, shared, length: 32 * PageSize.bytes)
  }

  private mutating func showRefusals(_ process: ProcessIndex, _ facts: inout Facts) throws(Errno) {
    facts.title("accesses that are refused")
    try mapArea(process, .read)
    facts.expect("a write to a read-only area", access(process, .write, page(0), 1), is: .refused(.notPermitted))
    facts.expect("a read there", access(process, .read, page(0)), is: .done(0))
    facts.expect("a write to the page then", access(process, .write, page(0), 1), is: .refused(.notPermitted))
    facts.expect("as the processor says it", lastCode, is: [.protection, .user, .write])
    facts.expect("a jump into a page not to be executed", access(process, .fetch, page(1)), is: .refused(.notPermitted))
    facts.expect("as the processor says it", lastCode, is: [.protection, .user, .instruction])
    try machine.protect(process, Self.area, length: Self.pages * PageSize.bytes, [])
    facts.expect("a read of an area without rights", access(process, .read, page(0)), is: .refused(.notPermitted))
    facts.expect("as the processor says it", lastCode, is: .user)
    for address in [KernelLayout.image + (1 << 20), KernelLayout.directMap] {
      facts.expect(
        "a read of the kernel", access(process, .read, VirtualAddress(address)), is: .refused(.notMapped))
      facts.expect("as the processor says it", lastCode, is: [.protection, .user])
      facts.expect(
        "a write to the kernel", access(process, .write, VirtualAddress(address), 0), is: .refused(.notMapped))
      facts.expect(
        "a jump into the kernel", access(process, .fetch, VirtualAddress(address)), is: .refused(.notMapped))
    }
    facts.expect(
      "a read of no address", access(process, .read, VirtualAddress(0x1234_0000_0000_0000)), is: .generalProtection)
    showPrevention(process, &facts)
  }

  /// The kernel itself must not reach programs' pages by mistake.
  private mutating func showPrevention(_ process: ProcessIndex, _ facts: inout Facts) {
    guard Processor.preventsAccess, let context = context(of: process) else { return }
    let refused = Probe.read(context.root, UserProgram.address, overridesPrevention: false).outcome
    facts.expect(
      "the kernel's own reads of a program's page that SMAP stops", refused == .fault(.protection) ? 1 : 0, equals: 1)
    let read = Probe.read(context.root, UserProgram.address, overridesPrevention: true)
    facts.expect("reads of it on purpose", read.outcome == .done ? 1 : 0, equals: 1)
  }

  private mutating func showChanges(_ process: ProcessIndex, _ facts: inout Facts) throws(Errno) {
    facts.title("areas that change under a program")
    try mapArea(process, [.read, .write])
    var ends = 0
    for number in 0..<Self.pages where access(process, .write, page(number), number) == .done(number) { ends += 1 }
    let half = Self.pages / 2
    try machine.protect(process, Self.area, length: half * PageSize.bytes, .read)
    var refused: UInt64 = 0
    var kept: UInt64 = 0
    for number in 0..<Self.pages {
      if access(process, .write, page(number), 100 + number) == .refused(.notPermitted) { refused += 1 }
      if access(process, .read, page(number)) == .done(number < half ? number : 100 + number) { kept += 1 }
    }
    facts.expect("writes refused after mprotect made half of 64 pages read-only", refused, equals: half)
    facts.expect("pages with the right contents", kept, equals: Self.pages)
    try machine.protect(process, Self.area, length: half * PageSize.bytes, [.read, .write, .execute])
    var done: UInt64 = 0
    for number in 0..<half where access(process, .write, page(number), 0xf4) == .done(0xf4) { done += 1 }
    for number in 0..<half where access(process, .fetch, page(number)) == .done(0) { done += 1 }
    facts.expect("writes and jumps done after mprotect permitted both", done, equals: 2 * half)
    try machine.unmap(process, Self.area, length: half * PageSize.bytes)
    refused = 0
    kept = 0
    for number in 0..<Self.pages {
      let end = access(process, .read, page(number))
      if end == .refused(.notMapped) { refused += 1 }
      if end == .done(100 + number) { kept += 1 }
    }
    facts.expect("reads refused after munmap", refused, equals: half)
    facts.expect("pages beside them that kept their contents", kept, equals: half)
  }

  private mutating func showStack(_ process: ProcessIndex, _ facts: inout Facts) throws(Errno) {
    facts.title("a stack")
    let top = VirtualPage(0x7ff_0000)
    _ = try machine.map(
      process,
      MapRequest(
        address: VirtualPage(top.rawValue - 4).address, length: 4 * PageSize.bytes, protection: [.read, .write],
        flags: [.private, .anonymous, .fixed, .growsDown]))
    var grown: UInt64 = 0
    var below: UInt64 = 1
    // Further down each time, to the 8 MiB of the limit.
    while below <= 2048 {
      if access(process, .write, VirtualPage(top.rawValue - below).address, below) == .done(below) { grown += 1 }
      below *= 2
    }
    facts.expect("writes further and further below a stack that it grew to", grown, equals: 12)
    facts.expect(
      "a write below the limit of 8 MiB",
      access(process, .write, VirtualPage(top.rawValue - 2049).address, 1), is: .refused(.notMapped))
    facts.expect("a read between", access(process, .read, VirtualPage(top.rawValue - 1500).address), is: .done(0))
  }

  /// The frame behind an address, if a page is there.
  func frame(_ process: ProcessIndex, _ address: VirtualAddress) -> FrameNumber? {
    guard let context = context(of: process) else { return nil }
    let found = machine.spaces.translation.lookUp(context.root, address.page)
    return found.level == 0 && found.entry.isPresent ? found.entry.frame : nil
  }

  private func cachedWord(_ file: FileIndex, _ position: UInt64) -> UInt64 {
    guard let frame = machine.spaces.cache.find(file, position) else { return .max }
    return machine.spaces.translation.platform.word(0, of: frame)
  }
}
