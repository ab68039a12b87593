/// Where the kernel sees memory: in the upper half of every address space, as Linux has it, so that the lower half is the
/// programs' alone. `boot.S` makes the tables; `link.ld` puts the image there.
///
/// Each process's root gets the same entries for it (``BareMetalPlatform/shareKernelEntries(with:)``), none of which has
/// the user bit. With five levels of tables the addresses stay the same, below the root's last entry.
///
/// Source: Linux, `Documentation/arch/x86/x86_64/mm.rst`.
enum KernelLayout {
  /// All memory, one to one. Linux: `PAGE_OFFSET` with four levels.
  static let directMap: UInt64 = 0xffff_8880_0000_0000
  /// The first GiB once more, where the image is linked. Linux: `__START_KERNEL_map`.
  static let image: UInt64 = 0xffff_ffff_8000_0000
  /// What of the memory the direct map holds.
  static let directMapBytes: UInt64 = 4 << 30

  /// Where the kernel sees a byte of memory.
  static func address(of physical: PhysicalAddress) -> UInt { UInt(directMap + physical.rawValue) }
}
