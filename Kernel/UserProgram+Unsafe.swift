import Hardware

/// The program of `user.S`, which makes one access on command.
enum UserProgram {
  /// Where every process has it.
  static let address = VirtualAddress(0x20_0000)

  /// Its code, in words.
  static var words: [UInt64] {
    let start = user_program_address()
    let count = Int(user_program_end_address() - start) / 8
    var words: [UInt64] = []
    for index in 0..<count {
      // SAFETY: the words lie between the two symbols, both aligned to 8.
      words.append(unsafe UnsafePointer<UInt64>(bitPattern: start)![index])
    }
    return words
  }

  /// Runs a program in ring 3 with the tables of an address space until something brings the processor back.
  ///
  /// Going there and coming back loads CR3, which makes the processor forget all it has buffered (nothing is global): the
  /// engine's flushes, which go to its models of processors, are done before it can matter. The vector registers are
  /// neither kept from the program nor for it: it uses none.
  static func run(_ frame: inout TrapFrame, _ root: FrameNumber) {
    // SAFETY: the frame is run_user's alone, which returns with the registers of its caller as they were.
    guard let shared = unsafe UnsafeMutablePointer<TrapFrame>(bitPattern: user_frame_address()) else { return }
    unsafe shared.pointee = frame
    run_user(root.address.rawValue)
    frame = unsafe shared.pointee
  }

  /// The registers with which it makes an access.
  static func frame(_ kind: AccessKind, _ address: VirtualAddress, _ word: UInt64) -> TrapFrame {
    var frame = TrapFrame()
    frame.rax = UInt64(kind.rawValue)
    frame.rdi = address.rawValue
    frame.rsi = word
    frame.rip = Self.address.rawValue
    frame.cs = UInt64(Segments.userCode)
    frame.ss = UInt64(Segments.userData)
    // Bit 1 is always set (SDM volume 1, 3.4.3); interrupts stay off.
    frame.rflags = 2
    return frame
  }
}
