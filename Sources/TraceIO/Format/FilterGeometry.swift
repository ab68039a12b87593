/// Which accesses a recording leaves out.
///
/// An access is left out when its page is among the `ways` most recently used ones of its set of `sets` (the page
/// number modulo `sets`), data and instructions apart, and needs no further right. Before another page enters a
/// set, the set's pages are listed once more where the order of their last uses would otherwise be lost. So every
/// translation buffer with least-recently-used replacement, at least `sets` sets (a power of two) and at least
/// `ways` ways hits and misses exactly as with all accesses. Nothing is left out across a slice's end, a system
/// call, or the first write.
public enum FilterGeometry {
  public static let sets = 16
  public static let ways = 4
}
