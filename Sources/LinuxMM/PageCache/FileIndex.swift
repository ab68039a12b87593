/// A file's place in the page cache's table. It stays valid as long as the machine.
public struct FileIndex: Hashable, Sendable, BitwiseCopyable {
  public var rawValue: UInt32

  init(_ rawValue: UInt32) { self.rawValue = rawValue }

  /// No file: anonymous memory.
  public static let none = FileIndex(.max)
}
