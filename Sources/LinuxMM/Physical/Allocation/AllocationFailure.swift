/// No block of the wanted order could be had; what the kernel's report would say of it.
public struct AllocationFailure: Error, Sendable {
  public let order: PageOrder
  public let flags: GFPFlags
  public let reason: Reason

  public enum Reason: Sendable {
    /// No permitted zone can give it and keep its watermark.
    /// The control group has as much as it may.
    case groupLimit
    case noMemory
    /// No block is that large.
    case orderTooLarge
    /// The flags contradict each other.
    case invalidFlags
  }
}

/// Why a block cannot be freed. Nothing was changed.
public enum FreeFailure: Error, Equatable, Sendable {
  /// The frame is free already.
  case alreadyFree(FrameNumber)
  /// The block was allocated with another order.
  case otherOrder(FrameNumber, allocated: PageOrder)
  /// The frame is not the first of an allocated block: inside of one, reserved by the kernel or no RAM at all.
  case notAllocated(FrameNumber)
  /// Something still uses or maps the frame. Linux: "Bad page state".
  case inUse(FrameNumber)
}
