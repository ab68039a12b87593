/// What a processor has loaded. Linux: `struct tlb_state` (`arch/x86/include/asm/tlbflush.h`).
struct ProcessorState: BitwiseCopyable {
  /// Linux: `TLB_NR_DYN_ASIDS`.
  static let slotCount = 6

  /// Whose accesses may use the slot in use without another look; nobody's while the processor is lazy.
  var runner = ProcessorState.nobody
  static let nobody: UInt32 = .max
  /// What keys of the slot in use have.
  var slotBits = BufferedEntry.slotBits(0)
  /// The address spaces whose translations the processor may hold.
  var slots = InlineArray<6, ContextSlot>(repeating: ContextSlot())
  /// The slot in use. Linux: `loaded_mm_asid`.
  var current = 0
  /// The slot to be taken next. Linux: `next_asid`.
  var next = 1
  /// Whether it runs the kernel for nobody and keeps the last address space only in case that comes back.
  /// Linux: `is_lazy`.
  var isLazy = false

  /// The address space in use, or kept: that of the slot in use.
  var loaded: UInt64 = 0
}

/// An address space a processor knows, and how far it has followed its flushes.
struct ContextSlot: BitwiseCopyable {
  /// Linux: `ctx_id`; 0 is none.
  var context: UInt64 = 0
  /// Linux: `tlb_gen`.
  var generation: UInt64 = 0
}

/// An address space as processors know it.
struct TranslationContext: BitwiseCopyable {
  var root: FrameNumber
  /// Never used twice. Linux: `mm->context.ctx_id`.
  var identifier: UInt64
  /// Raised by each flush. Linux: `mm->context.tlb_gen`.
  var generation: UInt64 = 1

  /// The kernel's own address space, without a user half. Linux: `init_mm`.
  static let kernel = TranslationContext(root: .none, identifier: .max)
}
