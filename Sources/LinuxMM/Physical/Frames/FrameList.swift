/// A doubly linked list of frames or blocks, linked through their first frames.
struct FrameList: BitwiseCopyable {
  var first: FrameNumber = .none
  var last: FrameNumber = .none
  /// The number of blocks.
  var count: UInt32 = 0

  @inline(__always)
  var isEmpty: Bool { first == .none }

  /// Adds a block at the front.
  @inline(__always)
  mutating func prepend(_ frame: FrameNumber, in links: borrowing Table<FrameLinks>) {
    links[frame.index] = FrameLinks(next: first, previous: .none)
    if first == .none { last = frame } else { links[first.index].previous = frame }
    first = frame
    count &+= 1
  }

  /// Adds a block at the end.
  @inline(__always)
  mutating func append(_ frame: FrameNumber, in links: borrowing Table<FrameLinks>) {
    links[frame.index] = FrameLinks(next: .none, previous: last)
    if last == .none { first = frame } else { links[last.index].next = frame }
    last = frame
    count &+= 1
  }

  /// Takes a block of the list out of it.
  @inline(__always)
  mutating func remove(_ frame: FrameNumber, in links: borrowing Table<FrameLinks>) {
    let place = links[frame.index]
    if place.previous == .none { first = place.next } else { links[place.previous.index].next = place.next }
    if place.next == .none { last = place.previous } else { links[place.next.index].previous = place.previous }
    count &-= 1
  }

  /// Takes the last `removed` blocks out, whose links stay as they are.
  ///
  /// - Parameter last: the block before them, `none` if they are all.
  @inline(__always)
  mutating func cut(behind last: FrameNumber, _ removed: UInt32, in links: borrowing Table<FrameLinks>) {
    if last == .none { first = .none } else { links[last.index].next = .none }
    self.last = last
    count &-= removed
  }

  /// Puts another frame in the place of one of the list.
  mutating func replace(_ frame: FrameNumber, by other: FrameNumber, in links: borrowing Table<FrameLinks>) {
    let place = links[frame.index]
    links[other.index] = place
    if place.previous == .none { first = other } else { links[place.previous.index].next = other }
    if place.next == .none { last = other } else { links[place.next.index].previous = other }
  }
}
