/// What an entry without a present page says: where the page is instead, or what must not be forgotten about it.
///
/// The 64 bits hold a type in bits 59 to 63 and an offset, inverted against L1TF, in bits 9 to 58; types from 26 on are
/// no swap devices. Bits 1 to 3 keep what the page's entry knew (``SwapMarks``).
///
/// Source: `arch/x86/include/asm/pgtable_64.h`, `include/linux/swap.h`, `include/linux/swapops.h` of Linux 6.1, numbered
/// as Debian's kernel for amd64 is configured (without device private memory). A 32-bit kernel has fewer types.
enum NonPresentEntry: Equatable {
  /// In slot `offset` of a swap device, 0 to 25.
  case swap(device: Int, offset: UInt64)
  /// The frame's memory is broken. Linux: `SWP_HWPOISON`.
  case poisoned(FrameNumber)
  /// The page is being moved away from the frame.
  case migration(FrameNumber, Migration)
  /// No page, but a note for the next fault. Linux: `SWP_PTE_MARKER`.
  case marker(UInt64)
  /// The page could not be read back. Linux: `SWP_SWAPIN_ERROR`.
  case swapInError(FrameNumber)

  /// Linux: `MAX_SWAPFILES`.
  static let deviceCount = 26
  /// The marker that remembers userfaultfd's write protection. Linux: `PTE_MARKER_UFFD_WP`.
  static let userfaultMarker: UInt64 = 1

  /// How a page that is being moved was mapped.
  struct Migration: Equatable, BitwiseCopyable {
    enum Rights: UInt8 {
      case read
      /// Read-only, but no other process has the page. Linux: `SWP_MIGRATION_READ_EXCLUSIVE`.
      case readExclusive
      case write
    }

    var rights: Rights
    var isAccessed = false
    var isDirty = false
  }

  private static let poisonedType: UInt64 = 26
  private static let migrationType: UInt64 = 27
  private static let markerType: UInt64 = 30
  private static let errorType: UInt64 = 31
  /// Above the frame number of migration entries. Linux: `SWP_MIG_YOUNG_BIT`, `SWP_MIG_DIRTY_BIT` with 46 physical bits.
  private static let accessedOffset: UInt64 = 1 << 34
  private static let dirtyOffset: UInt64 = 1 << 35

  /// The number that says which of the cases it is. Linux: `swp_type`.
  var type: UInt64 {
    switch self {
    case .swap(let device, _): UInt64(device)
    case .poisoned: Self.poisonedType
    case .migration(_, let migration): Self.migrationType + UInt64(migration.rights.rawValue)
    case .marker: Self.markerType
    case .swapInError: Self.errorType
    }
  }

  /// Linux: `swp_offset`.
  var offset: UInt64 {
    switch self {
    case .swap(_, let offset): offset
    case .poisoned(let frame), .swapInError(let frame): UInt64(frame.rawValue)
    case .migration(let frame, let migration):
      UInt64(frame.rawValue) | (migration.isAccessed ? Self.accessedOffset : 0)
        | (migration.isDirty ? Self.dirtyOffset : 0)
    case .marker(let marks): marks
    }
  }

  fileprivate init(type: UInt64, offset: UInt64) {
    let frame = FrameNumber(UInt32(truncatingIfNeeded: offset))
    switch type {
    case Self.poisonedType: self = .poisoned(frame)
    case Self.markerType: self = .marker(offset)
    case Self.errorType: self = .swapInError(frame)
    case Self.migrationType..<Self.markerType:
      let rights = Migration.Rights(rawValue: UInt8(type - Self.migrationType)) ?? .read
      self = .migration(
        frame,
        Migration(
          rights: rights, isAccessed: offset & Self.accessedOffset != 0, isDirty: offset & Self.dirtyOffset != 0))
    default: self = .swap(device: Int(type), offset: offset)
    }
  }
}

/// What a page's entry knew, kept while the page is in swap or moved. Only on 64-bit machines.
struct SwapMarks: OptionSet, Equatable {
  var rawValue: UInt64

  /// Linux: `_PAGE_SWP_SOFT_DIRTY`.
  static let softDirty = SwapMarks(rawValue: 1 << 1)
  /// Linux: `_PAGE_SWP_UFFD_WP`.
  static let userFaultWrite = SwapMarks(rawValue: 1 << 2)
  /// No other process has the anonymous page. Linux: `_PAGE_SWP_EXCLUSIVE`.
  static let exclusive = SwapMarks(rawValue: 1 << 3)
  static let all: SwapMarks = [.softDirty, .userFaultWrite, .exclusive]
}

extension PageTableEntry {
  private static let offsetShift: UInt64 = 9
  private static let offsetMask: UInt64 = (1 << 50 - 1) << offsetShift
  private static let typeShift: UInt64 = 59

  /// Linux: `swp_entry_to_pte`.
  init(_ entry: NonPresentEntry, marks: SwapMarks = []) {
    let offset = ~(entry.offset << Self.offsetShift) & Self.offsetMask
    self.init(rawValue: entry.type << Self.typeShift | offset | marks.rawValue)
  }

  /// What a non-present entry says; `nil` if it is empty or holds a page. Linux: `is_swap_pte`, `pte_to_swp_entry`.
  var nonPresent: NonPresentEntry? {
    guard !isEmpty, !holdsPage else { return nil }
    return NonPresentEntry(
      type: rawValue >> Self.typeShift, offset: (~rawValue & Self.offsetMask) >> Self.offsetShift)
  }

  /// The slot of a page that is in swap.
  @inline(__always)
  var swapSlot: SwapSlot? {
    guard !isEmpty, !holdsPage, rawValue >> Self.typeShift < UInt64(NonPresentEntry.deviceCount) else { return nil }
    return SwapSlot(
      area: Int(rawValue >> Self.typeShift), offset: Int((~rawValue & Self.offsetMask) >> Self.offsetShift))
  }

  var swapMarks: SwapMarks { SwapMarks(rawValue: rawValue & SwapMarks.all.rawValue) }
}
