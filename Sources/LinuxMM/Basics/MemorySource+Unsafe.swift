/// Where the engine's own bookkeeping gets its memory from.
///
/// A host hands in how to reserve a zero-filled region whose pages cost nothing until they are
/// written, so that a machine of a terabyte starts in a megabyte. Bare metal hands in its boot memory.
@safe public struct MemorySource: Sendable {
  /// Reserves `byteCount` zero-filled bytes, aligned to 4096; `nil` when the host has no such room.
  let reserve: @Sendable (_ byteCount: Int) -> UnsafeMutableRawPointer?
  /// Gives a region of `reserve` back.
  let release: @Sendable (_ base: UnsafeMutableRawPointer, _ byteCount: Int) -> Void

  public init(
    reserve: @escaping @Sendable (_ byteCount: Int) -> UnsafeMutableRawPointer?,
    release: @escaping @Sendable (_ base: UnsafeMutableRawPointer, _ byteCount: Int) -> Void
  ) {
    unsafe self.reserve = reserve
    unsafe self.release = release
  }
}
