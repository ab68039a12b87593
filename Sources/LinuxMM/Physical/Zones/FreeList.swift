/// A doubly linked list of blocks, linked through their first frames.
struct FreeList: BitwiseCopyable {
  var first: FrameNumber = .none
  var last: FrameNumber = .none
  /// The number of blocks.
  var count: UInt32 = 0

  @inline(__always)
  var isEmpty: Bool { first == .none }

  /// Adds a block at the front.
  @inline(__always)
  mutating func prepend(_ frame: FrameNumber, in frames: borrowing LazyTable<Frame>) {
    frames[frame.index].previous = .none
    frames[frame.index].next = first
    if first == .none { last = frame } else { frames[first.index].previous = frame }
    first = frame
    count &+= 1
  }

  /// Adds a block at the end.
  @inline(__always)
  mutating func append(_ frame: FrameNumber, in frames: borrowing LazyTable<Frame>) {
    frames[frame.index].next = .none
    frames[frame.index].previous = last
    if last == .none { first = frame } else { frames[last.index].next = frame }
    last = frame
    count &+= 1
  }

  /// Takes a block of the list out of it.
  @inline(__always)
  mutating func remove(_ frame: FrameNumber, in frames: borrowing LazyTable<Frame>) {
    let next = frames[frame.index].next
    let previous = frames[frame.index].previous
    if previous == .none { first = next } else { frames[previous.index].next = next }
    if next == .none { last = previous } else { frames[next.index].previous = previous }
    count &-= 1
  }
}
