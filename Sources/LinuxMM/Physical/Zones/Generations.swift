/// The pages of one control group on one node by generations: how many times the page tables were gone through since a page
/// was seen to be used. Linux: `struct lru_gen_struct`, "multi-gen LRU".
///
/// Generations have sequence numbers. The newest is that of private and file pages alike; the oldest goes up when it is
/// empty, that of private pages never beyond that of file pages while there is swap. Lists and sizes lie at the sequence
/// number modulo ``most``.
struct Generations: BitwiseCopyable {
  /// Linux: `MAX_NR_GENS`, `MIN_NR_GENS`.
  static let most: UInt64 = 4
  static let fewest: UInt64 = 2
  /// Pages of a generation differ by how often they were used other than through page tables. Linux: `MAX_NR_TIERS`.
  static let tiers = 4
  /// Pages taken at a time, and looked at at most for them. Linux: `MIN_LRU_BATCH`, `MAX_LRU_BATCH`.
  static let batch = 64
  static let largestBatch = 4096
  /// The types of pages, by which there are lists of their own. Linux: `LRU_GEN_ANON`, `LRU_GEN_FILE`.
  static let anonymous = 0
  static let file = 1

  /// The newest generation's number. Linux: `max_seq`.
  var newest: UInt64 = Generations.fewest + 1
  /// The oldest ones', by type. Linux: `min_seq`.
  var oldest = InlineArray<2, UInt64>(repeating: 0)
  /// Up to which generation page tables were gone through. Linux: `mm_state.seq`.
  var walked: UInt64 = Generations.fewest
  /// When each generation began, in picoseconds. Linux: `timestamps`.
  var births = InlineArray<4, UInt64>(repeating: 0)
  /// How evicted pages came back, by type.
  var tierFigures = InlineArray<2, TierFigures>(repeating: TierFigures())
  /// Where the two filters are that tell which tables are worth going through, none if they were not made yet. Linux:
  /// `mm_state.filters`.
  var filters = InlineArray<2, UInt32>(repeating: .max)

  /// The place of a generation's lists.
  @inline(__always)
  static func place(_ sequence: UInt64) -> Int { Int(sequence & (most - 1)) }

  /// Whether a generation counts as active where only that is known: the two newest do. Linux: `lru_gen_is_active`.
  @inline(__always)
  func isActive(_ generation: Int) -> Bool {
    generation == Self.place(newest) || generation == Self.place(newest - 1)
  }

  /// How many generations there are of a type. Linux: `get_nr_gens`.
  func count(_ type: Int) -> UInt64 { newest - oldest[type] + 1 }
}
