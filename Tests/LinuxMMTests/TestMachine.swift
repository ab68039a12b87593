import HostMemory

@testable import LinuxMM

/// A machine for tests, behind a reference so that expectations can name it, with one process that has a stack of
/// three argument pages.
final class TestMachine {
  var machine: SimulatedMachine
  let process: ProcessIndex

  static let stackTop: UInt64 = 0x7fff_f000_0000

  static var stackOnly: ProgramImage {
    ProgramImage(
      segments: [], cleared: [], stackPointer: VirtualAddress(stackTop - 3 * 4096),
      stackTop: VirtualAddress(stackTop), breakStart: VirtualAddress(0x1000_0000))
  }

  init(_ configuration: MachineConfiguration, holdsContents: Bool = false) throws {
    machine = try SimulatedMachine(configuration, memory: .host, holdsContents: holdsContents)
    machine.virtualMemory.overcommitMemory = .always
    process = machine.start()
    precondition(machine.execute(process, Self.stackOnly) == .done)
  }

  init(physical: PhysicalConfiguration) throws {
    machine = try SimulatedMachine(try MachineConfiguration(physical: physical, startsWarm: true), memory: .host)
    machine.virtualMemory.overcommitMemory = .always
    process = machine.start()
    precondition(machine.execute(process, Self.stackOnly) == .done)
  }

  init(
    ram: UInt64 = 64 << 20, processors: Int = 1, warm: Bool = true, tlb: TLBConfiguration = TLBConfiguration()
  ) throws {
    machine = try SimulatedMachine(
      try MachineConfiguration(ramBytes: ram, processors: processors, tlb: tlb, startsWarm: warm), memory: .host)
    machine.virtualMemory.overcommitMemory = .always
    process = machine.start()
    let result = machine.execute(process, Self.stackOnly)
    precondition(result == .done)
  }

  func start() -> ProcessIndex {
    let process = machine.start()
    precondition(machine.execute(process, Self.stackOnly) == .done)
    return process
  }

  /// Ends everything and tells how many frames did not come back.
  func framesMissingAtEnd() -> Int {
    for number in 0..<machine.processCount { machine.exit(ProcessIndex(UInt32(number))) }
    machine.sync()
    machine.dropCaches()
    let account = machine.frameAccount
    return account.managed - account.free - account.listed - account.zeroPage - account.kernel
  }

  func read(_ process: ProcessIndex, _ address: VirtualAddress) -> AccessResult {
    machine.access(process, address.page, .read, on: 0)
  }

  func write(_ process: ProcessIndex, _ address: VirtualAddress) -> AccessResult {
    machine.access(process, address.page, .write, on: 0)
  }

  func access(
    _ process: ProcessIndex, _ page: VirtualPage, _ kind: AccessKind, on processor: Int
  ) -> AccessResult {
    machine.access(process, page, kind, on: processor)
  }

  /// Private writable memory of `pages` pages.
  func anonymous(_ process: ProcessIndex, pages: UInt64) throws -> VirtualAddress {
    try machine.map(
      process, MapRequest(length: pages * 4096, protection: [.read, .write], flags: [.private, .anonymous]))
  }

  func map(_ process: ProcessIndex, _ request: MapRequest) throws(Errno) -> VirtualAddress {
    try machine.map(process, request)
  }

  func unmap(_ process: ProcessIndex, _ address: VirtualAddress, length: UInt64) throws(Errno) {
    try machine.unmap(process, address, length: length)
  }

  func protect(
    _ process: ProcessIndex, _ address: VirtualAddress, length: UInt64, _ protection: Protection
  ) throws(Errno) {
    try machine.protect(process, address, length: length, protection)
  }

  func advise(
    _ process: ProcessIndex, _ address: VirtualAddress, length: UInt64, _ advice: Advice
  ) throws(Errno) {
    try machine.advise(process, address, length: length, advice)
  }

  func setBreak(_ process: ProcessIndex, _ address: VirtualAddress) throws(Errno) -> VirtualAddress {
    try machine.setBreak(process, address)
  }

  func fork(_ parent: ProcessIndex, sharesMemory: Bool) -> ProcessIndex? {
    machine.fork(parent, sharesMemory: sharesMemory)
  }

  func execute(_ process: ProcessIndex, _ image: ProgramImage) -> AccessResult {
    machine.execute(process, image)
  }

  func exit(_ process: ProcessIndex) { machine.exit(process) }

  func file(_ identity: FileIdentity, size: UInt64) -> FileIndex { machine.file(identity, size: size) }

  func process(_ index: ProcessIndex) -> Process { machine.process(index) }

  var frameAccount: FrameAccount { machine.frameAccount }
  var tlbStatistics: TLBStatistics { machine.tlbStatistics }
  var areaFigures: [AreaFigures] { machine.areaFigures }
  var outOfMemoryEvents: [OutOfMemoryEvent] { machine.outOfMemoryEvents }

  /// The frame that a page of a process lies in, if it is resident.
  func frame(_ process: ProcessIndex, _ address: VirtualAddress) -> FrameNumber? {
    let space = machine.processes[process.rawValue].space
    let root = machine.spaces.descriptors[space.rawValue].context.root
    guard let place = machine.spaces.translation.place(root, address.page) else { return nil }
    let entry = machine.spaces.translation.entry(place)
    return entry.holdsPage && !entry.isSpecial ? entry.frame : nil
  }

  func setContents(of frame: FrameNumber, seed: UInt64) {
    for index in 0..<512 {
      machine.spaces.translation.platform.setWord(index, of: frame, to: seed &* 0x9e37_79b9_7f4a_7c15 &+ UInt64(index))
    }
  }

  /// A checksum over the bytes of a frame.
  func checksum(of frame: FrameNumber) -> UInt64 {
    var sum: UInt64 = 0xcbf2_9ce4_8422_2325
    for index in 0..<512 {
      sum = (sum ^ machine.spaces.translation.platform.word(index, of: frame)) &* 0x100_0000_01b3
    }
    return sum
  }

  func allocate(_ order: Int, _ flags: GFPFlags) throws(AllocationFailure) -> FrameNumber {
    try machine.allocatePages(PageOrder(order), flags)
  }

  func free(_ frame: FrameNumber, _ order: Int) throws(FreeFailure) { try machine.freePages(frame, PageOrder(order)) }

  func allocateContiguous(_ count: Int, alignment: Int = 1) throws(ContiguousFailure) -> FrameNumber {
    try machine.allocateContiguous(count, alignment: alignment)
  }

  func releaseContiguous(_ first: FrameNumber, _ count: Int) throws(ContiguousFailure) {
    try machine.releaseContiguous(first, count)
  }

  func compactMemory() { machine.compactMemory() }
  var statistics: Statistics { machine.spaces.translation.memory.statistics }
  var buddyInfo: String { String(decoding: machine.buddyInfo, as: UTF8.self) }

  func freeBlocks(_ order: Int) -> Int {
    var sum = 0
    for figures in machine.spaces.translation.memory.zoneFigures where figures.managed > 0 {
      sum += machine.spaces.translation.memory.freeBlocks(of: PageOrder(order), figures)
    }
    return sum
  }

  func checkInvariants() throws(BrokenInvariant) { try machine.checkInvariants() }
}

extension VirtualAddress {
  func page(_ number: UInt64) -> VirtualAddress { VirtualAddress(rawValue + number * 4096) }
}
