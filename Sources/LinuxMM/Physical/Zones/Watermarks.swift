/// How many free frames a zone keeps back. Linux: `_watermark`, `lowmem_reserve`.
struct Watermarks: BitwiseCopyable {
  /// Below it only the memory manager itself may allocate.
  var minimum = 0
  /// Below it the background reclaimer is woken.
  var low = 0
  /// At it the background reclaimer sleeps again.
  var high = 0
  /// At it pages of slower memory tiers are moved here no more. Linux: `WMARK_PROMO`.
  var promotion = 0
  /// Extra frames kept from requests that could have used a higher zone, by that zone's ``ZoneKind``.
  var reserve = InlineArray<6, Int>(repeating: 0)

  @inline(__always)
  func mark(_ level: WatermarkLevel) -> Int {
    switch level {
    case .minimum: minimum
    case .low: low
    case .high: high
    }
  }
}

/// The mark that an attempt to allocate must keep. Linux: `enum zone_watermarks`.
enum WatermarkLevel {
  case minimum, low, high
}
