/// Random accesses of several processes, with random calls in between, each predicted by ``NaiveMemory``.
extension Computer {
  mutating func compareRandomAccesses(_ facts: inout Facts, seed: UInt64, steps: UInt64) throws(Errno) {
    facts.title("random accesses and calls beside a table of pages")
    var run = try RandomRun(&self, seed: seed)
    for step in 0..<steps {
      try run.step(&self, &facts)
      if step % 5000 == 0 { facts.expectInvariants(of: self) }
    }
    run.readAll(&self, &facts)
    facts.expectInvariants(of: self)
    run.end(&self)
    facts.expect("accesses that ended as predicted", run.accesses - run.wrong, equals: run.accesses)
    facts.note("of them done", run.done)
    facts.note("refused", run.accesses - run.done)
    facts.note("calls of mmap, mprotect, munmap, fork and exit", run.calls)
  }
}

private struct RandomRun {
  private var random: XorShift64
  private var naive = NaiveMemory()
  private var processes: [ProcessIndex]
  private var pages: [[NaiveMemory.Page]]
  private let pieceStarts: [VirtualPage]
  private let file: FileIndex
  private static let filePages = 32
  private static let mostProcesses = 4
  private(set) var accesses: UInt64 = 0
  private(set) var wrong: UInt64 = 0
  private(set) var done: UInt64 = 0
  private(set) var calls: UInt64 = 0

  /// Bytes that ring 3 may not execute, so that a jump to one shows: hlt, cli, sti, in, out.
  private static let instructions: [UInt64] = [0xf4, 0xfa, 0xfb, 0xec, 0xed, 0xee, 0xef]

  init(_ computer: inout Computer, seed: UInt64) throws(Errno) {
    random = XorShift64(seed: seed)
    let geometry = computer.machine.configuration.pageTables
    let half = UInt64(NaiveMemory.piecePages / 2)
    pieceStarts = [
      VirtualPage(0x91a2b << 9 - half), VirtualPage(geometry.span(2) - half),
      VirtualPage(geometry.span(geometry.top) - half), VirtualPage(geometry.userEnd.rawValue - 2 * half),
    ]
    let first = try computer.start()
    processes = [first]
    pages = [[NaiveMemory.Page](repeating: NaiveMemory.Page(), count: NaiveMemory.pageCount)]
    file = computer.machine.file(
      FileIdentity(device: 1, inode: 3), size: UInt64(Self.filePages) * PageSize.bytes)
    for position in 0..<Self.filePages {
      let object: NaiveMemory.Words = [newWord(), newWord()]
      naive.objects.append(object)
      var words = [UInt64](repeating: 0, count: 512)
      for word in 0..<2 { words[Int(NaiveMemory.offset(word) / 8)] = object[word] }
      computer.fill(file, position: UInt64(position), words, for: first)
    }
  }

  /// A word that was not there before, with such an instruction at its first byte.
  private mutating func newWord() -> UInt64 {
    random.next() << 8 | Self.instructions[Int(random.below(UInt64(Self.instructions.count)))]
  }

  private func address(_ page: Int) -> VirtualAddress {
    (pieceStarts[page / NaiveMemory.piecePages] + UInt64(page % NaiveMemory.piecePages)).address
  }

  private mutating func choose(_ count: Int) -> Int { Int(random.below(UInt64(count))) }

  private mutating func chooseRights() -> Protection { Protection(rawValue: random.below(8)) }

  mutating func step(_ computer: inout Computer, _ facts: inout Facts) throws(Errno) {
    let number = choose(processes.count)
    switch random.below(100) {
    case 0..<85:
      let kind = AccessKind(rawValue: UInt8(random.below(3))) ?? .read
      access(&computer, &facts, number, choose(NaiveMemory.pageCount), choose(2), kind)
    case 85..<91: try map(&computer, number)
    case 91..<96: try protect(&computer, number)
    case 96..<98: try unmap(&computer, number)
    case 98:
      if processes.count < Self.mostProcesses { try fork(&computer, number) }
    default:
      if processes.count > 1 { exit(&computer, number) }
    }
  }

  private mutating func access(
    _ computer: inout Computer, _ facts: inout Facts, _ number: Int, _ page: Int, _ place: Int,
    _ kind: AccessKind
  ) {
    let word = newWord()
    let address = VirtualAddress(address(page).rawValue + NaiveMemory.offset(place))
    let expected = naive.access(&pages[number][page], place, kind, word)
    let found = computer.access(processes[number], kind, address, word)
    accesses += 1
    if case .done = found { done += 1 }
    guard found != expected else { return }
    wrong += 1
    facts.fail("access", at: address) {
      Serial.write("process ")
      Serial.write(UInt64(number))
      Serial.write(", kind ")
      Serial.write(UInt64(kind.rawValue))
      Serial.write(", expected ")
      Serial.write(expected)
      Serial.write(", found ")
      Serial.write(found)
    }
  }

  /// A range of pages of one piece.
  private mutating func chooseRange() -> Range<Int> {
    let piece = choose(NaiveMemory.pieces) * NaiveMemory.piecePages
    let first = choose(NaiveMemory.piecePages)
    let count = 1 + choose(min(16, NaiveMemory.piecePages - first))
    return (piece + first)..<(piece + first + count)
  }

  private mutating func map(_ computer: inout Computer, _ number: Int) throws(Errno) {
    let range = chooseRange()
    var page = NaiveMemory.Page(rights: chooseRights(), isShared: random.below(3) == 0)
    var flags: MapFlags = page.isShared ? [.shared, .fixed] : [.private, .fixed]
    let isFile = random.below(3) == 0
    let position = isFile ? choose(Self.filePages - range.count + 1) : 0
    if !isFile { flags.insert(.anonymous) }
    var object: Int? = isFile ? position : nil
    if !isFile && page.isShared {
      object = naive.objects.count
      for _ in range { naive.objects.append([0, 0]) }
    }
    _ = try computer.machine.map(
      processes[number],
      MapRequest(
        address: address(range.lowerBound), length: UInt64(range.count) * PageSize.bytes,
        protection: page.rights ?? [], flags: flags, file: isFile ? file : .none,
        offset: UInt64(position) * PageSize.bytes))
    for index in range {
      page.object = object.map { $0 + index - range.lowerBound }
      pages[number][index] = page
    }
    calls += 1
  }

  /// Changes the rights of pages that follow each other, all of them mapped.
  private mutating func protect(_ computer: inout Computer, _ number: Int) throws(Errno) {
    let wanted = chooseRange()
    var end = wanted.lowerBound
    while end < wanted.upperBound && pages[number][end].rights != nil { end += 1 }
    guard end > wanted.lowerBound else { return }
    let rights = chooseRights()
    try computer.machine.protect(
      processes[number], address(wanted.lowerBound), length: UInt64(end - wanted.lowerBound) * PageSize.bytes, rights)
    for index in wanted.lowerBound..<end { pages[number][index].rights = rights }
    calls += 1
  }

  private mutating func unmap(_ computer: inout Computer, _ number: Int) throws(Errno) {
    let range = chooseRange()
    try computer.machine.unmap(
      processes[number], address(range.lowerBound), length: UInt64(range.count) * PageSize.bytes)
    for index in range { pages[number][index] = NaiveMemory.Page() }
    calls += 1
  }

  private mutating func fork(_ computer: inout Computer, _ number: Int) throws(Errno) {
    guard let child = computer.machine.fork(processes[number], sharesMemory: false) else { throw .ENOMEM }
    processes.append(child)
    pages.append(pages[number])
    calls += 1
  }

  private mutating func exit(_ computer: inout Computer, _ number: Int) {
    computer.machine.exit(processes[number])
    processes.remove(at: number)
    pages.remove(at: number)
    calls += 1
  }

  /// Reads both words of every page of every process.
  mutating func readAll(_ computer: inout Computer, _ facts: inout Facts) {
    for number in 0..<processes.count {
      for page in 0..<NaiveMemory.pageCount {
        for place in 0..<2 { access(&computer, &facts, number, page, place, .read) }
      }
    }
  }

  mutating func end(_ computer: inout Computer) {
    while !processes.isEmpty { exit(&computer, processes.count - 1) }
  }
}
