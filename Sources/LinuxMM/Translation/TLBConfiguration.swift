/// The shape of one set-associative buffer with least-recently-used replacement.
public struct TLBGeometry: Equatable, Sendable {
  /// Number of sets, a power of two.
  public let sets: Int
  /// Entries of a set, 1 to 128.
  public let ways: Int

  /// - Returns: `nil` if `entries` is not `ways` times a power of two, up to 65536 entries.
  public init?(entries: Int, ways: Int) {
    guard ways >= 1, ways <= 128, entries >= ways, entries <= 65536, entries % ways == 0 else {
      return nil
    }
    let sets = entries / ways
    guard sets & (sets - 1) == 0 else { return nil }
    self.sets = sets
    self.ways = ways
  }

  /// One set: any translation may stand in any entry.
  static func full(_ entries: Int) -> TLBGeometry? { TLBGeometry(entries: entries, ways: entries) }

  public var entries: Int { sets * ways }
}

/// The buffers of one level for one kind of access, by page size.
public struct TLBLevel: Equatable, Sendable {
  /// Where pages of a size are held.
  public enum Buffer: Equatable, Sendable {
    /// Nowhere: a page is broken up into smaller ones, each of which takes an entry where it is used.
    case none
    /// In the buffer of base pages.
    case shared
    case own(TLBGeometry)
  }

  /// For pages of 4 KiB; `nil` if the level does not exist.
  public var base: TLBGeometry?
  /// For pages of 2 MiB, with two-level tables 4 MiB.
  public var large: Buffer
  /// For pages of 1 GiB.
  public var huge: Buffer

  public init(_ base: TLBGeometry?, large: Buffer = .none, huge: Buffer = .none) {
    self.base = base
    self.large = large
    self.huge = huge
  }

  init(_ entries: Int, _ ways: Int, large: Buffer = .none, huge: Buffer = .none) {
    self.init(TLBGeometry(entries: entries, ways: ways), large: large, huge: huge)
  }

  static let missing = TLBLevel(nil)
}

extension TLBLevel.Buffer {
  static func own(_ entries: Int, _ ways: Int) -> TLBLevel.Buffer {
    TLBGeometry(entries: entries, ways: ways).map { .own($0) } ?? .none
  }
}

/// Where a processor keeps entries of upper levels that walks have read, so that later walks begin further down.
///
/// Source: Intel SDM volume 3, 4.10.3.
public struct WalkCaches: Equatable, Sendable {
  /// Where entries of one level are held.
  public enum Cache: Equatable, Sendable {
    case none
    case own(TLBGeometry)
    /// In the second-level buffer for data, beside the pages.
    case secondLevel
    /// Together with those of the level below.
    case below
  }

  /// Entries that lead to a last-level table. Linux: of the PMD.
  public var pde = Cache.none
  /// Linux: of the PUD.
  public var pdpte = Cache.none
  /// Linux: of the PGD, with five levels of the P4D.
  public var pml4e = Cache.none
  /// Linux: of the PGD with five levels.
  public var pml5e = Cache.none

  public init() {}
}

/// The translation buffers of one processor.
public struct TLBConfiguration: Equatable, Sendable {
  /// First level, instruction fetches.
  public var instruction: TLBLevel
  /// First level, reads, and writes unless they have a buffer of their own.
  public var data: TLBLevel
  /// First level, writes, if they have a buffer of their own.
  public var store: TLBLevel?
  public var second: TLBLevel
  /// The second level of instruction fetches, if they have one of their own.
  public var secondInstruction: TLBLevel?
  public var walkCaches: WalkCaches
  /// Whether the processor tells address spaces apart by a process-context identifier, so that a
  /// switch need not flush.
  public var processContexts: Bool

  /// The buffers of the usual processor, ``ProcessorModel/intelSkylakeServer``.
  public init() { self = ProcessorModel.intelSkylakeServer.tlb }

  public init(
    instruction: TLBLevel, data: TLBLevel, store: TLBLevel? = nil, second: TLBLevel, secondInstruction: TLBLevel? = nil,
    walkCaches: WalkCaches = WalkCaches(), processContexts: Bool
  ) {
    self.instruction = instruction
    self.data = data
    self.store = store
    self.second = second
    self.secondInstruction = secondInstruction
    self.walkCaches = walkCaches
    self.processContexts = processContexts
  }
}
