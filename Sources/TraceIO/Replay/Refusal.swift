import LinuxMM

/// An access that went well for the program and for which the model has no memory.
public struct Refusal: Equatable, Sendable {
  public let pid: UInt32
  public let address: VirtualAddress
  public let kind: AccessKind
  public let outcome: FaultOutcome
  /// When, on the machine's clock.
  public let nanoseconds: UInt64
}
