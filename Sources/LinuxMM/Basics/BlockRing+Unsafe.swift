/// A queue of frame numbers with two ends, which grows as needed.
///
/// All operations are O(1), amortized for growth. Who owns the value releases its memory with ``release()``.
@safe struct BlockRing: ~Copyable {
  private var base: UnsafeMutablePointer<UInt32>?
  private var mask: UInt32 = 0
  /// Positions only grow; they are cut to the capacity, a power of two.
  private var oldest: UInt32 = 0
  private var next: UInt32 = 0

  init() { unsafe base = nil }

  @inline(__always)
  var count: Int { Int(next &- oldest) }

  @inline(__always)
  var isEmpty: Bool { next == oldest }

  /// Adds the newest.
  @inline(__always)
  mutating func push(_ frame: FrameNumber) {
    if unsafe base == nil || next &- oldest > mask { grow() }
    // SAFETY: the position is cut to the capacity.
    unsafe base.unsafelyUnwrapped[Int(next & mask)] = frame.rawValue
    next &+= 1
  }

  /// Takes the newest.
  ///
  /// - Precondition: the ring is not empty.
  @inline(__always)
  mutating func popNewest() -> FrameNumber {
    next &-= 1
    // SAFETY: a ring that is not empty has a base; the position is cut to the capacity.
    return unsafe FrameNumber(base.unsafelyUnwrapped[Int(next & mask)])
  }

  /// Takes the oldest.
  ///
  /// - Precondition: the ring is not empty.
  @inline(__always)
  mutating func popOldest() -> FrameNumber {
    // SAFETY: a ring that is not empty has a base; the position is cut to the capacity.
    let frame = unsafe FrameNumber(base.unsafelyUnwrapped[Int(oldest & mask)])
    oldest &+= 1
    return frame
  }

  /// The frame at a position from the oldest on.
  subscript(position: Int) -> FrameNumber {
    precondition(position >= 0 && position < count, "position outside the ring")
    // SAFETY: a ring that is not empty has a base; the position is cut to the capacity.
    return unsafe FrameNumber(base.unsafelyUnwrapped[Int((oldest &+ UInt32(position)) & mask)])
  }

  @inline(never)
  private mutating func grow() {
    let capacity = mask == 0 ? 0 : Int(mask) + 1
    let larger = max(64, capacity * 2)
    // SAFETY: every element of the old region is copied to its place in the new one, which is twice as large.
    let region = UnsafeMutablePointer<UInt32>.allocate(capacity: larger)
    let newMask = UInt32(larger - 1)
    var position = oldest
    while position != next {
      unsafe region[Int(position & newMask)] = base.unsafelyUnwrapped[Int(position & mask)]
      position &+= 1
    }
    unsafe base?.deallocate()
    unsafe base = region
    mask = newMask
  }

  /// Gives the memory back; the ring is empty then.
  mutating func release() {
    // SAFETY: allocated by this value.
    unsafe base?.deallocate()
    unsafe base = nil
    mask = 0
    oldest = 0
    next = 0
  }
}
