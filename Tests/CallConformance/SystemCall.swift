// The cases have the names that the kernel gives them.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

/// Numbers of the system calls (x86-64, `arch/x86/entry/syscalls/syscall_64.tbl`).
enum SystemCall: UInt64 {
  case close = 3
  case mmap = 9
  case mprotect = 10
  case munmap = 11
  case brk = 12
  case ioctl = 16
  case mremap = 25
  case msync = 26
  case mincore = 27
  case madvise = 28
  case shmget = 29
  case shmat = 30
  case shmctl = 31
  case shmdt = 67
  case ftruncate = 77
  case mlock = 149
  case munlock = 150
  case mlockall = 151
  case munlockall = 152
  case setrlimit = 160
  case remap_file_pages = 216
  case fallocate = 285
  case userfaultfd = 323
  case mlock2 = 325
}
