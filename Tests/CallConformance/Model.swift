import HostMemory
import LinuxMM

/// What the sequences are carried out on: the model, with the files that the driver's subject has.
final class Model {
  /// How the kernel that is compared with is set up.
  struct Environment {
    /// Whether the file "on a disk" is on one, and not in memory too.
    var hasDisk = true
    var lowestAddress: UInt64 = 65536
    /// What a privileged subject may do.
    var capabilities = Capabilities.all
    var rules = KernelRules.linux61
    /// Whether an instruction that changes memory faults for reading first, as QEMU's emulated processor does, and not at
    /// once for writing.
    var readsBeforeWriting = false
    /// Whether the kernel was built with `CONFIG_MEM_SOFT_DIRTY`.
    var recordsWrites = true
    /// Size of the subject's program in bytes.
    var subjectSize: UInt64 = 0
    /// Where its only segment ends.
    var subjectEnd: UInt64 = 0
  }

  var machine: SimulatedMachine
  private var processes: [ProcessIndex?] = []
  /// The faults of each process before it could be compared.
  private var baselines: [(minor: UInt64, major: UInt64)] = []
  private let image: ProgramImage
  private let unmappedPages: UInt64
  private let capabilities: Capabilities
  private let readsBeforeWriting: Bool
  private var slots = [UInt64](repeating: 0, count: Subject.allSlots)
  var files: [Int: (file: FileIndex, opening: FileOpening)] = [:]
  private var segments: [UInt64: Segment] = [:]
  private var lastSegment: UInt64 = 0
  private var objects: [String: Int] = [:]
  /// The userfaultfds that each process has open.
  var userFaults: [ProcessIndex: [UInt64: WatcherIndex]] = [:]
  /// Those of them that exec closes.
  var closedByExec: [ProcessIndex: Set<UInt64>] = [:]
  /// The state after the last call.
  private(set) var text = ""

  /// - Parameters:
  ///   - stackPointer: of the subject when it starts.
  ///   - unmappedPages: what the kernel had mapped for itself and the driver unmapped.
  init(_ environment: Environment, isUnprivileged: Bool, stackPointer: UInt64, unmappedPages: UInt64) throws {
    var configuration = try MachineConfiguration(ramBytes: 512 << 20)
    configuration.virtualMemory.lowestAddress = environment.lowestAddress
    configuration.virtualMemory.rules = environment.rules
    configuration.virtualMemory.recordsWrites = environment.recordsWrites
    machine = try SimulatedMachine(configuration, memory: .host, holdsContents: true)
    let memory = machine.file(FileIdentity(device: 1, inode: 1), size: 40 * 4096, isSharedMemory: true)
    let disk = machine.file(
      FileIdentity(device: 0x800, inode: 2), size: 24 * 4096 + 100, isSharedMemory: !environment.hasDisk)
    let scratch = machine.file(FileIdentity(device: 1, inode: 3), size: 4096, isSharedMemory: true)
    let pipe = machine.file(FileIdentity(device: 2, inode: 4), size: 0, isSharedMemory: true)
    let foreign: FileOpening.Traits = isUnprivileged ? .foreign : []
    func opening(_ number: UInt32, _ traits: FileOpening.Traits) -> FileOpening {
      FileOpening(number: number, traits: traits)
    }
    files[3] = (memory, opening(3, [.readable, .writable]))
    files[4] = (memory, opening(4, [.readable]))
    files[5] = (memory, opening(5, [.writable]))
    files[6] = (disk, opening(6, foreign.union([.readable, .writable])))
    files[7] = (disk, opening(7, foreign.union([.readable])))
    files[8] = (scratch, opening(8, foreign.union([.readable, .writable])))
    files[9] = (pipe, opening(9, [.readable, .notMappable]))
    let program = machine.file(
      FileIdentity(device: 0x800, inode: 5), size: environment.subjectSize, isSharedMemory: !environment.hasDisk)
    let process = machine.start()
    machine.accessFile(process, program, offset: 0, length: environment.subjectSize, writes: true)
    machine.accessFile(process, disk, offset: 0, length: 24 * 4096 + 100, writes: true)
    machine.sync()
    processes.append(process)
    baselines.append((0, 0))
    image = ProgramImage(
      segments: [
        ProgramImage.Segment(
          start: VirtualPage(Subject.image.lowerBound), end: VirtualPage(Subject.image.upperBound),
          protection: [.read, .execute], file: program, offset: 0)
      ],
      cleared: [], stackPointer: VirtualAddress(stackPointer), stackTop: VirtualAddress(0x7fff_ffff_f000),
      breakStart: VirtualAddress(Subject.image.upperBound << 12),
      code: VirtualAddress(Subject.image.lowerBound << 12)..<VirtualAddress(environment.subjectEnd),
      data: VirtualAddress(Subject.image.lowerBound << 12)..<VirtualAddress(environment.subjectEnd))
    self.unmappedPages = unmappedPages
    readsBeforeWriting = environment.readsBeforeWriting
    capabilities = isUnprivileged ? [] : environment.capabilities
    try machine.setLimit(process, .locked, .init(soft: 2 << 20, hard: 8 << 20))
    try machine.setLimit(process, .stack, .init(soft: 8 << 20, hard: 8 << 20))
    machine.setCapabilities(process, capabilities)
    try begin(0)
  }

  /// Lets a process run the subject's program from its start.
  private func begin(_ number: Int) throws(Errno) {
    let process = processes[number]!
    var image = image
    image.stackLimit = machine.limit(process, .stack).soft
    guard machine.execute(process, image) == .done else { throw .ENOMEM }
    // The areas that the driver unmaps, and the code it runs for that.
    if unmappedPages > 0 {
      let area = try machine.map(
        process, MapRequest(length: unmappedPages * 4096, protection: [], flags: [.private, .anonymous]))
      try machine.unmap(process, area, length: unmappedPages * 4096)
    }
    runCode(process)
    baselines[number] = (machine.process(process).minorFaults, machine.process(process).majorFaults)
  }

  private func runCode(_ process: ProcessIndex) {
    _ = machine.access(process, VirtualAddress(Subject.code).page, .fetch, on: 0)
  }

  func checkInvariants() throws { try machine.checkInvariants() }

  // MARK: Calls

  func carryOut(_ call: Call) -> Outcome {
    let kind = Call.Kind(rawValue: call.kind)!
    var result = perform(call, kind)
    if call.result != 0, !(result < 0 && result > -4096) { slots[Int(call.result)] = UInt64(bitPattern: result) }
    if call.opaque == 1 && result > 0 { result = 0 }
    let index = Int(call.process)
    guard index < processes.count, let process = processes[index] else { return Outcome(result: result, state: 0) }
    text = describe(process, baselines[index])
    return Outcome(result: result, state: hash(text))
  }

  private func perform(_ call: Call, _ kind: Call.Kind) -> Int64 {
    var values: [UInt64] = []
    for index in 0..<6 { values.append(slots[Int(call.slots[index])] &+ call.arguments[index]) }
    if kind == .setting { return 0 }
    if kind == .scratch {
      for byte in 0..<8 {
        scratchBytes[Int(values[0]) + byte] = UInt8(truncatingIfNeeded: values[1] >> UInt64(byte * 8))
        machine.setByte(files[8]!.file, at: values[0] + UInt64(byte), to: scratchBytes[Int(values[0]) + byte])
      }
      return 0
    }
    guard Int(call.process) < processes.count, let process = processes[Int(call.process)] else {
      return Int64(-Errno.ESRCH.rawValue)
    }
    let address = VirtualAddress(values[0])
    switch kind {
    case .load:
      runCode(process)
      let outcome = access(process, address, .read)
      return outcome == 0 ? Int64(machine.byte(process, at: address) ?? 0) : outcome
    case .store:
      runCode(process)
      let outcome = access(process, address, .write)
      if outcome == 0 { machine.setByte(process, at: address, to: UInt8(truncatingIfNeeded: call.number)) }
      return outcome
    case .fetch:
      let outcome = access(process, address, .fetch)
      if outcome == 0 && readsBeforeWriting { _ = access(process, VirtualAddress(Subject.scratch), .read) }
      return outcome == 0 ? access(process, VirtualAddress(Subject.scratch), .write) : outcome
    case .fork, .share:
      runCode(process)
      guard let child = machine.fork(process, sharesMemory: kind == .share) else {
        return Int64(-Errno.ENOMEM.rawValue)
      }
      processes.append(child)
      baselines.append((0, 0))
      userFaults[child] = userFaults[process]
      closedByExec[child] = closedByExec[process]
      return Int64(processes.count - 1)
    case .clearReferences:
      do throws(Errno) {
        try machine.clearReferences(of: process, Int(values[0]))
        return values[0] <= 3 ? referenced(process, values[0]) : 0
      } catch {
        return Int64(-error.rawValue)
      }
    case .exit:
      machine.exit(process)
      closeUserFaults(of: process)
      processes[Int(call.process)] = nil
      return 0
    default:
      if kind == .systemCall && isForbidden(call.number, values) { return -38 }
      if kind == .adviseOther && (Int(call.number) >= processes.count || processes[Int(call.number)] == nil) {
        return Int64(-Errno.ESRCH.rawValue)
      }
      if kind != .execute { runCode(process) }
      do throws(Errno) {
        switch kind {
        case .execute: return try execute(Int(call.process), path: address)
        case .adviseOther: return try advise(process, on: processes[Int(call.number)]!, values)
        default: return try perform(call.number, values, process)
        }
      } catch {
        return Int64(-error.rawValue)
      }
    }
  }

  private func execute(_ number: Int, path: VirtualAddress) throws(Errno) -> Int64 {
    let process = processes[number]!
    // Below that, the driver lets no program start.
    for (resource, least): (ResourceLimits.Resource, UInt64) in [
      (.addressSpace, 1 << 30), (.data, 1 << 30), (.stack, 8 << 20),
    ] where machine.limit(process, resource).soft < least { return -38 }
    runCode(process)
    guard access(process, path, .read) == 0 else { throw .EFAULT }
    for number in closedByExec[process, default: []].sorted() { try closeUserFault(number, process) }
    try begin(number)
    return Int64(image.stackPointer.page.address.rawValue)
  }

  private func advise(_ process: ProcessIndex, on target: ProcessIndex, _ values: [UInt64]) throws(Errno) -> Int64 {
    guard values[3] == 0 else { throw .EINVAL }
    guard values[1] <= 1024 else { throw .EINVAL }
    var ranges: [(address: VirtualAddress, length: UInt64)] = []
    for index in 0..<values[1] {
      let place = values[0] &+ index * 16
      guard access(process, VirtualAddress(place), .read) == 0 else { throw .EFAULT }
      ranges.append((VirtualAddress(word(process, place)), word(process, place + 8)))
    }
    return Int64(
      try machine.advise(process, on: target, ranges, advice: Int32(truncatingIfNeeded: values[2])))
  }

  /// Whether the driver leaves a call out, lest the subject lose its own code.
  private func isForbidden(_ number: UInt64, _ values: [UInt64]) -> Bool {
    var start = values[0]
    var length = values[1]
    func end(_ start: UInt64, _ length: UInt64) -> UInt64 { start > .max - length ? .max : start + length }
    switch SystemCall(rawValue: number)! {
    case .brk, .setrlimit, .mlockall, .munlockall, .shmget, .shmctl, .ftruncate, .fallocate, .userfaultfd:
      return false
    case .mmap where start == Subject.scratch && length == 4096 && values[4] == 8: return false
    case .ioctl:
      // Whoever watches memory must ask for signals, or accesses would wait for ever.
      if length == UserFaultCall.api.rawValue, values[2] >> 12 == Subject.scratch >> 12,
        scratchWord(Int(values[2] & 4095) + 8) & 0x80 == 0
      {
        return true
      }
      return values[0] < Subject.firstNumber
    case .close: return values[0] < Subject.firstNumber
    case .shmat:
      start = values[1]
      length = 1 << 16
    case .shmdt: length = 1
    case .mremap:
      if values[4] < Subject.scratch + 0x2000 && end(values[4], values[2]) > 0x40_0000 { return true }
      length = max(length, values[2])
    default: break
    }
    let last = end(start, length)
    return start < Subject.scratch + 0x2000 && last > 0x40_0000 && !(start >= 0x40_2000 && last <= Subject.scratch)
  }

  var scratchBytes = [UInt8](repeating: 0, count: 4096)

  /// A word of a process's memory.
  private func word(_ process: ProcessIndex, _ address: UInt64) -> UInt64 {
    if address >> 12 == Subject.scratch >> 12 { return scratchWord(Int(address & 4095)) }
    return (0..<8).reduce(0) {
      $0 | UInt64(machine.byte(process, at: VirtualAddress(address + UInt64($1))) ?? 0) << UInt64($1 * 8)
    }
  }

  func scratchWord(_ offset: Int) -> UInt64 {
    (0..<8).reduce(0) { $0 | UInt64(scratchBytes[offset + $1]) << UInt64($1 * 8) }
  }

  /// An access as the processor makes it: 0, or the signal times 256 with its code, negative.
  private func access(_ process: ProcessIndex, _ address: VirtualAddress, _ kind: AccessKind) -> Int64 {
    // Addresses that are not canonical are refused by the processor itself: SIGSEGV with SI_KERNEL.
    let top = Int64(bitPattern: address.rawValue) >> 47
    guard top == 0 || top == -1 else { return -(11 << 8 | 0x80) }
    switch machine.access(process, address.page, kind, on: 0) {
    case .done: return 0
    case .killed: return -(9 << 8)
    case .waiting, .reading: return -(19 << 8)
    case .refused(let outcome):
      switch outcome {
      case .notMapped: return -(11 << 8 | 1)
      case .notPermitted: return -(11 << 8 | 2)
      case .beyondEndOfFile, .refusedByWatcher: return -(7 << 8 | 2)
      default: return -(11 << 8)
      }
    }
  }

  private func perform(_ number: UInt64, _ values: [UInt64], _ process: ProcessIndex) throws(Errno) -> Int64 {
    let address = VirtualAddress(values[0])
    switch SystemCall(rawValue: number)! {
    case .mmap: return try map(values, process)
    case .munmap: try machine.unmap(process, address, length: values[1])
    case .mprotect: try machine.protect(process, address, length: values[1], Protection(rawValue: values[2]))
    case .mremap:
      let request = RemapRequest(
        address: address, oldLength: values[1], newLength: values[2], flags: RemapRequest.Flags(rawValue: values[3]),
        target: VirtualAddress(values[4]))
      return Int64(bitPattern: try machine.remap(process, request).rawValue)
    case .brk: return Int64(bitPattern: try machine.setBreak(process, address).rawValue)
    case .madvise:
      try machine.advise(process, address, length: values[1], advice: Int32(truncatingIfNeeded: values[2]))
    case .mlock: try machine.lock(process, address, length: values[1])
    case .mlock2:
      guard values[2] & ~1 == 0 else { throw .EINVAL }
      try machine.lock(process, address, length: values[1], onFault: values[2] == 1)
    case .munlock: try machine.unlock(process, address, length: values[1])
    case .mlockall:
      guard values[0] & ~7 == 0 else { throw .EINVAL }
      try machine.lockAll(
        process, current: values[0] & 1 != 0, future: values[0] & 2 != 0, onFault: values[0] & 4 != 0)
    case .munlockall: try machine.unlockAll(process)
    case .mincore: return try residency(values, process)
    case .msync:
      try machine.synchronize(
        process, address, length: values[1], SynchronizeFlags(rawValue: UInt32(truncatingIfNeeded: values[2])))
    case .remap_file_pages:
      try machine.remapFilePages(
        process, address, length: values[1], protection: values[2], position: values[3], MapFlags(rawValue: values[4]))
    case .setrlimit:
      guard machine.access(process, VirtualAddress(values[1]).page, .read, on: 0) == .done else { throw .EFAULT }
      let offset = Int(values[1] & 4095)
      try machine.setLimit(
        process, ResourceLimits.Resource(rawValue: Int(values[0]))!,
        .init(soft: scratchWord(offset), hard: scratchWord(offset + 8)))
    case .ftruncate:
      guard values[0] != 4, let file = files[Int(values[0])] else { throw .EINVAL }
      machine.setSize(file.file, values[1])
    case .fallocate: machine.punchHole(files[3]!.file, offset: values[2], length: values[3])
    case .shmget:
      lastSegment += 1
      segments[lastSegment] = machine.createSegment(size: values[1])
      return Int64(lastSegment)
    case .shmat:
      guard let segment = segments[values[0]] else { throw .EINVAL }
      let flags = AttachFlags(rawValue: UInt32(truncatingIfNeeded: values[2]))
      return Int64(bitPattern: try machine.attach(process, segment, at: VirtualAddress(values[1]), flags).rawValue)
    case .shmdt: try machine.detach(process, address)
    case .shmctl:
      guard let segment = segments[values[0]] else { throw .EINVAL }
      try machine.remove(segment)
    case .userfaultfd: return try makeUserFault(values, process)
    case .ioctl: try control(values, process)
    case .close: try closeUserFault(values[0], process)
    }
    return 0
  }

  private func map(_ values: [UInt64], _ process: ProcessIndex) throws(Errno) -> Int64 {
    guard values[5] & 4095 == 0 else { throw .EINVAL }
    let flags = MapFlags(rawValue: values[3])
    var request = MapRequest(
      address: VirtualAddress(values[0]), length: values[1], protection: Protection(rawValue: values[2]), flags: flags,
      offset: values[5])
    if !flags.contains(.anonymous) {
      guard let file = files[Int(truncatingIfNeeded: Int32(truncatingIfNeeded: values[4]))] else { throw .EBADF }
      request.file = file.file
      request.opening = file.opening
    }
    return Int64(bitPattern: try machine.map(process, request).rawValue)
  }

  private func residency(_ values: [UInt64], _ process: ProcessIndex) throws(Errno) -> Int64 {
    let vector = VirtualAddress(values[2])
    let answer = try machine.residency(
      process, VirtualAddress(values[0]), length: values[1], vector: vector)
    for (index, isResident) in answer.enumerated() {
      machine.setByte(process, at: VirtualAddress(vector.rawValue + UInt64(index)), to: isResident ? 1 : 0)
    }
    // As the driver tells it.
    guard vector.rawValue >> 12 == Subject.scratch >> 12, answer.count <= 4096 - Int(vector.rawValue & 4095) else {
      return 0
    }
    let hash = answer.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ ($1 ? 1 : 0)) &* 0x100_0000_01b3 }
    return Int64(hash >> 2)
  }

  // MARK: State

  func describe(process number: Int) -> String {
    guard number < processes.count, let process = processes[number] else { return "" }
    return describe(process, baselines[number])
  }

  /// The text that `describe` in `Tests/CallDriver/driver.c` writes of the kernel's process.
  private func describe(_ process: ProcessIndex, _ baseline: (minor: UInt64, major: UInt64)) -> String {
    var text = ""
    for line in String(decoding: machine.smaps(process), as: UTF8.self).split(separator: "\n") {
      let fields = line.split(separator: " ", omittingEmptySubsequences: true)
      if !fields[0].hasSuffix(":") {
        text += header(fields, process)
      } else if fields[0] == "VmFlags:" {
        for flag in fields.dropFirst() { text += " \(flag)" }
        text += "\n"
      } else if Self.figures.contains(fields[0].dropLast()) {
        text += " \(fields[1])"
      }
    }
    text += lines(
      machine.memoryStatus(process),
      [
        "VmPeak", "VmSize", "VmLck", "VmPin", "VmData", "VmStk", "VmExe", "VmLib", "VmPTE",
      ])
    for file in [files[3]!.file, files[6]!.file] {
      text += "cached " + (0..<48).map { machine.isCached(file, position: UInt64($0)) ? "1" : "0" }.joined() + "\n"
    }
    let state = machine.process(process)
    text += "minflt \(state.minorFaults - baseline.minor)\n"
    text += "majflt \(state.majorFaults - baseline.major)\n"
    return text
  }

  /// KiB accessed of the areas that a number written to `clear_refs` means.
  private func referenced(_ process: ProcessIndex, _ value: UInt64) -> Int64 {
    var sum: Int64 = 0
    var isMeant = false
    for line in String(decoding: machine.smaps(process), as: UTF8.self).split(separator: "\n") {
      let fields = line.split(separator: " ", omittingEmptySubsequences: true)
      if !fields[0].hasSuffix(":") {
        isMeant = value == 1 || (value == 3) == (fields[4] != "0")
      } else if isMeant && fields[0] == "Referenced:" {
        sum += Int64(fields[1]) ?? 0
      }
    }
    return sum
  }

  private static let figures: Set<Substring> = [
    "Rss", "Pss", "Shared_Clean", "Shared_Dirty", "Private_Clean", "Private_Dirty", "Anonymous", "Swap", "Locked",
  ]

  /// The line of an area, and its pages.
  private func header(_ fields: [Substring], _ process: ProcessIndex) -> String {
    let range = fields[0].split(separator: "-").map { UInt64($0, radix: 16)! }
    var text = String(range[0], radix: 16) + "-" + String(range[1], radix: 16) + " \(fields[1]) "
    text += String(UInt64(fields[2], radix: 16)!, radix: 16)
    if fields[4] != "0" {
      let key = fields[3] + " " + fields[4]
      let known = objects[String(key)] ?? objects.count
      objects[String(key)] = known
      text += " object \(known)"
    }
    if fields.count > 5, fields[5].hasPrefix("[") { text += " \(fields[5])" }
    text += "\n"
    let first = range[0] >> 12
    let last = range[1] >> 12
    if last - first <= 16384 { return text + pages(process, first..<last) }
    return text + pages(process, first..<(first + 8192)) + pages(process, (last - 8192)..<last)
  }

  private func pages(_ process: ProcessIndex, _ pages: Range<UInt64>) -> String {
    let kept: UInt64 = 1 << 63 | 1 << 62 | 1 << 61 | 1 << 57 | 1 << 56 | 1 << 55
    var text = ""
    var run: (first: UInt64, count: UInt64, flags: UInt64) = (0, 0, 0)
    func end() {
      if run.count > 0 && run.flags != 0 {
        text += "page \(String(run.first, radix: 16))+\(run.count) \(String(run.flags >> 55, radix: 16))\n"
      }
    }
    for (index, word) in machine.pagemap(process, pages).enumerated() {
      if run.count > 0 && word & kept == run.flags {
        run.count += 1
      } else {
        end()
        run = (pages.lowerBound + UInt64(index), 1, word & kept)
      }
    }
    end()
    return text
  }

  private func lines(_ bytes: [UInt8], _ names: [String]) -> String {
    var values: [Substring: Substring] = [:]
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      let fields = line.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == ":" })
      if fields.count > 1 { values[fields[0]] = fields[1] }
    }
    return names.map { "\($0) \(values[Substring($0)] ?? "?")\n" }.joined()
  }

  /// FNV-1a, as the driver has it.
  private func hash(_ text: String) -> UInt64 {
    text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  var initialState: UInt64 { hash(describe(process: 0)) }
}

struct Problem: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
