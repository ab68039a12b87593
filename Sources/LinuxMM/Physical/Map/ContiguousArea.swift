/// An area that lends its frames to movable pages and gives large contiguous blocks on demand. Linux: `struct cma`.
public struct ContiguousArea: Sendable {
  /// Whole pageblocks of one zone.
  public let range: FrameRange
  /// One bit per frame that is part of a block given out. Linux: `bitmap`, with `order_per_bit` 0.
  private(set) var taken: [UInt64]

  init(range: FrameRange) {
    self.range = range
    taken = [UInt64](repeating: 0, count: (range.count + 63) / 64)
  }

  /// Frames given out.
  public var takenFrames: Int { taken.reduce(0) { $0 + $1.nonzeroBitCount } }

  /// The first run of `count` frames from `start` on that are not given out, beginning at a multiple of `alignment` in
  /// physical memory.
  ///
  /// - Complexity: O(frames of the area).
  func room(_ count: Int, alignment: Int, from start: Int) -> Int? {
    let base = Int(range.start.rawValue)
    var offset = (base + start + alignment - 1) / alignment * alignment - base
    while offset + count <= range.count {
      var busy: Int?
      var position = offset
      while position < offset + count {
        if taken[position / 64] == 0 && position % 64 == 0 {
          position += 64
        } else {
          if taken[position / 64] >> UInt64(position % 64) & 1 != 0 { busy = position }
          position += 1
        }
      }
      guard let busy else { return offset }
      offset = (base + busy + alignment) / alignment * alignment - base
    }
    return nil
  }

  mutating func set(_ offset: Int, _ count: Int, taken isTaken: Bool) {
    for position in offset..<(offset + count) {
      let bit: UInt64 = 1 << UInt64(position % 64)
      if isTaken { taken[position / 64] |= bit } else { taken[position / 64] &= ~bit }
    }
  }

  func isTaken(_ offset: Int, _ count: Int) -> Bool {
    for position in offset..<(offset + count) where taken[position / 64] >> UInt64(position % 64) & 1 == 0 {
      return false
    }
    return true
  }
}

/// Why a contiguous block could not be had or given back. Nothing was changed.
public enum ContiguousFailure: Error, Equatable, Sendable {
  /// There is no such area.
  case noArea
  /// No frames, more than the area has, or an alignment that is no power of two.
  case invalidSize
  /// Every place in the area is given out or holds a page that cannot be moved.
  case busy
  /// The block was not given out by this area.
  case notTaken
}
