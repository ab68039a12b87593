import Hardware

/// How an access of the user program ended.
enum AccessEnd: Equatable {
  /// It was made; the word that was loaded, or the one that was stored.
  case done(UInt64)
  /// The engine refused it.
  case refused(FaultOutcome)
  /// The address is none (#GP).
  case generalProtection
  /// Something that must not happen.
  case unexpected(vector: UInt64)
}

/// The engine's machine on real memory, and the real processor that runs its programs.
///
/// A fault of a program goes to ``Machine/fault(_:_:_:present:)``, as that of a simulated one does.
struct Computer: ~Copyable {
  var machine: Machine<BareMetalPlatform>
  /// Page faults that the processor raised in ring 3, and their last error code and address.
  private(set) var pageFaults: UInt64 = 0
  private(set) var lastCode = PageFaultCode()
  private(set) var lastAddress = VirtualAddress(0)
  private let program: FileIndex
  private var hasProgram = false

  init(_ machine: consuming Machine<BareMetalPlatform>) {
    program = machine.file(FileIdentity(device: 1, inode: 1), size: PageSize.bytes)
    self.machine = machine
  }

  /// Starts a process that has nothing but the user program, as a mapped file.
  mutating func start() throws(Errno) -> ProcessIndex {
    let process = machine.start()
    if !hasProgram {
      hasProgram = true
      fill(program, position: 0, UserProgram.words, for: process)
    }
    _ = try machine.map(
      process,
      MapRequest(
        address: UserProgram.address, length: PageSize.bytes, protection: [.read, .execute],
        flags: [.private, .fixed], file: program, opening: FileOpening(traits: .readable)))
    return process
  }

  /// Writes words to a page of a file, as its disk would.
  mutating func fill(_ file: FileIndex, position: UInt64, _ words: [UInt64], for process: ProcessIndex) {
    machine.accessFile(
      process, file, offset: position << UInt64(PageSize.shift), length: PageSize.bytes, writes: false)
    guard let frame = machine.spaces.cache.find(file, position) else { return }
    for index in 0..<words.count { machine.spaces.translation.platform.setWord(index, of: frame, to: words[index]) }
  }

  /// Makes one access in ring 3. What faults is brought by the engine, and the processor repeats the instruction; where
  /// the engine refuses, the access ends, as a program would with SIGSEGV.
  mutating func access(
    _ process: ProcessIndex, _ kind: AccessKind, _ address: VirtualAddress, _ word: UInt64 = 0
  ) -> AccessEnd {
    var frame = UserProgram.frame(kind, address, word)
    // Two faults may be needed for the program itself, and two for the access.
    for _ in 0..<8 {
      guard let context = context(of: process) else { return .refused(.outOfMemory) }
      UserProgram.run(&frame, context.root)
      guard frame.vector == Vector.pageFault else { return end(frame, kind, address) }
      let code = PageFaultCode(rawValue: UInt16(truncatingIfNeeded: frame.error))
      lastAddress = VirtualAddress(read_cr2())
      lastCode = code
      pageFaults += 1
      guard code.contains(.user), !code.contains(.reserved) else { return .unexpected(vector: frame.vector) }
      let result = machine.fault(process, lastAddress.page, code.kind, present: code.contains(.protection))
      switch result {
      case .done: continue
      case .refused(let outcome):
        return lastAddress == address ? .refused(outcome) : .unexpected(vector: frame.vector)
      case .waiting(let fault): return .refused(.watched(fault.watcher, fault.reason))
      case .killed, .reading: return .refused(.outOfMemory)
      }
    }
    return .unexpected(vector: Vector.pageFault)
  }

  /// Makes one access in ring 3 with the tables as they are: a fault is the answer.
  ///
  /// - Precondition: the process has the user program's page in its tables.
  mutating func attempt(
    _ process: ProcessIndex, _ kind: AccessKind, _ address: VirtualAddress, _ word: UInt64 = 0
  ) -> AccessOutcome? {
    guard let context = context(of: process) else { return nil }
    var frame = UserProgram.frame(kind, address, word)
    UserProgram.run(&frame, context.root)
    if frame.vector == Vector.pageFault {
      guard read_cr2() == address.rawValue else { return nil }
      return .fault(PageFaultCode(rawValue: UInt16(truncatingIfNeeded: frame.error)))
    }
    switch end(frame, kind, address) {
    case .done: return .done
    case .generalProtection: return .generalProtection
    default: return nil
    }
  }

  func context(of process: ProcessIndex) -> TranslationContext? {
    let space = machine.processes[process.rawValue].space
    return space == .none ? nil : machine.spaces.descriptors[space.rawValue].context
  }

  /// How an access ended that raised no page fault.
  private func end(_ frame: TrapFrame, _ kind: AccessKind, _ address: VirtualAddress) -> AccessEnd {
    switch frame.vector {
    case Vector.systemCall: return kind == .fetch ? .unexpected(vector: frame.vector) : .done(frame.rsi)
    case Vector.generalProtection:
      guard kind == .fetch, machine.configuration.pageTables.isCanonical(address.page) else {
        return .generalProtection
      }
      // The instruction that was jumped to is one that ring 3 may not execute.
      return frame.rip == address.rawValue ? .done(0) : .unexpected(vector: frame.vector)
    default: return .unexpected(vector: frame.vector)
    }
  }
}

extension PageFaultCode {
  /// What access it was.
  var kind: AccessKind { contains(.write) ? .write : contains(.instruction) ? .fetch : .read }
}

/// Words of memory.
extension Computer {
  func word(_ address: PhysicalAddress) -> UInt64 {
    machine.spaces.translation.platform.word(Self.index(address), of: FrameNumber(containing: address))
  }

  func setWord(_ address: PhysicalAddress, to value: UInt64) {
    machine.spaces.translation.platform.setWord(Self.index(address), of: FrameNumber(containing: address), to: value)
  }

  private static func index(_ address: PhysicalAddress) -> Int { Int(address.rawValue & PageSize.mask) / 8 }
}
