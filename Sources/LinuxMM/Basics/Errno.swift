// The cases have the names that the kernel gives them.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

/// The error of a system call, under the kernel's own names and numbers
/// (`include/uapi/asm-generic/errno-base.h`).
public enum Errno: Int32, Error, Sendable {
  case EPERM = 1
  case ENOENT = 2
  case ESRCH = 3
  case EINTR = 4
  case EBADF = 9
  case EAGAIN = 11
  case ENOMEM = 12
  case EACCES = 13
  case EFAULT = 14
  case EBUSY = 16
  case EEXIST = 17
  case ENODEV = 19
  case EINVAL = 22
  case ETXTBSY = 26
  case EOVERFLOW = 75
  case EOPNOTSUPP = 95
}
