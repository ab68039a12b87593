/// The tag of an entry of a buffer: what it translates, for whom, and which user accesses need not look further.
///
/// Bits 12 to 63 are the number of the first page it is for; 7 to 9 the slot, 4 to 6 the kind; 1 to 3 the accesses
/// permitted to user mode, in the order of ``AccessKind``; bit 0 marks it as taken.
enum BufferedEntry {
  static let valid: UInt64 = 1
  private static let rights: UInt64 = 0b1110
  /// What must be equal for an entry to be found.
  static let key = ~rights
  private static let kindShift: UInt64 = 4
  private static let slotShift: UInt64 = 7
  static let slotMask: UInt64 = 7 << slotShift
  /// The slot of entries that hold for all address spaces.
  static let globalSlot = 7

  /// What every key of a slot has.
  @inline(__always)
  static func slotBits(_ slot: Int) -> UInt64 { UInt64(truncatingIfNeeded: slot) << slotShift | valid }

  static let globalBits = slotBits(globalSlot)

  /// All rights of an entry.
  static let allRights = ~key

  /// The right a user's access needs.
  @inline(__always)
  static func right(_ kind: AccessKind) -> UInt64 { 2 &<< UInt64(truncatingIfNeeded: kind.rawValue) }

  /// The key of a base page.
  @inline(__always)
  static func key(_ page: VirtualPage, _ slotBits: UInt64) -> UInt64 { page.rawValue << 12 | slotBits }

  /// The key of a page of another size.
  @inline(__always)
  static func key(_ page: VirtualPage, _ slotBits: UInt64, size: Int, shift: UInt64) -> UInt64 {
    (page.rawValue &>> shift) &<< (shift &+ 12) | UInt64(truncatingIfNeeded: size) << kindShift | slotBits
  }

  /// The key of an upper level's entry, from level 1 on.
  @inline(__always)
  static func walkKey(_ page: VirtualPage, _ slotBits: UInt64, level: Int, shift: UInt64) -> UInt64 {
    key(page, slotBits, size: level &+ 2, shift: shift)
  }

  /// 0 to 2 for pages of that size, above for an entry of level kind − 2.
  static func kind(_ tag: UInt64) -> Int { Int(tag >> kindShift) & 7 }

  static func slot(_ tag: UInt64) -> Int { Int(tag >> slotShift) & 7 }

  static func page(_ tag: UInt64) -> VirtualPage { VirtualPage(tag >> 12) }

  /// The accesses of users that an entry permits without another look: those that the rights permit, to pages without a
  /// protection key, writes only to pages that are marked as written.
  @inline(__always)
  static func rights(_ page: PageTranslation, _ controls: ProtectionControls) -> UInt64 {
    guard page.isUser, page.protectionKey == 0 || !controls.contains(.protectionKeys) else { return 0 }
    let writes = page.isWritable && page.isDirty
    let fetches = page.isExecutable || !controls.contains(.noExecute)
    return right(.read) | (writes ? right(.write) : 0) | (fetches ? right(.fetch) : 0)
  }
}
