/// The shape of one set-associative translation buffer with least-recently-used replacement.
public struct TLBGeometry: Equatable, Sendable {
  /// Number of sets, a power of two.
  public let sets: Int
  /// Entries of a set, 1 to 64.
  public let ways: Int

  /// - Returns: `nil` if `entries` is not `ways` times a power of two, up to 65536 entries.
  public init?(entries: Int, ways: Int) {
    guard ways >= 1, ways <= 64, entries >= ways, entries <= 65536, entries % ways == 0 else {
      return nil
    }
    let sets = entries / ways
    guard sets & (sets - 1) == 0 else { return nil }
    self.sets = sets
    self.ways = ways
  }

  public var entries: Int { sets * ways }
}

/// The translation buffers of one processor. The defaults are those of Intel's Skylake server cores
/// for 4 KiB pages (Intel 64 and IA-32 Architectures Optimization Reference Manual, 2.6.3):
/// 128 instruction entries in 8 ways, 64 data entries in 4 ways, 1536 second-level entries in 12 ways.
public struct TLBConfiguration: Equatable, Sendable {
  public var instruction = TLBGeometry(entries: 128, ways: 8)!
  public var data = TLBGeometry(entries: 64, ways: 4)!
  public var second = TLBGeometry(entries: 1536, ways: 12)!
  /// Whether the processor tells address spaces apart by a process-context identifier, so that a
  /// switch need not flush.
  public var processContexts = true

  public init() {}
}
