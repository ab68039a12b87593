/// What an access to a page does.
public enum AccessKind: UInt8, Sendable {
  case read = 0
  case write = 1
  /// An instruction fetch.
  case fetch = 2
}
