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

  /// Runs a program in ring 3, in the address space that is loaded, until something brings the processor back.
  ///
  /// The kernel's vector registers are not kept from it, nor its own kept: it uses none.
  static func run(_ frame: inout TrapFrame) {
    // SAFETY: run_user returns with the frame filled and the registers of its caller as they were.
    unsafe run_user(&frame)
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
