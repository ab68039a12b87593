/// An address space's place in the machine.
public struct SpaceIndex: Hashable, Sendable, BitwiseCopyable {
  let rawValue: UInt32

  init(_ rawValue: UInt32) { self.rawValue = rawValue }

  public static let none = SpaceIndex(.max)
}
