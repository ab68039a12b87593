import CQemuPlugin

/// Tells which memory the kernel read and wrote for the program in a system call, which QEMU does not show.
struct TouchReporter {
  let builder: SliceBuilder
  let arguments: UnsafePointer<UInt64>
  let result: Int64

  private func touch(_ address: UInt64, _ length: UInt64, writes: Bool) {
    guard address != 0, length > 0, address < 1 << 47 else { return }
    builder.event(.touch, address, min(length, 1 << 40), writes ? 1 : 0, count: 3)
  }

  /// The kernel read `length` bytes at argument `index`.
  func reads(_ index: Int, _ length: UInt64) { touch(arguments[index], length, writes: false) }

  /// The kernel wrote `length` bytes at argument `index`, if the call succeeded.
  func writes(_ index: Int, _ length: UInt64) {
    if result >= 0 { touch(arguments[index], length, writes: true) }
  }

  /// The kernel read the text at argument `index`. A call that failed may have had no text there.
  func readsText(_ index: Int) {
    guard result != -14, arguments[index] != 0 else { return }
    touch(arguments[index], UInt64(strnlen(guestText(arguments[index]), 4096)) + 1, writes: false)
  }

  /// The kernel went through the vector of `count` buffers at argument `index`, `total` bytes in all.
  func vector(_ index: Int, _ count: UInt64, _ total: Int64, writes: Bool) {
    guard result >= 0 else { return }
    vector(at: arguments[index], count, total, writes: writes)
  }

  private func vector(at address: UInt64, _ count: UInt64, _ total: Int64, writes: Bool) {
    guard address != 0, count <= 1024 else { return }
    touch(address, count * 16, writes: false)
    var left = UInt64(max(total, 0))
    for item in 0..<count where left > 0 {
      let length = min(guestWord(address + item * 16 + 8), left)
      touch(guestWord(address + item * 16), length, writes: writes)
      left -= length
    }
  }

  /// The message header at argument `index` of sendmsg and recvmsg.
  func message(_ index: Int, writes: Bool) {
    guard result >= 0 else { return }
    let header = arguments[index]
    guard header != 0 else { return }
    touch(header, 56, writes: writes)
    let name = guestWord(header)
    if name != 0 { touch(name, guestWord(header + 8) & 0xffff_ffff, writes: writes) }
    vector(at: guestWord(header + 16), guestWord(header + 24), result, writes: writes)
    let control = guestWord(header + 32)
    if control != 0 { touch(control, guestWord(header + 40), writes: writes) }
  }

  /// The program read or wrote `result` bytes of a file, ending at its position or beginning at `offset`.
  func file(_ index: Int, offset: Int64?, writes: Bool) {
    guard result > 0 else { return }
    var status = stat()
    let file = Int32(truncatingIfNeeded: arguments[index])
    guard fstat(file, &status) == 0, status.st_mode & 0o170000 == 0o100000 else { return }
    var system = statfs()
    if fstatfs(file, &system) == 0 && Self.isMadeUp(system.f_type) {
      // What the kernel answers itself lies in no page cache.
      if writes { killAdjustment(file) }
      return
    }
    let start = offset ?? Int64(lseek(file, 0, SEEK_CUR)) - result
    guard start >= 0 else { return }
    builder.event(
      .fileAccess, UInt64(status.st_dev), UInt64(status.st_ino), UInt64(status.st_size),
      UInt64(start), UInt64(result), writes ? 1 : 0, count: 6)
  }
}

extension TouchReporter {
  /// Whether files of a file system have no pages: proc, sysfs, cgroup2.
  fileprivate static func isMadeUp(_ type: Int) -> Bool { type == 0x9fa0 || type == 0x6265_6572 || type == 0x6367_7270 }

  /// Tells of a write to `/proc/PID/oom_score_adj`.
  fileprivate func killAdjustment(_ file: Int32) {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 320) { buffer in
      let path = buffer.baseAddress.unsafelyUnwrapped
      let length = readLink(ofFile: file, path, 256)
      let name: StaticString = "/oom_score_adj"
      let prefix: StaticString = "/proc/"
      guard length > 20, memcmp(path, prefix.utf8Start, 6) == 0,
        memcmp(path + (length - 14), name.utf8Start, 14) == 0
      else { return }
      var process: UInt64 = 0
      var place = 6
      while path[place] >= 48 && path[place] <= 57 {
        process = process * 10 + UInt64(path[place] - 48)
        place += 1
      }
      var value: Int64 = 0
      var isNegative = false
      for index in 0..<min(UInt64(result), 6) {
        let byte = guestWord(arguments[1] + index) & 0xff
        if byte == 45 { isNegative = true }
        if byte >= 48 && byte <= 57 { value = value * 10 + Int64(byte - 48) }
      }
      builder.event(.killAdjustment, process, UInt64(bitPattern: isNegative ? -value : value), count: 2)
    }
  }
}

/// Tells the touches of a system call that returned.
func reportTouches(
  _ state: ThreadState, _ number: Int64, _ arguments: UnsafePointer<UInt64>, _ result: Int64
) {
  let report = TouchReporter(
    builder: SliceBuilder(state: state), arguments: arguments, result: result)
  let got = UInt64(max(result, 0))
  let a = arguments
  switch number {
  case 0:  // read
    report.writes(1, got)
    report.file(0, offset: nil, writes: false)
  case 1:  // write
    report.reads(1, result >= 0 ? got : 0)
    report.file(0, offset: nil, writes: true)
  case 17:  // pread64
    report.writes(1, got)
    report.file(0, offset: Int64(bitPattern: a[3]), writes: false)
  case 18:  // pwrite64
    report.reads(1, got)
    report.file(0, offset: Int64(bitPattern: a[3]), writes: true)
  case 19:  // readv
    report.vector(1, a[2], result, writes: true)
    report.file(0, offset: nil, writes: false)
  case 20:  // writev
    report.vector(1, a[2], result, writes: false)
    report.file(0, offset: nil, writes: true)
  case 295, 327:  // preadv, preadv2
    report.vector(1, a[2], result, writes: true)
    report.file(0, offset: Int64(bitPattern: a[3]), writes: false)
  case 296, 328:  // pwritev, pwritev2
    report.vector(1, a[2], result, writes: false)
    report.file(0, offset: Int64(bitPattern: a[3]), writes: true)
  case 40:  // sendfile
    report.writes(2, 8)
    // With an offset of its own the file's position stays where it was.
    report.file(1, offset: a[2] == 0 ? nil : Int64(bitPattern: guestWord(a[2])) - result, writes: false)
    report.file(0, offset: nil, writes: true)
  case 2, 21, 76, 80, 83, 84, 85, 87, 90, 92, 94, 132, 161, 166, 235:  // one path first
    report.readsText(0)
  case 82, 86, 88:  // rename, link, symlink
    report.readsText(0)
    report.readsText(1)
  case 257, 258, 259, 260, 261, 263, 268, 269, 280, 439:  // a path after a directory
    report.readsText(1)
  case 264, 265, 316:  // renameat, linkat, renameat2
    report.readsText(1)
    report.readsText(3)
  case 4, 6:  // stat, lstat
    report.readsText(0)
    report.writes(1, 144)
  case 5: report.writes(1, 144)  // fstat
  case 262:  // newfstatat
    report.readsText(1)
    report.writes(2, 144)
  case 332:  // statx
    report.readsText(1)
    report.writes(4, 256)
  case 7, 271: report.writes(0, a[1] * 8)  // poll, ppoll
  case 23, 270:  // select, pselect6
    for set in 1...3 { report.writes(set, (a[0] + 7) / 8) }
  case 13:  // rt_sigaction
    report.reads(1, 32)
    report.writes(2, 32)
  case 14:  // rt_sigprocmask
    report.reads(1, 8)
    report.writes(2, 8)
  case 16:  // ioctl: the request tells size and direction; terminal requests are older than that
    let request = a[1]
    let size = request >> 16 & 0x3fff
    switch request {
    case 0x5401: report.writes(2, 36)
    case 0x5402...0x5404: report.reads(2, 36)
    case 0x5413: report.writes(2, 8)
    case 0x541b, 0x540f: report.writes(2, 4)
    default:
      if request >> 30 & 1 != 0 { report.reads(2, size) }
      if request >> 31 & 1 != 0 { report.writes(2, size) }
    }
  case 22, 293: report.writes(0, 8)  // pipe, pipe2
  case 27: report.writes(2, (a[1] + 4095) / 4096)  // mincore
  case 35:  // nanosleep
    report.reads(0, 16)
  case 230: report.reads(2, 16)  // clock_nanosleep
  case 38:  // setitimer
    report.reads(1, 32)
    report.writes(2, 32)
  case 42, 49: report.reads(1, a[2])  // connect, bind
  case 43, 51, 52, 288:  // accept, getsockname, getpeername, accept4
    report.writes(1, 16)
    report.writes(2, 4)
  case 44:  // sendto
    report.reads(1, got)
    report.reads(4, a[5])
  case 45:  // recvfrom
    report.writes(1, got)
    if a[4] != 0 { report.writes(4, 16) }
  case 46: report.message(1, writes: false)  // sendmsg
  case 47: report.message(1, writes: true)  // recvmsg
  case 53: report.writes(3, 8)  // socketpair
  case 54: report.reads(3, a[4])  // setsockopt
  case 55:  // getsockopt
    report.writes(3, 4)
    report.writes(4, 4)
  case 56:  // clone: the parent's and the child's thread number
    if a[0] & 0x0010_0000 != 0 { report.writes(2, 4) }
    if a[0] & 0x0100_0000 != 0 { report.writes(3, 4) }
  case 61:  // wait4
    report.writes(1, 4)
    report.writes(3, 144)
  case 247: report.writes(2, 128)  // waitid
  case 63: report.writes(0, 390)  // uname
  case 72:  // fcntl with a lock
    if (5...7).contains(a[1]) { report.writes(2, 32) }
  case 78, 217: report.writes(1, got)  // getdents, getdents64
  case 79: report.writes(0, got)  // getcwd
  case 89:  // readlink
    report.readsText(0)
    report.writes(1, got)
  case 267:  // readlinkat
    report.readsText(1)
    report.writes(2, got)
  case 96: report.writes(0, 16)  // gettimeofday
  case 97: report.writes(1, 16)  // getrlimit
  case 160: report.reads(1, 16)  // setrlimit
  case 98: report.writes(1, 144)  // getrusage
  case 99: report.writes(0, 112)  // sysinfo
  case 100: report.writes(0, 32)  // times
  case 115: report.writes(1, got * 4)  // getgroups
  case 131:  // sigaltstack
    report.reads(0, 24)
    report.writes(1, 24)
  case 137:  // statfs
    report.readsText(0)
    report.writes(1, 120)
  case 138: report.writes(1, 120)  // fstatfs
  case 157:  // prctl: PR_SET_NAME, PR_GET_NAME
    if a[0] == 15 { report.reads(1, 16) }
    if a[0] == 16 { report.writes(1, 16) }
  case 158:  // arch_prctl: ARCH_GET_FS, ARCH_GET_GS
    if a[0] == 0x1003 || a[0] == 0x1004 { report.writes(1, 8) }
  case 191, 192, 194, 195: report.readsText(0)  // getxattr, lgetxattr, listxattr, llistxattr
  case 201: report.writes(0, 8)  // time
  case 202:  // futex
    report.reads(0, 4)
    if a[1] & 0x7f == 0 || a[1] & 0x7f == 9 { report.reads(3, 16) }
  case 203: report.reads(2, a[1])  // sched_setaffinity
  case 204: report.writes(2, got)  // sched_getaffinity
  case 228, 229: report.writes(1, 16)  // clock_gettime, clock_getres
  case 232, 281: report.writes(1, got * 12)  // epoll_wait, epoll_pwait
  case 233: report.reads(3, 12)  // epoll_ctl
  case 302:  // prlimit64
    report.reads(2, 16)
    report.writes(3, 16)
  case 318: report.writes(0, got)  // getrandom
  case 319: report.readsText(0)  // memfd_create
  default: break
  }
}
