/// What `checkInvariants()` found wrong.
public struct BrokenInvariant: Error, Sendable {
  public let what: StaticString
  /// The frame, page or count that shows it.
  public let value: UInt64

  init(_ what: StaticString, _ value: some BinaryInteger) {
    self.what = what
    self.value = UInt64(truncatingIfNeeded: value)
  }
}
