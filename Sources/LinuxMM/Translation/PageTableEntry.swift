/// One entry of a page table, in the format of x86-64 and PAE. (The 4-byte entries of two-level tables are
/// translated where they are stored, see `NarrowEntry`.)
///
/// Present entries are the hardware's; what else stands in a table is the kernel's: a page without rights
/// (PROT_NONE), a page in swap or under way (``NonPresentEntry``), or nothing.
///
/// Source: Intel SDM volume 3, 4.5; Linux: `arch/x86/include/asm/pgtable_types.h`.
struct PageTableEntry: BitwiseCopyable, Equatable {
  var rawValue: UInt64

  @inline(__always)
  init(rawValue: UInt64) { self.rawValue = rawValue }

  static let empty = PageTableEntry(rawValue: 0)

  static let present: UInt64 = 1 << 0
  static let writable: UInt64 = 1 << 1
  static let user: UInt64 = 1 << 2
  /// Linux: `_PAGE_PWT`.
  static let writeThrough: UInt64 = 1 << 3
  /// Linux: `_PAGE_PCD`.
  static let cacheDisabled: UInt64 = 1 << 4
  static let accessed: UInt64 = 1 << 5
  static let dirty: UInt64 = 1 << 6
  /// The entry of an upper level holds a page. Linux: `_PAGE_PSE`.
  static let large: UInt64 = 1 << 7
  /// Chooses a memory type in entries of base pages. Linux: `_PAGE_PAT`.
  static let attribute: UInt64 = 1 << 7
  /// The same in entries of large pages. Linux: `_PAGE_PAT_LARGE`.
  static let attributeLarge: UInt64 = 1 << 12
  /// Kept over switches of address spaces.
  static let global: UInt64 = 1 << 8
  /// A PROT_NONE page, when the present bit is clear; the global bit otherwise.
  static let protectionNone: UInt64 = 1 << 8
  /// Not counted and not referenced: the zero page. Linux: `_PAGE_SPECIAL`.
  static let special: UInt64 = 1 << 9
  /// Write-protected by userfaultfd. Linux: `_PAGE_UFFD_WP`.
  static let userFaultWrite: UInt64 = 1 << 10
  /// Written since the mark was cleared. Linux: `_PAGE_SOFT_DIRTY`.
  static let softDirty: UInt64 = 1 << 11
  /// A page of a device. Linux: `_PAGE_DEVMAP`.
  static let deviceMap: UInt64 = 1 << 58
  /// Bits 59 to 62. Linux: `_PAGE_PKEY_MASK`.
  static let protectionKeyMask: UInt64 = 0xf << 59
  /// Not executable.
  static let noExecute: UInt64 = 1 << 63
  /// Bits 12 to 51.
  static let addressMask: UInt64 = 0x000f_ffff_ffff_f000
  /// What an entry keeps when its rights change. Linux: `_PAGE_CHG_MASK`.
  static let keptByProtection: UInt64 =
    addressMask | cacheDisabled | writeThrough | special | accessed | dirty | softDirty | deviceMap
    | userFaultWrite | attribute

  /// An entry that points to the next table: everything is permitted, the last level decides. Linux: `_PAGE_TABLE`.
  static func table(_ frame: FrameNumber) -> PageTableEntry {
    PageTableEntry(rawValue: frame.address.rawValue | present | writable | user | accessed | dirty)
  }

  /// An entry that holds a page.
  ///
  /// Without the present bit the frame's number is stored inverted, so that a processor that speculates with it finds no
  /// memory there (L1TF; `arch/x86/include/asm/pgtable-invert.h`).
  static func page(_ frame: FrameNumber, _ bits: UInt64) -> PageTableEntry {
    let address = frame.address.rawValue
    return PageTableEntry(rawValue: (isInverted(bits) ? ~address & addressMask : address) | bits)
  }

  /// An entry of an upper level that holds a page of `span` base pages; `frame` is its first.
  static func largePage(_ frame: FrameNumber, _ bits: UInt64, span: UInt64) -> PageTableEntry {
    let address = frame.address.rawValue
    let inverted = ~address & addressMask & ~(span << 12 &- 1)
    return PageTableEntry(rawValue: (isInverted(bits) ? inverted : address) | bits | large)
  }

  /// Whether an entry with these bits stores its frame's number inverted. Linux: `__pte_needs_invert`.
  @inline(__always)
  private static func isInverted(_ bits: UInt64) -> Bool { bits != 0 && bits & present == 0 }

  var isEmpty: Bool { rawValue == 0 }
  /// Whether the hardware uses it.
  @inline(__always)
  var isPresent: Bool { rawValue & Self.present != 0 }
  /// Whether a page stands behind it, be it an inaccessible one. Linux: `pte_present`.
  var holdsPage: Bool { rawValue & (Self.present | Self.protectionNone) != 0 }
  /// Whether a certain frame stands behind it.
  func isPage(_ frame: FrameNumber) -> Bool { holdsPage && self.frame == frame }
  /// Whether the page behind it is out of reach for now: its area has no rights, or it is marked for a hint fault. Linux:
  /// `pte_protnone`.
  @inline(__always)
  var isInaccessible: Bool { rawValue & (Self.present | Self.protectionNone) == Self.protectionNone }
  /// Whether it is an upper level's entry with a page behind it. Linux: `pmd_present` and `pmd_large`.
  @inline(__always)
  var isLarge: Bool { rawValue & Self.large != 0 }
  @inline(__always)
  var isWritable: Bool { rawValue & Self.writable != 0 }
  var isDirty: Bool { rawValue & Self.dirty != 0 }
  var isWriteWatched: Bool { rawValue & Self.userFaultWrite != 0 }
  var isSpecial: Bool { rawValue & Self.special != 0 }
  @inline(__always)
  var isExecutable: Bool { rawValue & Self.noExecute == 0 }
  /// 0 to 15. Linux: `pte_flags_pkey`.
  @inline(__always)
  var protectionKey: Int { Int(truncatingIfNeeded: rawValue >> 59) & 15 }
  /// The frame behind it; of a large page see ``frame(span:)``.
  @inline(__always)
  var frame: FrameNumber {
    let address = Self.isInverted(rawValue) ? ~rawValue : rawValue
    return FrameNumber(containing: PhysicalAddress(address & Self.addressMask))
  }

  /// The frame behind an entry that the hardware uses.
  @inline(__always)
  var presentFrame: FrameNumber { FrameNumber(containing: PhysicalAddress(rawValue & Self.addressMask)) }

  /// The first frame of a page of `span` base pages.
  @inline(__always)
  func frame(span: UInt64) -> FrameNumber {
    FrameNumber(frame.rawValue & ~(UInt32(truncatingIfNeeded: span) &- 1))
  }

  /// The entry's bits without the frame.
  var bits: UInt64 { rawValue & ~Self.addressMask }

  func setting(_ bits: UInt64) -> PageTableEntry { PageTableEntry(rawValue: rawValue | bits) }
  func clearing(_ bits: UInt64) -> PageTableEntry { PageTableEntry(rawValue: rawValue & ~bits) }

  /// The same page with other rights: `bits` and what of the entry is in `kept`. Linux: `pte_modify`.
  func changing(to bits: UInt64, keeping kept: UInt64 = keptByProtection) -> PageTableEntry {
    .page(frame, self.bits & kept | bits)
  }
}
