/// Up to 32 pages taken off a list together, in that order. Linux: the lists on the stack of `shrink_inactive_list`,
/// `SWAP_CLUSTER_MAX`.
///
/// A table, since reading one element of an `InlineArray` copies all.
struct FrameBatch: ~Copyable {
  static let capacity = 32

  private let frames = Table<FrameNumber>(count: capacity) { _ in .none }
  private(set) var count = 0

  mutating func removeAll() { count = 0 }

  /// - Precondition: there are fewer than ``capacity``.
  @inline(__always)
  mutating func append(_ frame: FrameNumber) {
    frames[count] = frame
    count &+= 1
  }

  @inline(__always)
  subscript(index: Int) -> FrameNumber { frames[index] }
}
