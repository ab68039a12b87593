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

  init(
    ram: UInt64 = 64 << 20, processors: Int = 1, warm: Bool = true, tlb: TLBConfiguration = TLBConfiguration()
  ) throws {
    machine = try SimulatedMachine(
      try MachineConfiguration(ramBytes: ram, processors: processors, tlb: tlb, startsWarm: warm), memory: .host)
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
  var outOfMemoryEvents: [OutOfMemoryEvent] { machine.outOfMemoryEvents }

  func checkInvariants() throws(BrokenInvariant) { try machine.checkInvariants() }
}

extension VirtualAddress {
  func page(_ number: UInt64) -> VirtualAddress { VirtualAddress(rawValue + number * 4096) }
}
