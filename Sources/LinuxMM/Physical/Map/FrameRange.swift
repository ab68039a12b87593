/// A half-open range of frames.
public struct FrameRange: Hashable, Sendable, BitwiseCopyable {
  public var start: FrameNumber
  public var end: FrameNumber

  public init(_ start: FrameNumber, _ end: FrameNumber) {
    self.start = start
    self.end = end
  }

  /// The number of frames.
  public var count: Int { end > start ? Int(end.rawValue) - Int(start.rawValue) : 0 }

  func clipped(to other: FrameRange) -> FrameRange {
    FrameRange(max(start, other.start), min(end, other.end))
  }
}
