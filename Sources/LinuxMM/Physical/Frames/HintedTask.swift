/// Who took a hint fault on a page: a processor, and the lower part of a process's number.
///
/// Linux: `cpupid`, with 8 bits of the thread's number; here it is 10 of the process's, since threads are no tasks of
/// their own.
struct HintedTask: Equatable, BitwiseCopyable {
  private let rawValue: UInt16

  private init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Nobody yet, as of a page that has just been allocated.
  static let none = HintedTask(rawValue: 0)

  /// - Precondition: the processor is below 64.
  init(process: UInt32, on processor: Int) {
    rawValue = UInt16(truncatingIfNeeded: processor) << 10 | Self.part(of: process)
  }

  var processor: Int { Int(rawValue >> 10) }

  /// Whether it may be this process. Linux: `cpupid_match_pid`.
  func matches(process: UInt32) -> Bool { rawValue & 1023 == Self.part(of: process) }

  /// Never 0, which is nobody's.
  private static func part(of process: UInt32) -> UInt16 { UInt16(process % 1023) + 1 }
}
