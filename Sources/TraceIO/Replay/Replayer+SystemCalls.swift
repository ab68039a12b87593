import LinuxMM

/// Numbers of the memory system calls (x86-64, `arch/x86/entry/syscalls/syscall_64.tbl`).
private enum MemoryCall: UInt64 {
  case mmap = 9
  case mprotect = 10
  case munmap = 11
  case brk = 12
  case mremap = 25
  case madvise = 28
  case shmat = 30
  case shmdt = 67
  case mlock = 149
  case munlock = 150
  case mlock2 = 325
}

extension Replayer {
  /// Carries out a memory system call as it went for the program: a mapping goes where the program's went. A call
  /// that failed changed nothing and is left out.
  ///
  /// - Parameter fields: number, six arguments, result, then the file of an mmap.
  mutating func handleCall(_ fields: [UInt64], _ number: Int) {
    let failed = Int64(bitPattern: fields[7]) < 0 && Int64(bitPattern: fields[7]) > -4096
    guard let call = MemoryCall(rawValue: fields[0]), !failed else { return }
    let index = processes[number].index
    let address = VirtualAddress(fields[1])
    let result = VirtualAddress(fields[7])
    do throws(Errno) {
      switch call {
      case .mmap: try map(fields, index, at: result)
      case .mprotect:
        try machine.protect(
          index, address, length: fields[2], Protection(rawValue: fields[3] & 7))
      case .munmap: try machine.unmap(index, address, length: fields[2])
      case .brk:
        if !processes[number].knowsBreak {
          processes[number].knowsBreak = true
          machine.setBreakStart(index, fields[1] == 0 ? result : address)
          if fields[1] == 0 { return }
        }
        // A break that stays below what was asked for was refused by the kernel.
        if fields[1] != 0, result.rawValue == fields[1] {
          guard try machine.setBreak(index, address) == address else { throw .ENOMEM }
        }
      case .mremap:
        let flags = fields[4]
        let moved = result != address
        _ = try machine.remap(
          index, address, oldLength: fields[2], newLength: fields[3], mayMove: moved,
          target: moved ? result : nil, keepsOld: flags & 4 != 0)
      case .madvise:
        guard let advice = Advice(rawValue: Int32(truncatingIfNeeded: fields[3])) else { return }
        try machine.advise(index, address, length: fields[2], advice)
      case .mlock, .mlock2, .munlock:
        try machine.lock(index, address, length: fields[2], locks: call != .munlock)
      case .shmat: try attach(fields, index, at: result)
      case .shmdt:
        if let length = attachedLengths[address.page.rawValue] {
          try machine.unmap(index, address, length: length)
        }
      }
    } catch {
      noteDivergence()
    }
  }

  /// Maps a System V segment, the same memory for all who attach it.
  private mutating func attach(
    _ fields: [UInt64], _ index: ProcessIndex, at result: VirtualAddress
  ) throws(Errno) {
    let length = min(fields[10], 1 << 46)
    guard length > 0 else { throw .EINVAL }
    let segment =
      segments[fields[9]] ?? machine.sharedMemory(size: length)
    segments[fields[9]] = segment
    attachedLengths[result.page.rawValue] = length
    let readOnly: UInt64 = 0o10000
    _ = try machine.map(
      index,
      MapRequest(
        address: result, length: length,
        protection: fields[3] & readOnly != 0 ? .read : [.read, .write], flags: [.shared, .fixed],
        file: segment))
  }

  private mutating func map(
    _ fields: [UInt64], _ index: ProcessIndex, at result: VirtualAddress
  ) throws(Errno) {
    var flags = MapFlags(rawValue: fields[4])
    // MAP_SHARED_VALIDATE is MAP_SHARED that was checked.
    if flags.isSuperset(of: [.shared, .private]) { flags.remove(.private) }
    flags.subtract([.fixedNoReplace])
    flags.insert(.fixed)
    let kind = FileKind(rawValue: fields[11]) ?? .none
    var file = FileIndex.none
    if kind == .regular || kind == .sharedMemory {
      file = machine.file(
        FileIdentity(device: fields[8], inode: fields[9]), size: min(fields[10], 1 << 50))
    } else {
      flags.insert(.anonymous)
    }
    let request = MapRequest(
      address: result, length: fields[2], protection: Protection(rawValue: fields[3] & 7),
      flags: flags, file: file, offset: fields[6])
    _ = try machine.map(index, request)
  }
}
