import Glibc

/// The same operations of the running kernel, in this process. Nanoseconds each.
enum KernelOperations {
  private static let pages = 16384

  private static func time(_ count: Int, _ body: () -> Void) -> Double {
    let start = ContinuousClock.now
    body()
    return start.duration(to: .now) / .nanoseconds(1) / Double(count)
  }

  // SAFETY: every region is mapped here, touched within its bounds and unmapped here.
  private static func region(_ bytes: Int, _ flags: Int32 = MAP_PRIVATE | MAP_ANONYMOUS, _ file: Int32 = -1)
    -> UnsafeMutableRawPointer
  {
    let region = unsafe mmap(nil, bytes, PROT_READ | PROT_WRITE, flags, file, 0)!
    unsafe madvise(region, bytes, MADV_NOHUGEPAGE)
    return unsafe region
  }

  private static func touch(_ region: UnsafeMutableRawPointer) {
    for page in 0..<pages { unsafe region.storeBytes(of: 1, toByteOffset: page * 4096, as: UInt8.self) }
  }

  static func freshFault() -> Double {
    let region = unsafe region(pages * 4096)
    defer { unsafe munmap(region, pages * 4096) }
    return time(pages) { unsafe touch(region) }
  }

  /// Every sixteenth page, so that mapping around brings none of the others.
  static func fileFault() throws -> Double {
    let file = Int32(unsafe memoryFile("quire", 0))
    guard file >= 0, ftruncate(file, pages * 4096) == 0 else { throw Problem("memfd_create failed") }
    defer { close(file) }
    let first = unsafe region(pages * 4096, MAP_SHARED, file)
    unsafe touch(first)
    unsafe munmap(first, pages * 4096)
    let region = unsafe region(pages * 4096, MAP_SHARED, file)
    defer { unsafe munmap(region, pages * 4096) }
    var sum: UInt64 = 0
    let result = time(pages / 16) {
      for page in stride(from: 0, to: pages, by: 16) {
        sum &+= UInt64(unsafe region.load(fromByteOffset: page * 4096, as: UInt8.self))
      }
    }
    return sum == .max ? 0 : result
  }

  static func copyOnWrite() -> Double {
    let region = unsafe region(pages * 4096)
    defer { unsafe munmap(region, pages * 4096) }
    unsafe touch(region)
    let shared = unsafe mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)!
    defer { unsafe munmap(shared, 4096) }
    let child = unsafe syscall0(57)
    if child == 0 {
      let result = time(pages) { unsafe touch(region) }
      unsafe shared.storeBytes(of: result, as: Double.self)
      _exit(0)
    }
    var status: Int32 = 0
    unsafe waitpid(pid_t(child), &status, 0)
    return unsafe shared.load(as: Double.self)
  }

  static func mapAndUnmap(areas: Int) -> Double {
    let base = unsafe mmap(nil, areas * 8192 + 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)!
    for area in 0..<areas { unsafe mprotect(base + area * 8192, 4096, PROT_READ) }
    defer { unsafe munmap(base, areas * 8192 + 4096) }
    let count = 20_000
    return time(count) {
      for _ in 0..<count {
        let page = unsafe mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)!
        unsafe munmap(page, 4096)
      }
    }
  }

  static func splitAndMerge() -> Double {
    let region = unsafe mmap(nil, 16 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)!
    defer { unsafe munmap(region, 16 * 4096) }
    let count = 20_000
    return time(count * 2) {
      for _ in 0..<count {
        unsafe mprotect(region + 8 * 4096, 4096, PROT_READ)
        unsafe mprotect(region + 8 * 4096, 4096, PROT_READ | PROT_WRITE)
      }
    }
  }

  static func fork() -> Double {
    let region = unsafe region(pages * 4096)
    defer { unsafe munmap(region, pages * 4096) }
    unsafe touch(region)
    return time(pages * 8) {
      for _ in 0..<8 {
        let child = unsafe syscall0(57)
        if child == 0 { _exit(0) }
        var status: Int32 = 0
        unsafe waitpid(pid_t(child), &status, 0)
      }
    }
  }

  private static let memoryFile = unsafe unsafeBitCast(
    dlsym(nil, "memfd_create"), to: (@convention(c) (UnsafePointer<CChar>, UInt32) -> Int32).self)

  /// A system call without arguments: fork, which Swift does not offer.
  private static func syscall0(_ number: Int) -> Int { unsafe syscallFunction(number) }

  private static let syscallFunction = unsafe unsafeBitCast(
    dlsym(nil, "syscall"), to: (@convention(c) (Int) -> Int).self)
}
