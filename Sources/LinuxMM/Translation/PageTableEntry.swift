/// One 8-byte entry of a page table in the format of the x86-64 hardware.
///
/// Source: Intel SDM volume 3, 4.5; Linux: `arch/x86/include/asm/pgtable_types.h`.
struct PageTableEntry: BitwiseCopyable, Equatable {
  var rawValue: UInt64

  init(rawValue: UInt64) { self.rawValue = rawValue }

  static let empty = PageTableEntry(rawValue: 0)

  static let present: UInt64 = 1 << 0
  static let writable: UInt64 = 1 << 1
  static let user: UInt64 = 1 << 2
  static let accessed: UInt64 = 1 << 5
  static let dirty: UInt64 = 1 << 6
  /// A PROT_NONE page, when the present bit is clear; the global bit otherwise.
  static let protectionNone: UInt64 = 1 << 8
  /// Not counted and not referenced: the zero page. Linux: `_PAGE_SPECIAL`.
  static let special: UInt64 = 1 << 9
  /// Writes to it go to a userfaultfd. Linux: `_PAGE_UFFD_WP`.
  static let userFaultWrite: UInt64 = 1 << 10
  /// Written or moved since the last `clear_refs`. Linux: `_PAGE_SOFT_DIRTY`.
  static let softDirty: UInt64 = 1 << 11
  /// Not executable.
  static let noExecute: UInt64 = 1 << 63
  /// Bits 12 to 51.
  static let addressMask: UInt64 = 0x000f_ffff_ffff_f000

  /// An entry that points to the next table: everything is permitted, the last level decides.
  static func table(_ frame: FrameNumber) -> PageTableEntry {
    PageTableEntry(rawValue: frame.address.rawValue | present | writable | user | accessed)
  }

  /// A last-level entry.
  static func page(_ frame: FrameNumber, _ bits: UInt64) -> PageTableEntry {
    PageTableEntry(rawValue: frame.address.rawValue | bits)
  }

  var isEmpty: Bool { rawValue == 0 }
  /// Whether the hardware uses it.
  @inline(__always)
  var isPresent: Bool { rawValue & Self.present != 0 }
  /// Whether a page stands behind it, be it an inaccessible one.
  var holdsPage: Bool { rawValue & (Self.present | Self.protectionNone) != 0 }
  @inline(__always)
  var isWritable: Bool { rawValue & Self.writable != 0 }
  var isDirty: Bool { rawValue & Self.dirty != 0 }
  var isWriteWatched: Bool { rawValue & Self.userFaultWrite != 0 }
  var isSpecial: Bool { rawValue & Self.special != 0 }
  @inline(__always)
  var isExecutable: Bool { rawValue & Self.noExecute == 0 }
  var frame: FrameNumber {
    FrameNumber(containing: PhysicalAddress(rawValue & Self.addressMask))
  }

  func setting(_ bits: UInt64) -> PageTableEntry { PageTableEntry(rawValue: rawValue | bits) }
  func clearing(_ bits: UInt64) -> PageTableEntry { PageTableEntry(rawValue: rawValue & ~bits) }
}
