/// A level of the four-level page table, numbered from the last.
///
/// Linux: PTE, PMD, PUD, PGD (the P4D is folded with four levels).
enum PageTableLevel {
  static let count = 4

  /// The number of base pages one entry of `level` covers.
  @inline(__always)
  static func span(_ level: Int) -> UInt64 { 1 << UInt64(9 * level) }

  /// The index of the entry of `level` for a page.
  @inline(__always)
  static func index(_ page: VirtualPage, _ level: Int) -> Int {
    Int(truncatingIfNeeded: page.rawValue >> UInt64(9 * level)) & 511
  }
}
