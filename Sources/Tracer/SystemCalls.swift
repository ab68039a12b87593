import CQemuPlugin

/// Numbers of the system calls that the tracer handles itself (x86-64).
enum CallNumber {
  static let mmap: Int64 = 9
  static let mprotect: Int64 = 10
  static let munmap: Int64 = 11
  static let brk: Int64 = 12
  static let mremap: Int64 = 25
  static let msync: Int64 = 26
  static let mincore: Int64 = 27
  static let madvise: Int64 = 28
  static let shmat: Int64 = 30
  static let shmctl: Int64 = 31
  static let clone: Int64 = 56
  static let fork: Int64 = 57
  static let vfork: Int64 = 58
  static let execve: Int64 = 59
  static let exit: Int64 = 60
  static let shmdt: Int64 = 67
  static let mlock: Int64 = 149
  static let munlock: Int64 = 150
  static let mlockall: Int64 = 151
  static let munlockall: Int64 = 152
  static let remapFilePages: Int64 = 216
  static let exitGroup: Int64 = 231
  static let execveat: Int64 = 322
  static let mlock2: Int64 = 325

  /// Whether the call changes or asks about the address space, so that the model must carry it out.
  static func concernsMemory(_ number: Int64) -> Bool {
    switch number {
    case mmap, mprotect, munmap, brk, mremap, msync, mincore, madvise, shmat, shmctl, shmdt, mlock, munlock,
      mlockall, munlockall, remapFilePages, mlock2:
      true
    default: false
    }
  }
}

private let cloneVM: UInt64 = 0x100
private let cloneVfork: UInt64 = 0x4000
private let cloneThread: UInt64 = 0x10000
/// Forks of this process and its ancestors so far, to tell children apart.
nonisolated(unsafe) private var forkCount: UInt64 = 0

/// A thread enters a system call.
func systemCallEntered(
  _ id: qemu_plugin_id_t, _ processor: UInt32, _ number: Int64, _ a: UInt64, _ b: UInt64, _ c: UInt64,
  _ d: UInt64, _ e: UInt64, _ f: UInt64, _ g: UInt64, _ h: UInt64
) {
  guard let words = ThreadState.all[Int(processor)] else { return }
  let state = ThreadState(words)
  if state[ThreadState.process] == 0 { identify(state) }
  state[ThreadState.call] = UInt64(bitPattern: number)
  state[ThreadState.callArguments] = a
  state[ThreadState.callArguments + 1] = b
  state[ThreadState.callArguments + 2] = c
  state[ThreadState.callArguments + 3] = d
  state[ThreadState.callArguments + 4] = e
  state[ThreadState.callArguments + 5] = f
  // All accesses so far come before what the call does.
  state.commit()
  let builder = SliceBuilder(state: state)
  switch number {
  case CallNumber.fork, CallNumber.vfork, CallNumber.clone:
    let flags = number == CallNumber.clone ? a : number == CallNumber.vfork ? cloneVM | cloneVfork : 0
    if flags & cloneThread == 0 {
      forkCount += 1
      state[ThreadState.forkToken] = forkCount
      builder.event(.forkBegin, forkCount, flags & cloneVM != 0 ? 1 : 0, count: 2)
      if flags & cloneVfork != 0 { VforkGate.prepare() }
    }
  case CallNumber.execve:
    executeTraced(state, path: a, arguments: b, environment: c)
    VforkGate.open()
  case CallNumber.execveat:
    let name: StaticString = "execveat"
    builder.event(
      .untraced, UnsafeBufferPointer(start: nil, count: 0), text: name.utf8Start, textCount: name.utf8CodeUnitCount)
  case CallNumber.munmap:
    // Told before it is done: afterwards another thread may map the range again and tell that first.
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 12) { fields in
      for index in 0..<12 { fields[index] = 0 }
      fields[0] = UInt64(number)
      fields[1] = a
      fields[2] = b
      builder.event(.systemCall, UnsafeBufferPointer(fields))
    }
  case CallNumber.exitGroup:
    VforkGate.open()
    exitStatus = a & 0xff
  case CallNumber.exit:
    builder.event(.threadExit, 0, count: 0)
  default: break
  }
  state.commit()
}

/// A thread returns from a system call.
func systemCallReturned(_ id: qemu_plugin_id_t, _ processor: UInt32, _ number: Int64, _ result: Int64) {
  guard let words = ThreadState.all[Int(processor)] else { return }
  let state = ThreadState(words)
  let builder = SliceBuilder(state: state)
  switch number {
  case CallNumber.fork, CallNumber.vfork, CallNumber.clone:
    let token = state[ThreadState.forkToken]
    state[ThreadState.forkToken] = 0
    if token != 0 {
      if result == 0 {
        let parent = state[ThreadState.process]
        ring.attach(1)
        VforkGate.isChild = VforkGate.isPrepared
        identify(state)
        builder.event(.forked, parent, token, count: 2)
        state.commit()
      } else if result < 0 {
        builder.event(.forkFailed, token, count: 1)
        state.commit()
      } else {
        VforkGate.wait(for: Int32(truncatingIfNeeded: result))
      }
      VforkGate.isPrepared = false
    }
  default: break
  }
  let arguments = UnsafePointer(state.words + ThreadState.callArguments)
  if CallNumber.concernsMemory(number) {
    if number != CallNumber.munmap { reportMemoryCall(state, number, arguments, result) }
    closeOtherSlices(state)
  }
  reportTouches(state, number, arguments, result)
  reportChildEnd(state, number, arguments, result)
  if CallNumber.concernsMemory(number) { state.commit() }
}

/// Tells of a child's end that a wait told the program of.
private func reportChildEnd(
  _ state: ThreadState, _ number: Int64, _ arguments: UnsafePointer<UInt64>, _ result: Int64
) {
  let wait4: Int64 = 61
  let waitid: Int64 = 247
  if number == wait4 && result > 0 && arguments[1] != 0 {
    let status = guestWord(arguments[1]) & 0xffff
    // Stopped and continued children live on.
    if status & 0xff != 0x7f && status != 0xffff {
      SliceBuilder(state: state).event(.childEnded, UInt64(result), status, count: 2)
    }
  } else if number == waitid && result == 0 && arguments[2] != 0 {
    // siginfo_t: code at byte 8, process at 12 (after padding, 16 - 4), status at 24.
    let code = guestWord(arguments[2] + 8) & 0xffff_ffff
    let child = guestWord(arguments[2] + 16) & 0xffff_ffff
    let status = guestWord(arguments[2] + 24) & 0xffff_ffff
    if child != 0 && (1...3).contains(code) {
      let waitStatus = code == 1 ? (status & 0xff) << 8 : status & 0x7f
      SliceBuilder(state: state).event(.childEnded, child, waitStatus, count: 2)
    }
  }
}

/// Makes the other threads close their slices, since the address space has changed under them.
///
/// The thread that runs meanwhile sees it when it next enters a page: forgetting its page makes it look.
private func closeOtherSlices(_ own: ThreadState) {
  for index in 0..<highestProcessor {
    guard let words = ThreadState.all[index], words != own.words else { continue }
    words[ThreadState.mustClose] = 1
    words[ThreadState.fetchPage] = ThreadState.noPage
  }
}

/// One past the highest index of a virtual processor in use.
nonisolated(unsafe) var highestProcessor = 0

/// Tells a memory system call with its arguments, its result and the file it maps.
private func reportMemoryCall(
  _ state: ThreadState, _ number: Int64, _ arguments: UnsafePointer<UInt64>, _ result: Int64
) {
  withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 12) { fields in
    fields[0] = UInt64(bitPattern: number)
    for index in 0..<6 { fields[index + 1] = arguments[index] }
    fields[7] = UInt64(bitPattern: result)
    for index in 8..<12 { fields[index] = 0 }
    let anonymous: UInt64 = 0x20
    if number == CallNumber.mmap && arguments[3] & anonymous == 0 && result >= 0 {
      var status = stat()
      let file = Int32(truncatingIfNeeded: arguments[4])
      if fstat(file, &status) == 0 {
        fields[8] = UInt64(status.st_dev)
        fields[9] = UInt64(status.st_ino)
        fields[10] = UInt64(status.st_size)
        fields[11] = fileKind(file, status).rawValue
        reportName(state, file, status)
      }
    }
    if number == CallNumber.shmat && result >= 0 {
      var segment = shmid_ds()
      if shmctl(Int32(truncatingIfNeeded: arguments[0]), IPC_STAT, &segment) == 0 {
        fields[9] = arguments[0]
        fields[10] = UInt64(segment.shm_segsz)
        fields[11] = FileKind.sharedMemory.rawValue
      }
    }
    SliceBuilder(state: state).event(.systemCall, UnsafeBufferPointer(fields))
  }
}

/// What kind of file it is.
func fileKind(_ file: Int32, _ status: stat) -> FileKind {
  guard status.st_mode & 0o170000 == 0o100000 else { return .device }
  var system = statfs()
  let tmpfs = 0x0102_1994
  return fstatfs(file, &system) == 0 && system.f_type == tmpfs ? .sharedMemory : .regular
}

/// Tells the path of a file.
private func reportName(_ state: ThreadState, _ file: Int32, _ status: stat) {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4160) { buffer in
    let path = buffer.baseAddress.unsafelyUnwrapped
    let length = readLink(ofFile: file, path, 4096)
    guard length > 0 else { return }
    SliceBuilder(state: state).nameEvent(
      device: UInt64(status.st_dev), inode: UInt64(status.st_ino), path, Int(length))
  }
}

/// Puts the path of an open file into a buffer that has room for 64 bytes more than `capacity`.
///
/// - Returns: its length, or less than 0.
func readLink(ofFile file: Int32, _ path: UnsafeMutablePointer<CChar>, _ capacity: Int) -> Int {
  let link = path + (capacity + 4)
  // "/proc/self/fd/" and the number.
  let prefix: StaticString = "/proc/self/fd/"
  memcpy(link, prefix.utf8Start, 14)
  var digits = 0
  var divisor: Int32 = 1
  while file / divisor > 9 { divisor *= 10 }
  while divisor > 0 {
    link[14 + digits] = CChar(48 + file / divisor % 10)
    digits += 1
    divisor /= 10
  }
  link[14 + digits] = 0
  return Int(readlink(link, path, Int(capacity)))
}

extension SliceBuilder {
  func nameEvent(device: UInt64, inode: UInt64, _ path: UnsafePointer<CChar>, _ length: Int) {
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 2) { fields in
      fields[0] = device
      fields[1] = inode
      event(
        .fileName, UnsafeBufferPointer(fields),
        text: UnsafeRawPointer(path).assumingMemoryBound(to: UInt8.self), textCount: length)
    }
  }
}
