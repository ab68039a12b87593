import Glibc
import LinuxMM

extension MemorySource {
  /// Memory of this host, reserved with mmap: pages cost nothing until they are written, and the host does not
  /// count what is only reserved.
  public static let host = unsafe MemorySource(
    reserve: { byteCount in
      // SAFETY: a new private mapping; the result is checked.
      let region = unsafe mmap(
        nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
      return unsafe region == MAP_FAILED ? nil : region
    },
    release: { base, byteCount in
      // SAFETY: called with a region of `reserve` and its size.
      unsafe munmap(base, byteCount)
    })
}
