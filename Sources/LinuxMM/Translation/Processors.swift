/// The machine's processors as far as translation goes: what each has loaded and buffered.
///
/// All entries of all buffers stand in one table; a processor's part is `stride` entries long:
/// instruction buffer, data buffer, second level. In a set, the most recently used entry stands first.
struct Processors: ~Copyable {
  let configuration: TLBConfiguration
  var states: Pool<ProcessorState>
  var entries: Table<UInt64>
  var statistics = TLBStatistics()
  let dataOffset: Int
  let secondOffset: Int
  let stride: Int

  init?(count: Int, configuration: TLBConfiguration, from source: MemorySource) {
    self.configuration = configuration
    dataOffset = configuration.instruction.entries
    secondOffset = dataOffset + configuration.data.entries
    stride = secondOffset + configuration.second.entries
    guard let entries = Table<UInt64>(zeros: stride * count, from: source) else { return nil }
    self.entries = entries
    states = Pool()
    for _ in 0..<count { _ = states.insert(ProcessorState()) }
  }
}

/// What a processor has loaded. Linux: `struct tlb_state` (`arch/x86/mm/tlb.c`).
struct ProcessorState: BitwiseCopyable {
  /// Linux: `TLB_NR_DYN_ASIDS`.
  static let slotCount = 6

  /// The address spaces whose translations the processor may hold.
  var slots = InlineArray<6, ContextSlot>(repeating: ContextSlot())
  /// The slot in use.
  var current = 0
  /// The slot to be taken next. Linux: `next_asid`.
  var next = 1
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
}

/// A buffered translation: page number, slot, and the rights that need no further walk.
enum BufferedEntry {
  static let valid: UInt64 = 1
  /// The page is writable and its dirty bit set.
  static let writable: UInt64 = 2
  static let executable: UInt64 = 4
  static let rights: UInt64 = writable | executable

  /// The right an access needs beyond that to read.
  @inline(__always)
  static func right(_ kind: AccessKind) -> UInt64 {
    switch kind {
    case .read: 0
    case .write: writable
    case .fetch: executable
    }
  }

  @inline(__always)
  static func key(_ page: VirtualPage, slot: Int) -> UInt64 {
    page.rawValue << 8 | UInt64(truncatingIfNeeded: slot) << 4 | valid
  }
}
