/// What a frame is used for, by the layers above the page allocator: 32 bytes a frame, which with its ``FrameState`` and
/// ``FrameLinks`` make 41.
///
/// Linux: `struct page` (64 bytes). All zero unless the frame's state is `used`; its owner writes it.
struct Frame: BitwiseCopyable {
  var flags: FrameFlags = []
  /// Who took the last hint fault on the page from another node. Linux: `_last_cpupid`.
  var lastHinted = HintedTask.none
  /// The control group that is charged for it, 0 for the root. Linux: `memcg_data`.
  var group: UInt16 = 0
  /// Uses of the frame: the page cache, the swap cache and every page-table entry count one. Linux: `_refcount`.
  var references: Int32 = 0
  /// Page-table entries that map the frame. Linux: `_mapcount` + 1.
  var mappings: Int32 = 0
  /// The file whose page cache holds the frame; else whose family of anonymous pages it belongs to.
  var owner: UInt32 = 0
  /// Its slot while it is in the swap cache. Linux: `private`.
  var slot = SwapSlot.none
  /// The page's position in its file, or in its anonymous area's numbering, in pages. Linux: `index`.
  var fileOffset: UInt64 = 0
}

/// The uses of a frame. Linux: `enum pageflags`, `PageTable`.
struct FrameFlags: OptionSet, BitwiseCopyable {
  var rawValue: UInt32

  /// Holds page-table entries. Linux: `PG_table`.
  static let pageTable = FrameFlags(rawValue: 1 << 3)
  /// Private memory of a process. Linux: `PageAnon`.
  static let anonymous = FrameFlags(rawValue: 1 << 4)
  /// In the page cache of a file.
  static let cached = FrameFlags(rawValue: 1 << 5)
  /// Page of shared memory: a file without a disk. Linux: `PageSwapBacked` in a shmem mapping.
  static let sharedMemory = FrameFlags(rawValue: 1 << 6)
  /// Newer than the file's copy on disk.
  static let dirty = FrameFlags(rawValue: 1 << 7)
  /// The page of zeros that reads of untouched anonymous memory map.
  static let zeroPage = FrameFlags(rawValue: 1 << 8)
  /// Dirty when it was to be taken back, or the page at which more are to be read ahead: such a page is not mapped along
  /// with others. Linux: `PG_reclaim`, which is `PG_readahead` too.
  static let readahead = FrameFlags(rawValue: 1 << 11)
  /// Private memory that only one process has, which may write to it at once. Linux: `PG_anon_exclusive`.
  static let exclusive = FrameFlags(rawValue: 1 << 9)
  /// Private memory that may be dropped unless written again: MADV_FREE. Linux: `PageAnon` without `PG_swapbacked`.
  static let lazilyFree = FrameFlags(rawValue: 1 << 10)

  /// On one of its node's lists of pages by their use. Linux: `PG_lru`.
  static let listed = FrameFlags(rawValue: 1 << 12)
  /// On an active list, or to come there. Linux: `PG_active`.
  static let active = FrameFlags(rawValue: 1 << 13)
  /// Used since it was looked at last. Linux: `PG_referenced`.
  static let referenced = FrameFlags(rawValue: 1 << 14)
  /// Was active before it was deactivated or evicted. Linux: `PG_workingset`.
  static let workingSet = FrameFlags(rawValue: 1 << 15)
  /// Has a slot in swap. Linux: `PG_swapcache`.
  static let swapCache = FrameFlags(rawValue: 1 << 16)
  /// Being written to its disk or slot. Linux: `PG_writeback`.
  static let writeback = FrameFlags(rawValue: 1 << 17)
  /// Being read. Linux: `PG_locked` of a page that is not `PG_uptodate` yet.
  static let reading = FrameFlags(rawValue: 1 << 18)
  /// In locked memory of a process. Linux: `PG_mlocked`.
  static let mlocked = FrameFlags(rawValue: 1 << 19)
  /// On the list of pages that cannot be taken back. Linux: `PG_unevictable`.
  static let unevictable = FrameFlags(rawValue: 1 << 20)

  /// Could not be read. Linux: neither `PG_uptodate` nor `PG_locked`.
  static let failed = FrameFlags(rawValue: 1 << 21)

  /// Page of a file for which its file system keeps a buffer since it was written to. Linux: `PG_private` with
  /// `struct buffer_head`.
  static let buffered = FrameFlags(rawValue: 1 << 29)

  /// Whether it is private memory, of a process and not in swap as well, that nothing is happening to.
  @inline(__always)
  var isPlainPrivate: Bool {
    let others: FrameFlags = [
      .cached, .lazilyFree, .swapCache, .writeback, .reading, .mlocked, .unevictable, .failed, .zeroPage, .pageTable,
    ]
    return intersection(others.union(.anonymous)) == .anonymous
  }

  /// Whether a page is taken back by writing it to its file or by dropping it, rather than to swap. Linux:
  /// `page_is_file_lru`.
  @inline(__always)
  var hasDisk: Bool { contains(.cached) ? !contains(.sharedMemory) : contains(.lazilyFree) }
}
