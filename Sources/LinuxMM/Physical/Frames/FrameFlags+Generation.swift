/// What a page's flags say of its generation, where pages are kept by generations rather than by ``LRUKind``. Linux:
/// `LRU_GEN_MASK`, `LRU_REFS_MASK`.
extension FrameFlags {
  /// On a list of a generation.
  static let generated = FrameFlags(rawValue: 1 << 28)

  private static let generationShift: UInt32 = 22
  private static let listShift: UInt32 = 24
  private static let usesShift: UInt32 = 26

  /// The page's generation, 0 to 3: its sequence number modulo ``Generations/most``.
  var generation: Int {
    get { field(Self.generationShift) }
    set { setField(Self.generationShift, newValue) }
  }

  /// The generation whose list the page stands on: a page that is found to be used changes its generation at once, and its
  /// list when it is looked at for eviction.
  var listGeneration: Int {
    get { field(Self.listShift) }
    set { setField(Self.listShift, newValue) }
  }

  /// Uses other than through page tables, beyond the first two, which are ``referenced`` and ``workingSet``: up to 3.
  var moreUses: Int {
    get { field(Self.usesShift) }
    set { setField(Self.usesShift, newValue) }
  }

  /// Uses after the first one. Linux: `folio_lru_refs`.
  var repeatedUses: Int { moreUses + (contains(.workingSet) ? 1 : 0) }

  /// Linux: clearing `LRU_REFS_MASK` and `LRU_REFS_FLAGS`.
  mutating func forgetUses() {
    moreUses = 0
    subtract([.referenced, .workingSet])
  }

  private func field(_ shift: UInt32) -> Int { Int(rawValue >> shift & 3) }

  private mutating func setField(_ shift: UInt32, _ value: Int) {
    rawValue = rawValue & ~(3 << shift) | UInt32(truncatingIfNeeded: value & 3) << shift
  }
}
