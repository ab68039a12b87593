import Hardware

/// The processor, as far as translation goes: which page tables it has loaded and how far it has followed their flushes.
///
/// The engine's own processors are models of buffers; the real one has its own, of which the engine knows nothing. So it
/// follows the engine as a processor of Linux does that was away: each flush raises the address space's generation
/// (`TranslationContext.generation`), and before a program runs on, CR3 is loaded again if the generation has changed
/// (`arch/x86/mm/tlb.c:switch_mm_irqs_off`), which drops all that is not global, and nothing here is. Where the engine
/// forgot a flush, programs would go on with what the buffers hold. For one processor that is enough.
struct Processor {
  private var identifier: UInt64 = 0
  private var generation: UInt64 = 0
  /// How often CR3 was loaded: for another address space, and for a flush.
  private(set) var switches: UInt64 = 0
  private(set) var flushes: UInt64 = 0

  /// Whether CR4.SMAP is on.
  static var preventsAccess: Bool { read_cr4() & 1 << 21 != 0 }
  /// Whether CR4.LA57 is on.
  static var hasFiveLevels: Bool { read_cr4() & 1 << 12 != 0 }
  /// Whether pages may be of 1 GiB (Intel SDM volume 2, CPUID).
  static var hasHugePages: Bool { read_cpuid(0x8000_0001).edx & 1 << 26 != 0 }
  /// The frame of the root that is loaded.
  static var loadedRoot: FrameNumber { FrameNumber(containing: PhysicalAddress(read_cr3())) }

  /// Switches on what keeps the kernel from programs' pages, if the processor has it: SMEP and SMAP.
  static func protectKernel() {
    guard read_cpuid(0).eax >= 7 else { return }
    let features = read_cpuid(7).ebx
    var controls = read_cr4()
    if features & 1 << 7 != 0 { controls |= 1 << 20 }
    if features & 1 << 20 != 0 { controls |= 1 << 21 }
    write_cr4(controls)
  }

  /// Loads an address space unless it is loaded and nothing was flushed since.
  mutating func load(_ context: TranslationContext) {
    if identifier == context.identifier {
      if generation == context.generation { return }
      flushes += 1
    } else {
      switches += 1
    }
    write_cr3(context.root.address.rawValue)
    identifier = context.identifier
    generation = context.generation
  }

  /// Loads an address space and forgets all that is buffered of it.
  mutating func reload(_ context: TranslationContext) {
    identifier = 0
    load(context)
  }

  /// Loads the kernel's own address space: before the one that is loaded ends.
  mutating func loadKernel(_ root: FrameNumber) {
    write_cr3(root.address.rawValue)
    identifier = 0
  }
}
