import Hardware

/// Reading a word in ring 0 where there may be no page.
enum Probe {
  /// Reads the word at an address through the tables of an address space.
  ///
  /// - Parameter overridesPrevention: whether it may be a program's page although SMAP is on.
  /// - Returns: how the processor ended the access, and the word.
  static func read(
    _ root: FrameNumber, _ address: VirtualAddress, overridesPrevention: Bool
  ) -> (outcome: AccessOutcome, word: UInt64) {
    let overrides = overridesPrevention && Processor.preventsAccess
    let result = probe(root.address.rawValue, address.rawValue, overrides ? 1 : 0)
    if result.fault == 0 { return (.done, result.word) }
    if result.fault >> 32 & 0xff == Vector.pageFault {
      return (.fault(PageFaultCode(rawValue: UInt16(truncatingIfNeeded: result.fault))), 0)
    }
    return (.generalProtection, 0)
  }
}
