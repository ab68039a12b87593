/// How many free frames a zone keeps back. Linux: `_watermark`, `lowmem_reserve`.
struct Watermarks: BitwiseCopyable {
  /// Below it only the memory manager itself may allocate.
  var minimum = 0
  /// Below it the background reclaimer is woken.
  var low = 0
  /// At it the background reclaimer sleeps again.
  var high = 0
  /// Extra frames kept from requests that could have used a higher zone, by that zone's index.
  var reserve = InlineArray<3, Int>(repeating: 0)
}

extension Watermarks {
  /// `vm.min_free_kbytes` as the kernel chooses it at boot: 4·√(KiB of memory), within 128 to 262144
  /// (`mm/page_alloc.c:calculate_min_free_kbytes`).
  static func defaultMinimumFreeKilobytes(managedFrames: Int) -> Int {
    min(max(squareRoot(16 * 4 * managedFrames), 128), 262_144)
  }

  /// The largest integer whose square is at most `value`. Linux: `int_sqrt`.
  private static func squareRoot(_ value: Int) -> Int {
    var root = 0
    var bit = 1 << 30
    while bit > 0 {
      let candidate = root + bit
      if candidate * candidate <= value { root = candidate }
      bit >>= 1
    }
    return root
  }

  /// Whether a zone with `free` frames may give a block of `order` and keep `mark` frames plus the
  /// reserve against requests for the zone of index `highest`
  /// (`mm/page_alloc.c:__zone_watermark_ok`).
  ///
  /// - Parameter largestFree: the order of the largest free block, `nil` if none is free.
  func allow(free: Int, order: PageOrder, mark: Int, highest: Int, largestFree: PageOrder?) -> Bool {
    let unusable = order.frameCount - 1
    if free - unusable <= mark + reserve[highest] { return false }
    guard let largestFree else { return false }
    return largestFree >= order
  }
}
