import Glibc
import LinuxMM

extension MemorySource {
  /// Memory of this host, reserved with mmap: pages cost nothing until they are written, and the host does not
  /// count what is only reserved.
  public static let host = reserving(inHugePages: false)

  /// The same in huge pages, where the host has some: as Linux maps all memory for itself.
  public static let hostInHugePages = reserving(inHugePages: true)

  private static func reserving(inHugePages: Bool) -> MemorySource {
    unsafe MemorySource(
      reserve: { byteCount in
        // SAFETY: a new private mapping; the result is checked.
        let region = unsafe mmap(
          nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        guard let region = unsafe region == MAP_FAILED ? nil : region else { return nil }
        // SAFETY: advice about the new mapping; a host without huge pages refuses it.
        if inHugePages { _ = unsafe madvise(region, byteCount, MADV_HUGEPAGE) }
        return unsafe region
      },
      release: { base, byteCount in
        // SAFETY: called with a region of `reserve` and its size.
        unsafe munmap(base, byteCount)
      })
  }
}
