/// How wide a program's addresses are, and those of the kernel under it; that decides its address space.
public enum TaskWidth: Sendable, CaseIterable {
  /// A 64-bit program.
  case bits64
  /// A 32-bit program on a 64-bit kernel. Linux: `TIF_ADDR32`, IA-32 emulation.
  case compat32
  /// A 32-bit program on a 32-bit kernel that keeps the fourth gigabyte for itself. Linux: `CONFIG_X86_32`,
  /// `CONFIG_VMSPLIT_3G`.
  case native32

  /// The bytes of a pointer in the program's own tables. Linux: `sizeof(elf_addr_t)`.
  public var pointerBytes: UInt64 { self == .bits64 ? 8 : 4 }

  /// The bits of a page number that the base of mappings may have at random, least to most; the least is the
  /// default (`arch/x86/Kconfig:ARCH_MMAP_RND_BITS_MIN`, `ARCH_MMAP_RND_COMPAT_BITS_MIN` and `_MAX`).
  public var mmapRandomBits: ClosedRange<Int> { self == .bits64 ? 28...32 : 8...16 }
}
