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
  case shmctl = 31
  case shmdt = 67
  case mlock = 149
  case munlock = 150
  case mlockall = 151
  case munlockall = 152
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
      case .munmap:
        // Told before it is done, so that no other thread's mapping can come first: it may yet have failed.
        do throws(Errno) { try machine.unmap(index, address, length: fields[2]) } catch {}
      case .brk:
        if !processes[number].knowsBreak {
          processes[number].knowsBreak = true
          if fields[1] == 0 { machine.setBreakStart(index, result) }
        }
        // A break that stays below what was asked for was refused by the kernel.
        if fields[1] != 0, result.rawValue == fields[1] {
          guard try machine.setBreak(index, address) == address else { throw .ENOMEM }
        }
      case .mremap:
        let moved = result != address
        var flags = RemapRequest.Flags(rawValue: fields[4]).intersection(.keepOld)
        if moved { flags.formUnion([.mayMove, .fixed]) }
        _ = try machine.remap(
          index,
          RemapRequest(
            address: address, oldLength: fields[2], newLength: fields[3], flags: flags, target: result))
      case .madvise:
        try machine.advise(
          index, address, length: fields[2], advice: Int32(truncatingIfNeeded: fields[3]))
      case .mlock: try machine.lock(index, address, length: fields[2])
      case .mlock2: try machine.lock(index, address, length: fields[2], onFault: fields[3] & 1 != 0)
      case .munlock: try machine.unlock(index, address, length: fields[2])
      case .mlockall:
        try machine.lockAll(
          index, current: fields[1] & 1 != 0, future: fields[1] & 2 != 0, onFault: fields[1] & 4 != 0)
      case .munlockall: try machine.unlockAll(index)
      case .shmat: try attach(fields, index, at: result)
      case .shmdt: try machine.detach(index, address)
      case .shmctl:
        let remove: UInt64 = 0
        if fields[2] == remove, let segment = segments[fields[1]] { try machine.remove(segment) }
      }
    } catch {
      // A process that the model has killed is told of elsewhere.
      if error != .ESRCH { noteDivergence() }
    }
  }

  /// Maps a System V segment, the same memory for all who attach it.
  private mutating func attach(
    _ fields: [UInt64], _ index: ProcessIndex, at result: VirtualAddress
  ) throws(Errno) {
    let length = min(fields[10], 1 << 46)
    guard length > 0 else { throw .EINVAL }
    // The kernel gives numbers of segments that have ended to others.
    var known = segments[fields[9]]
    if known == nil || !machine.isAlive(known!) { known = machine.createSegment(size: length) }
    let segment = known!
    segments[fields[9]] = segment
    var flags = AttachFlags(rawValue: UInt32(truncatingIfNeeded: fields[3]))
    flags.insert(.replace)
    _ = try machine.attach(index, segment, at: result, flags)
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
        FileIdentity(device: fields[8], inode: fields[9]), size: min(fields[10], 1 << 50),
        isSharedMemory: kind == .sharedMemory)
    } else {
      flags.insert(.anonymous)
    }
    let request = MapRequest(
      address: result, length: fields[2], protection: Protection(rawValue: fields[3] & 7),
      flags: flags, file: file, offset: fields[6])
    _ = try machine.map(index, request)
  }
}
