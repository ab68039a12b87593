/// What the machine did when no frame could be had.
public struct OutOfMemoryEvent: Sendable {
  public enum End: Sendable {
    /// A process was killed.
    case kill
    /// Nobody could be killed, or the machine was set to panic; everything ended.
    case panic
  }

  /// When, on the machine's clock.
  public let nanoseconds: UInt64
  public let end: End
  /// Who asked for memory.
  public let invoker: ProcessIndex
  /// Who was killed.
  public let victim: ProcessIndex
  /// What the victim was chosen by, in pages (`mm/oom_kill.c:oom_badness`).
  public let points: Int
  /// Its `oom_score_adj`.
  public let adjustment: Int
  public let anonymousPages: Int
  public let filePages: Int
  public let sharedPages: Int
  public let swappedPages: Int
  public let tablePages: Int
  /// Free frames and free swap at that moment.
  public let freePages: Int
  public let freeSwapPages: Int
  /// What the kernel's log would say, line by line with the time; empty for those who are killed along with another.
  public internal(set) var text: [UInt8] = []
}
