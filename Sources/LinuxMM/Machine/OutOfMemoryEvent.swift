/// What the machine did when no frame could be had.
public struct OutOfMemoryEvent: Sendable {
  /// When, on the machine's clock.
  public let nanoseconds: UInt64
  /// Who asked for memory.
  public let invoker: ProcessIndex
  /// Who was killed.
  public let victim: ProcessIndex
  /// The victim's pages and its page tables: the badness it was chosen by
  /// (`mm/oom_kill.c:oom_badness`).
  public let points: UInt64
  public let anonymousPages: Int
  public let filePages: Int
  public let sharedPages: Int
  public let tablePages: Int
  /// Free frames at that moment.
  public let freePages: Int
}
