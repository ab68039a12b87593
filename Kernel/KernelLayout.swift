/// Where the kernel sees memory. `boot.S` makes its tables, `link.ld` puts the image in its place.
///
/// Code, tables of the processor and the direct map of all memory are in the upper half, as Linux has them, and each
/// process's root gets the same entries for it (``BareMetalPlatform/shareKernelEntries(with:)``); none has the user bit.
/// So the lower half of a process is the programs' alone.
///
/// But Swift's objects and the stack, where some of them are, must be in the lower half: Embedded Swift takes an object
/// with bit 63 in its address for one that lives forever, and counts no references to it. The kernel therefore runs in an
/// address space of its own, which has the first GiB one to one, and changes to that of a process only for the way to
/// ring 3 and back (`interrupts.S`), as Linux does with page-table isolation (`arch/x86/mm/pti.c`).
///
/// With five levels of tables the addresses stay the same, in the root's first and last entry.
///
/// Source: Linux, `Documentation/arch/x86/x86_64/mm.rst`; for objects `HeapObject.immortalObjectPointerBit` in Swift's
/// `EmbeddedRuntime.swift`.
enum KernelLayout {
  /// All memory, one to one. Linux: `PAGE_OFFSET` with four levels.
  static let directMap: UInt64 = 0xffff_8880_0000_0000
  /// The first GiB once more, where the image is linked. Linux: `__START_KERNEL_map`.
  static let image: UInt64 = 0xffff_ffff_8000_0000
  /// The first GiB a third time, in the kernel's own address space only, for Swift's objects.
  static let objects: UInt64 = 0
  /// What of the memory the direct map holds.
  static let directMapBytes: UInt64 = 4 << 30

  /// Where the kernel sees a byte of memory.
  static func address(of physical: PhysicalAddress) -> UInt { UInt(directMap + physical.rawValue) }
}
