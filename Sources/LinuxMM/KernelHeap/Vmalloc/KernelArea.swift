/// A range of the kernel's addresses that somebody has, or that waits for its addresses to be forgotten. Linux:
/// `struct vmap_area` and `struct vm_struct`.
struct KernelArea: LinkedArea {
  var start: VirtualPage
  /// One past the last page, the guard page among them.
  var end: VirtualPage
  var node = AreaTree.none
  var previous = AreaTree.none
  var next = AreaTree.none

  var flags: KernelAreaFlags
  /// How its pages are mapped: single ones, or as many as an entry of the next level has. Linux: `page_order`.
  var pageOrder = PageOrder.single
  /// Whether it was given back, and its addresses may still be in some processor's translation buffer.
  var isLazy = false
  /// The next one of those.
  var nextLazy = AreaTree.none
  /// Frames that are its own. Linux: `nr_pages`.
  var frameCount = 0
  /// Where the kernel lists these frames: memory of kmalloc, or an area of its own. Linux: `pages`.
  var list = VirtualAddress(0)
  /// What device it shows. Linux: `phys_addr`.
  var physical = PhysicalAddress(0)
  /// Who made it. Linux: `caller`.
  var site: UInt64

  /// Without the guard page.
  var mappedEnd: VirtualPage { flags.contains(.noGuard) ? end : VirtualPage(end.rawValue - 1) }
}

/// What an area is for. Linux: the flags of `struct vm_struct`, with the kernel's values (`include/linux/vmalloc.h`).
public struct KernelAreaFlags: OptionSet, Hashable, Sendable, BitwiseCopyable {
  public var rawValue: UInt32

  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// A device's registers. Linux: `VM_IOREMAP`.
  public static let device = KernelAreaFlags(rawValue: 0x1)
  /// Frames of its own. Linux: `VM_ALLOC`.
  public static let allocated = KernelAreaFlags(rawValue: 0x2)
  /// Somebody else's frames. Linux: `VM_MAP`.
  public static let mapped = KernelAreaFlags(rawValue: 0x4)
  /// May be mapped into programs. Linux: `VM_USERMAP`.
  public static let userMappable = KernelAreaFlags(rawValue: 0x8)
  /// Linux: `VM_DMA_COHERENT`.
  public static let coherent = KernelAreaFlags(rawValue: 0x10)
  /// No page is kept free behind it. Linux: `VM_NO_GUARD`.
  public static let noGuard = KernelAreaFlags(rawValue: 0x40)
  /// Large pages are wanted. Linux: `VM_ALLOW_HUGE_VMAP`.
  public static let huge = KernelAreaFlags(rawValue: 0x400)
}
