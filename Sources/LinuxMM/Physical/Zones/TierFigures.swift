/// How the pages of one type fared after eviction, by tier: those of the oldest generation, and averages of those before.
///
/// Tiers with more uses are evicted only if their pages come back no more often than those of the first tier, and the type
/// whose first tier comes back less often is evicted rather than the other. Linux: "refault feedback loop" of
/// `mm/vmscan.c`, `struct ctrl_pos`.
struct TierFigures: BitwiseCopyable {
  private var refaulted = InlineArray<4, UInt64>(repeating: 0)
  private var evicted = InlineArray<4, UInt64>(repeating: 0)
  private var protected = InlineArray<4, UInt64>(repeating: 0)
  private var averageRefaulted = InlineArray<4, UInt64>(repeating: 0)
  private var averageTotal = InlineArray<4, UInt64>(repeating: 0)

  /// The tier of a page: 0 for up to one use, then 1 for two, 2 for up to four, 3 for five (`lru_tier_from_refs`).
  static func tier(_ repeatedUses: Int) -> Int {
    repeatedUses == 0 ? 0 : Int.bitWidth - repeatedUses.leadingZeroBitCount
  }

  mutating func noteRefault(_ tier: Int) { refaulted[tier] += 1 }
  mutating func noteEviction(_ tier: Int) { evicted[tier] += 1 }
  mutating func noteProtection(_ tier: Int) { protected[tier] += 1 }

  /// Begins with the next generation (`reset_ctrl_pos`).
  mutating func settle() {
    for tier in 0..<Generations.tiers {
      averageRefaulted[tier] = (averageRefaulted[tier] + refaulted[tier]) / 2
      averageTotal[tier] = (averageTotal[tier] + evicted[tier] + protected[tier]) / 2
      refaulted[tier] = 0
      evicted[tier] = 0
      protected[tier] = 0
    }
  }

  /// The highest tier of the type that is to be evicted (`get_tier_idx`): others must come back twice as often as the first.
  var evictedTier: Int { lastTier(comparedTo: rate(0, gain: 1), gain: 2) }

  /// The highest tier that comes back no more often than a rate.
  private func lastTier(comparedTo reference: RefaultRate, gain: Int) -> Int {
    var tier = 1
    while tier < Generations.tiers && rate(tier, gain: gain).isNoWorse(than: reference) { tier += 1 }
    return tier - 1
  }

  /// The type that is to be evicted and up to which tier (`get_type_to_scan`).
  ///
  /// - Parameter swappiness: 2 to 199.
  static func choose(
    anonymous: TierFigures, file: TierFigures, swappiness: Int
  ) -> (type: Int, tier: Int) {
    let rest = 200 - swappiness
    if file.rate(0, gain: rest).isNoWorse(than: anonymous.rate(0, gain: swappiness)) {
      return (Generations.file, file.lastTier(comparedTo: anonymous.rate(0, gain: swappiness), gain: rest))
    }
    return (Generations.anonymous, anonymous.lastTier(comparedTo: file.rate(0, gain: rest), gain: swappiness))
  }

  private func rate(_ tier: Int, gain: Int) -> RefaultRate {
    RefaultRate(
      refaulted: averageRefaulted[tier] + refaulted[tier],
      total: averageTotal[tier] + evicted[tier] + protected[tier], gain: UInt64(gain))
  }
}

/// How many of the pages that could have come back did. Linux: `struct ctrl_pos`.
private struct RefaultRate {
  var refaulted: UInt64
  var total: UInt64
  var gain: UInt64

  /// Whether so few came back that they may be evicted as well (`positive_ctrl_err`).
  func isNoWorse(than reference: RefaultRate) -> Bool {
    let batch = UInt64(Generations.batch)
    return refaulted < batch
      || refaulted &* (reference.total + batch) &* reference.gain <= (reference.refaulted + 1) &* total &* gain
  }
}
