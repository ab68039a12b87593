/// The bits of a page-table entry beside its address, by what they mean at the entry's level.
///
/// Source: Intel SDM volume 3, tables 4-4 to 4-20; Linux: `arch/x86/include/asm/pgtable_types.h`.
public struct PageTableEntryBits: OptionSet, Hashable, Sendable, BitwiseCopyable {
  public var rawValue: UInt32

  public init(rawValue: UInt32) { self.rawValue = rawValue }

  public static let present = PageTableEntryBits(rawValue: 1 << 0)
  public static let writable = PageTableEntryBits(rawValue: 1 << 1)
  public static let user = PageTableEntryBits(rawValue: 1 << 2)
  /// PWT.
  public static let writeThrough = PageTableEntryBits(rawValue: 1 << 3)
  /// PCD.
  public static let cacheDisabled = PageTableEntryBits(rawValue: 1 << 4)
  public static let accessed = PageTableEntryBits(rawValue: 1 << 5)
  public static let dirty = PageTableEntryBits(rawValue: 1 << 6)
  /// PS: the entry of an upper level holds a page.
  public static let pageSize = PageTableEntryBits(rawValue: 1 << 7)
  /// PAT: chooses a memory type; bit 7 of a base page's entry, bit 12 of a large page's.
  public static let attribute = PageTableEntryBits(rawValue: 1 << 8)
  public static let global = PageTableEntryBits(rawValue: 1 << 9)
  /// The kernel's: a page without rights. Linux: `_PAGE_PROTNONE`.
  public static let protectionNone = PageTableEntryBits(rawValue: 1 << 10)
  /// The kernel's: a page that is not counted. Linux: `_PAGE_SPECIAL`.
  public static let special = PageTableEntryBits(rawValue: 1 << 11)
  /// The kernel's: write-protected by userfaultfd. Linux: `_PAGE_UFFD_WP`, `_PAGE_SWP_UFFD_WP`.
  public static let userFaultWrite = PageTableEntryBits(rawValue: 1 << 12)
  /// The kernel's: written since the mark was cleared. Linux: `_PAGE_SOFT_DIRTY`, `_PAGE_SWP_SOFT_DIRTY`.
  public static let softDirty = PageTableEntryBits(rawValue: 1 << 13)
  /// The kernel's: no other process has the page in swap. Linux: `_PAGE_SWP_EXCLUSIVE`.
  public static let exclusive = PageTableEntryBits(rawValue: 1 << 14)
  /// The kernel's: a page of a device. Linux: `_PAGE_DEVMAP`.
  public static let deviceMap = PageTableEntryBits(rawValue: 1 << 15)
  /// NX, XD.
  public static let noExecute = PageTableEntryBits(rawValue: 1 << 16)

  /// Every bit with its name, in the order of the hardware's.
  public static var named: [(bit: PageTableEntryBits, name: StaticString)] {
    [
      (.present, "present"), (.writable, "writable"), (.user, "user"), (.writeThrough, "PWT"), (.cacheDisabled, "PCD"),
      (.accessed, "accessed"), (.dirty, "dirty"), (.pageSize, "PS"), (.attribute, "PAT"), (.global, "global"),
      (.protectionNone, "PROT_NONE"), (.special, "special"), (.userFaultWrite, "uffd-wp"), (.softDirty, "soft-dirty"),
      (.exclusive, "exclusive"), (.deviceMap, "devmap"), (.noExecute, "NX"),
    ]
  }
}

extension PageTableEntryBits {
  /// - Parameter isBase: whether the entry is of the last level.
  init(_ entry: PageTableEntry, isBase: Bool) {
    self = []
    if !entry.isEmpty && !entry.holdsPage {
      let marks = entry.swapMarks
      if marks.contains(.softDirty) { insert(.softDirty) }
      if marks.contains(.userFaultWrite) { insert(.userFaultWrite) }
      if marks.contains(.exclusive) { insert(.exclusive) }
      return
    }
    let raw = entry.rawValue
    // The lowest seven bits stand in the same places.
    rawValue = UInt32(truncatingIfNeeded: raw & 0x7f)
    if raw & PageTableEntry.large != 0 { insert(isBase ? .attribute : .pageSize) }
    if !isBase && entry.isLarge && raw & PageTableEntry.attributeLarge != 0 && entry.isPresent { insert(.attribute) }
    if raw & PageTableEntry.global != 0 { insert(entry.isPresent ? .global : .protectionNone) }
    if raw & PageTableEntry.special != 0 { insert(.special) }
    if raw & PageTableEntry.userFaultWrite != 0 { insert(.userFaultWrite) }
    if raw & PageTableEntry.softDirty != 0 { insert(.softDirty) }
    if raw & PageTableEntry.deviceMap != 0 { insert(.deviceMap) }
    if raw & PageTableEntry.noExecute != 0 { insert(.noExecute) }
  }
}
