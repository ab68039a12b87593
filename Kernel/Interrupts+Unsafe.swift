import Hardware

/// The exceptions the kernel knows by name, with their vectors (Intel SDM volume 3, table 6-1).
enum Vector {
  static let generalProtection: UInt64 = 13
  static let pageFault: UInt64 = 14
  /// By which programs call, as on 32-bit Linux.
  static let systemCall: UInt64 = 0x80
}

/// The table of interrupts, and what the kernel does when it is interrupted itself.
///
/// Interrupts of devices stay off: nothing here waits for any.
///
/// Source: Intel SDM volume 3, 6.14.1 (gates of 64-bit mode).
enum Interrupts {
  static func load() {
    let entries = UInt64(interrupt_entries_address())
    for vector in 0..<UInt64(32) { setGate(vector, entry: entries + 16 * vector, forPrograms: false) }
    setGate(Vector.systemCall, entry: entries + 16 * 32, forPrograms: true)
    load_interrupt_table(UInt64(interrupt_gates_address()), 256 * 16 - 1)
  }

  /// - Parameter forPrograms: whether ring 3 may raise it with `int`.
  private static func setGate(_ vector: UInt64, entry: UInt64, forPrograms: Bool) {
    let type: UInt64 = forPrograms ? 0xee : 0x8e
    let low = entry & 0xffff | UInt64(Segments.kernelCode) << 16 | type << 40 | (entry >> 16 & 0xffff) << 48
    // SAFETY: the table has room for 256 gates of 16 bytes.
    guard let gate = unsafe UnsafeMutablePointer<UInt64>(bitPattern: interrupt_gates_address() + UInt(16 * vector))
    else { return }
    unsafe gate[0] = low
    unsafe gate[1] = entry >> 32
  }
}

/// Where a trap of the kernel itself arrives, but for those of ``Probe``: it is the end.
@_cdecl("kernel_trap")
public func kernelTrap(_ frame: UnsafeMutablePointer<TrapFrame>) {
  // SAFETY: the entry in interrupts.S passes the frame it has just filled.
  let trap = unsafe frame.pointee
  Serial.write("error: trap of the kernel, vector ")
  Serial.write(trap.vector)
  Serial.write(", error code ")
  Serial.write(hexadecimal: trap.error)
  Serial.write(", at ")
  Serial.write(hexadecimal: trap.rip)
  Serial.write(", CR2 ")
  Serial.write(hexadecimal: read_cr2())
  Serial.write("\n")
  exit(1)
}
