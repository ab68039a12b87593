/// What an area's last reading from swap was, and how many of its guesses were good. Linux: `swap_readahead_info`.
struct SwapReadahead: BitwiseCopyable, Equatable {
  /// Linux: `SWAP_RA_HITS_MAX`.
  static let most = 63

  private var bits: UInt64

  /// - Parameters:
  ///   - page: below 2^52.
  ///   - window: below 64, as `hits`. Linux starts with four hits: `SWAP_RA_VAL(0, 0, 4)`... of an area that has read nothing.
  init(page: VirtualPage, window: Int, hits: Int) {
    bits = page.rawValue << 12 | UInt64(window) << 6 | UInt64(hits)
  }

  /// An area that has read nothing yet counts as one with four good guesses. Linux: `GET_SWAP_RA_VAL`.
  static let none = SwapReadahead(page: VirtualPage(0), window: 0, hits: 4)

  var page: VirtualPage {
    get { VirtualPage(bits >> 12) }
    set { bits = newValue.rawValue << 12 | bits & 0xfff }
  }
  var window: Int { Int(bits >> 6 & 63) }
  var hits: Int {
    get { Int(bits & 63) }
    set { bits = bits & ~63 | UInt64(newValue) }
  }

  /// How many pages to read (`mm/swap_state.c:__swapin_nr_pages`).
  static func window(last: Int, now: Int, hits: Int, _ most: Int, lastWindow: Int) -> Int {
    var pages = hits + 2
    if pages == 2 {
      if now != last + 1 && now != last - 1 { pages = 1 }
    } else {
      var rounded = 4
      while rounded < pages { rounded <<= 1 }
      pages = rounded
    }
    return max(min(pages, most), lastWindow / 2)
  }
}
