/// One step of a sequence, in the layout of `struct call` in `Tests/CallDriver/driver.c`.
struct Call: BitwiseCopyable {
  enum Kind: UInt32, BitwiseCopyable {
    case systemCall
    case load
    case store
    case fetch
    case fork
    case exit
    /// A sysctl.
    case setting
    /// Eight bytes written to the scratch page without the process's doing.
    case scratch
    /// A fork whose child has the very same memory, as with vfork.
    case share
    /// The process runs its program anew; the argument is where an empty path stands.
    case execute
    /// process_madvise on the process `number`: address and count of the ranges, advice, flags.
    case adviseOther
    /// A number written to `/proc/PID/clear_refs` by somebody else.
    case clearReferences = 32
  }

  var kind: UInt32
  var process: UInt32 = 0
  /// The system call's number, or the value of a store.
  var number: UInt64 = 0
  var arguments = InlineArray<6, UInt64>(repeating: 0)
  /// What each argument is added to: a result kept before; slot 0 is 0.
  var slots = InlineArray<6, UInt8>(repeating: 0)
  /// Where the result is kept, 0 for nowhere.
  var result: UInt8 = 0
  /// 1: the result has no meaning outside of its machine, only whether it is an error.
  var opaque: UInt8 = 0

  init(_ kind: Kind, process: Int = 0, number: UInt64 = 0, _ arguments: [UInt64] = []) {
    self.kind = kind.rawValue
    self.process = UInt32(process)
    self.number = number
    for (index, argument) in arguments.enumerated() { self.arguments[index] = argument }
  }

  static func system(_ call: SystemCall, process: Int = 0, _ arguments: [UInt64] = []) -> Call {
    Call(.systemCall, process: process, number: call.rawValue, arguments)
  }

  /// Takes what an earlier result holds as the base of an argument.
  func adding(slot: UInt8, to argument: Int) -> Call {
    var call = self
    call.slots[argument] = slot
    return call
  }

  func keeping(in slot: UInt8, opaque: Bool = false) -> Call {
    var call = self
    call.result = slot
    call.opaque = opaque ? 1 : 0
    return call
  }
}

/// What a sequence begins with, in the layout of `struct sequence`, and its steps.
struct CallSequence {
  var seed: UInt64
  var isUnprivileged: Bool
  var calls: [Call]
}

/// What came of a step, in the layout of `struct outcome`.
struct Outcome: BitwiseCopyable, Equatable {
  var result: Int64
  /// A hash of the process's memory as text.
  var state: UInt64
}

/// The layout of the subject's own memory.
enum Subject {
  static let scratch: UInt64 = 0x1000_0000
  static let code: UInt64 = 0x40_1000
  static let image: Range<UInt64> = 0x400..<0x402
  static let slotCount = 64
  /// The first number of a file that the subject opens itself.
  static let firstNumber: UInt64 = 12
}
