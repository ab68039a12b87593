import Hardware

/// Reading a word in ring 0 where there may be no page.
enum Probe {
  private static let faulted: UInt64 = 1 << 63

  /// What `probe` returns after a fault.
  static func result(vector: UInt64, error: UInt64) -> UInt64 { faulted | vector << 32 | error }

  /// Reads the word at an address through the page tables that are loaded.
  ///
  /// - Parameter overridesPrevention: whether it may be a program's page although SMAP is on.
  /// - Returns: how the processor ended the access, and the word.
  static func read(_ address: VirtualAddress, overridesPrevention: Bool) -> (outcome: AccessOutcome, word: UInt64) {
    var word: UInt64 = 0
    // SAFETY: a fault of the one access is answered by kernelTrap; the word is written only without one.
    let result = unsafe probe(address.rawValue, &word, overridesPrevention && Processor.preventsAccess ? 1 : 0)
    if result == 0 { return (.done, word) }
    if result >> 32 & 0xff == Vector.pageFault {
      return (.fault(PageFaultCode(rawValue: UInt16(truncatingIfNeeded: result))), 0)
    }
    return (.generalProtection, 0)
  }
}
