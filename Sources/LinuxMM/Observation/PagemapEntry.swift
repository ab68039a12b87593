/// What the frame behind a page-table entry tells of who else has it.
public struct PageSharing: OptionSet, Hashable, Sendable, BitwiseCopyable {
  public var rawValue: UInt8

  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// No other entry maps it. Linux: `page_mapcount` of 1.
  public static let exclusive = PageSharing(rawValue: 1)
  /// It belongs to a file or is shared memory. Linux: not `PageAnon`.
  public static let file = PageSharing(rawValue: 2)
}

/// A page's word in `/proc/PID/pagemap`, with frame numbers as root sees them.
///
/// Source: `Documentation/admin-guide/mm/pagemap.rst` of Linux 6.1; Linux: `pte_to_pagemap_entry`.
public struct PagemapEntry: Hashable, Sendable, BitwiseCopyable {
  public var rawValue: UInt64

  public init(rawValue: UInt64) { self.rawValue = rawValue }

  private static let frameMask: UInt64 = 1 << 55 - 1
  fileprivate static let softDirty: UInt64 = 1 << 55
  private static let exclusive: UInt64 = 1 << 56
  private static let writeWatched: UInt64 = 1 << 57
  private static let file: UInt64 = 1 << 61
  private static let swapped: UInt64 = 1 << 62
  private static let present: UInt64 = 1 << 63
  /// Linux: `MAX_SWAPFILES_SHIFT`.
  private static let swapTypeBits: UInt64 = 5

  /// The word of a page behind which nothing stands.
  ///
  /// - Parameter isNew: whether its area is new or was moved since the soft-dirty marks were cleared.
  public init(isNew: Bool) { rawValue = isNew ? Self.softDirty : 0 }

  /// - Parameter offset: the page's place in a large page.
  init(_ entry: PageTableEntry, offset: UInt64 = 0, _ sharing: PageSharing, isNew: Bool) {
    self.init(isNew: isNew)
    if entry.holdsPage {
      rawValue |= Self.present | UInt64(entry.frame.rawValue) + offset
      if entry.rawValue & PageTableEntry.softDirty != 0 { rawValue |= Self.softDirty }
      if entry.isWriteWatched { rawValue |= Self.writeWatched }
    } else if let away = entry.nonPresent {
      rawValue |= Self.swapped | (away.type | away.offset << Self.swapTypeBits) & Self.frameMask
      if entry.swapMarks.contains(.softDirty) { rawValue |= Self.softDirty }
      if entry.swapMarks.contains(.userFaultWrite) || away == .marker(NonPresentEntry.userfaultMarker) {
        rawValue |= Self.writeWatched
      }
    }
    if sharing.contains(.file) { rawValue |= Self.file }
    if sharing.contains(.exclusive) { rawValue |= Self.exclusive }
  }

  /// The word of the page that a walk leads to.
  public init(_ walk: PageTableWalk, _ sharing: PageSharing, isNew: Bool) {
    guard let last = walk.last, !last.entry.isEmpty, last.level == 0 || last.entry.isLarge || !last.entry.isPresent
    else {
      self.init(isNew: isNew)
      return
    }
    var entry = last.entry
    var offset: UInt64 = 0
    if last.level > 0 && entry.isLarge {
      let span = walk.geometry.span(last.level)
      entry = .page(entry.frame(span: span), entry.bits)
      offset = walk.address.page.rawValue & (span - 1)
    }
    self.init(entry, offset: offset, sharing, isNew: isNew)
  }

  public var isPresent: Bool { rawValue & Self.present != 0 }
  public var isSwapped: Bool { rawValue & Self.swapped != 0 }
  public var isSoftDirty: Bool { rawValue & Self.softDirty != 0 }
  /// Whether no other entry maps the page.
  public var isExclusive: Bool { rawValue & Self.exclusive != 0 }
  /// Whether it is write-protected by userfaultfd.
  public var isWriteWatched: Bool { rawValue & Self.writeWatched != 0 }
  /// Whether it is a page of a file or shared anonymous memory.
  public var isFileOrShared: Bool { rawValue & Self.file != 0 }
  /// Of a present page.
  public var frame: UInt64 { rawValue & Self.frameMask }
  /// Of a page in swap.
  public var swapType: UInt64 { rawValue & (1 << Self.swapTypeBits - 1) }
  public var swapOffset: UInt64 { (rawValue & Self.frameMask) >> Self.swapTypeBits }
}

extension Machine where P: ~Copyable {
  /// `/proc/PID/pagemap` for a range of pages: one word a page, as ``PagemapEntry`` explains it.
  public func pagemap(_ process: ProcessIndex, _ pages: Range<UInt64>) -> [UInt64] {
    var words = [UInt64](repeating: 0, count: pages.count)
    let space = processes[process.rawValue].space
    guard space != .none else { return words }
    let root = spaces.descriptors[space.rawValue].context.root
    let shown = spaces.settings.recordsWrites ? UInt64.max : ~PagemapEntry.softDirty
    var place = spaces.firstArea(space, endingAbove: VirtualPage(pages.lowerBound))
    while place != AreaTree.none, spaces.areas[place].start.rawValue < pages.upperBound {
      let area = spaces.areas[place]
      var page = max(area.start, VirtualPage(pages.lowerBound))
      let end = min(area.end, VirtualPage(pages.upperBound))
      let isNew = area.flags.contains(.softDirty)
      while page < end {
        var word = PagemapEntry(isNew: isNew)
        if let place = spaces.translation.place(root, page) {
          let entry = spaces.translation.entry(place)
          word = PagemapEntry(entry, spaces.translation.sharing(entry), isNew: isNew)
        }
        words[Int(page.rawValue - pages.lowerBound)] = word.rawValue & shown
        page = page + 1
      }
      place = area.next
    }
    return words
  }
}
