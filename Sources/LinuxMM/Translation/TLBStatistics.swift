/// What the translation buffers did.
public struct TLBStatistics: Equatable, Sendable {
  /// Accesses translated; instruction fetches count once for each time execution enters a page.
  public var accesses: UInt64 = 0
  /// Accesses that missed the first level.
  public var firstLevelMisses: UInt64 = 0
  /// First-level misses that the second level had.
  public var secondLevelHits: UInt64 = 0
  /// Walks of the page table, those that ended in a fault and those that set a dirty bit included.
  public var walks: UInt64 = 0
  /// Entries read by walks.
  public var walkReferences: UInt64 = 0
  /// Walks that began below an entry of level 1 to 4 that a walk cache had: a PDE, PDPTE, PML4E, PML5E.
  public var walkCacheHits = WalkCacheHits()
  /// Flushes of a whole address space from one processor.
  public var fullFlushes: UInt64 = 0
  /// Single pages invalidated.
  public var pageFlushes: UInt64 = 0
  /// Interrupts to other processors to make them flush. Linux: `TLB shootdowns` of `/proc/interrupts`.
  public var interrupts: UInt64 = 0

  public init() {}

  /// Accesses the first level had.
  public var firstLevelHits: UInt64 { accesses - min(accesses, firstLevelMisses) }
}

/// Walks that a walk cache shortened, by the entry it had.
public struct WalkCacheHits: Equatable, Sendable {
  public var pde: UInt64 = 0
  public var pdpte: UInt64 = 0
  public var pml4e: UInt64 = 0
  public var pml5e: UInt64 = 0

  mutating func count(level: Int) {
    switch level {
    case 1: pde &+= 1
    case 2: pdpte &+= 1
    case 3: pml4e &+= 1
    default: pml5e &+= 1
    }
  }
}
