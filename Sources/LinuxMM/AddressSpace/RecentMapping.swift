/// The area and the last-level table of the page that was looked at last: pages that are looked at together mostly share them.
///
/// It holds as long as areas and page tables stay as they are, that is within one batch of pages.
struct RecentMapping: BitwiseCopyable {
  var isAnonymous = false
  /// Whose pages they are, see ``Frame/owner``.
  var owner: UInt32 = 0
  /// The positions that both have, in pages: `first ..< first + count`.
  var first: UInt64 = 0
  var count: UInt64 = 0
  /// Where the first of them is mapped.
  var page = VirtualPage(0)
  var area: UInt32 = 0
  /// The area's.
  var flags: AreaFlags = []
  var space = SpaceIndex.none
  var table = FrameNumber.none

  @inline(__always)
  func covers(_ state: Frame) -> Bool {
    state.fileOffset &- first < count && state.owner == owner && state.flags.contains(.anonymous) == isAnonymous
  }

  /// - Precondition: the position is one of those.
  @inline(__always)
  func page(at position: UInt64) -> VirtualPage { VirtualPage(page.rawValue &+ (position &- first)) }
}
