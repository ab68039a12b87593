/// The constants of an address space and the formulas of its two ends, for one request.
struct LayoutRules {
  private let request: LayoutRequest

  init(_ request: LayoutRequest) throws(LayoutProblem) {
    guard request.pageTableLevels == 4 || request.pageTableLevels == 5 && request.width != .native32 else {
      throw .pageTableLevels
    }
    let bits = request.width.mmapRandomBits
    guard bits.contains(request.mmapRandomBits) else { throw .mmapRandomBits(bits) }
    guard request.stackGuardGap & PageSize.mask == 0, request.stackGuardGap < 1 << 32 else { throw .stackGuardGap }
    self.request = request
  }

  /// One past the highest address the program may use at all. Linux: `TASK_SIZE`
  /// (`arch/x86/include/asm/page_64_types.h`, `page_32_types.h`, `page_64.h:task_size_max`).
  var taskSize: UInt64 {
    switch request.width {
    case .bits64: (1 << (request.pageTableLevels == 5 ? 56 : 47)) - PageSize.bytes
    case .compat32: request.personality.contains(.threeGigabytes) ? 0xc000_0000 : 0xffff_e000
    case .native32: 0xc000_0000
    }
  }

  /// One past the highest address it gets without asking for more; the stack ends there when it is not moved. Linux:
  /// `DEFAULT_MAP_WINDOW` for 64-bit programs, `STACK_TOP` for all (`TASK_SIZE_LOW`).
  var window: UInt64 { min(taskSize, (1 << 47) - PageSize.bytes) }

  /// Where position-independent programs with an interpreter begin, and the heap of those without one. Linux:
  /// `ELF_ET_DYN_BASE`, `COMPAT_ELF_ET_DYN_BASE` (`arch/x86/include/asm/elf.h`).
  var positionIndependentBase: UInt64 {
    switch request.width {
    case .bits64: window / 3 * 2
    case .compat32: pageAligned(window / 3) + (16 << 20)
    case .native32: 4 << 20
    }
  }

  /// The most pages the stack's top is moved down. Linux: `STACK_RND_MASK` (`arch/x86/include/asm/elf.h`).
  var stackRandomPages: UInt64 { request.width == .bits64 ? 0x3f_ffff : 0x7ff }

  /// The bytes over which the heap's start is spread (`arch/x86/kernel/process.c:arch_randomize_brk`).
  ///
  /// Linux before 6.9, and 6.1 before 6.1.107, had 32 MiB for 64-bit programs too.
  var heapRandomBytes: UInt64 { request.width == .bits64 ? 1 << 30 : 32 << 20 }

  /// The largest number of the kernel's words. Linux: `ULONG_MAX`.
  var largestWord: UInt64 { request.width == .native32 ? 0xffff_ffff : .max }

  /// The bytes of the kernel's own pointers.
  var kernelPointerBytes: UInt64 { request.width == .native32 ? 4 : 8 }

  /// The random distance of mappings from their unmoved base, in bytes (`arch/x86/mm/mmap.c:arch_rnd`).
  func mmapShift(_ draw: UInt64) -> UInt64 {
    request.isRandomized ? (draw & ((1 << UInt64(request.mmapRandomBits)) - 1)) << UInt64(PageSize.shift) : 0
  }

  /// The end of the highest mapping when they are made from the top down, below the room kept for the stack
  /// (`arch/x86/mm/mmap.c:mmap_base`, `stack_maxrandom_size`).
  func topDownBase(shift: UInt64) -> UInt64 {
    var gap = min(request.stackLimit, largestWord)
    let moved = request.isRandomized ? stackRandomPages << UInt64(PageSize.shift) : 0
    let pad = moved + request.stackGuardGap
    // A limit close to infinity stays as it is.
    if pad <= largestWord - gap { gap += pad }
    gap = gap < 128 << 20 ? 128 << 20 : min(gap, window / 6 * 5)
    return pageAligned(window - gap - shift)
  }

  /// Where mappings begin when they are made from the bottom up (`arch/x86/mm/mmap.c:mmap_legacy_base`,
  /// `arch/x86/include/asm/processor.h:__TASK_UNMAPPED_BASE`).
  func bottomUpBase(shift: UInt64) -> UInt64 { pageAligned(window / 3) + shift }

  /// Moves a stack address down by up to 8 KiB and aligns it to 16 bytes
  /// (`arch/x86/kernel/process.c:arch_align_stack`).
  func alignedStack(_ address: UInt64, _ draw: UInt64) -> UInt64 {
    (address - (request.isRandomized ? LayoutDraws.below(8192, draw) : 0)) & ~0xf
  }

  /// The end of the stack (`mm/util.c:randomize_stack_top`, `fs/exec.c:setup_arg_pages`).
  func stackEnd(pages: UInt64, bytes: UInt64) -> UInt64 {
    let moved = request.isRandomized ? (pages & stackRandomPages) << UInt64(PageSize.shift) : 0
    return pageAligned(alignedStack(pageAligned(window) - moved, bytes))
  }

  /// The start of the heap at or after an address (`mm/util.c:randomize_page`).
  func heapStart(_ lowest: UInt64, _ draw: UInt64) -> UInt64 {
    let start = pageAligned(lowest)
    let pages = min(heapRandomBytes, largestWord - start) >> UInt64(PageSize.shift)
    return pages == 0 ? start : start + (draw % pages) << UInt64(PageSize.shift)
  }
}
