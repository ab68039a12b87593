/// What of an address space is placed at random. Linux: `kernel.randomize_va_space`.
public enum AddressRandomization: Int, Sendable, CaseIterable {
  /// Nothing.
  case none = 0
  /// Stack, mappings, position-independent programs and the vdso.
  case allButHeap = 1
  /// The heap too: the default (`CONFIG_COMPAT_BRK` off).
  case full = 2
}
