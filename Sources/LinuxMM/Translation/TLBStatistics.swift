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
  /// Flushes of a whole address space from one processor.
  public var fullFlushes: UInt64 = 0
  /// Single pages invalidated.
  public var pageFlushes: UInt64 = 0

  /// Accesses the first level had.
  public var firstLevelHits: UInt64 { accesses - min(accesses, firstLevelMisses) }
}
