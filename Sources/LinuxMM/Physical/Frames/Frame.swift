/// What a frame is used for, by the layers above the page allocator: 24 bytes a frame, which with its ``FrameState`` and
/// ``FrameLinks`` make 33.
///
/// Linux: `struct page` (64 bytes). All zero unless the frame's state is `used`; its owner writes it.
struct Frame: BitwiseCopyable {
  var flags: FrameFlags = []
  /// Who took the last hint fault on the page from another node. Linux: `_last_cpupid`.
  var lastHinted = HintedTask.none
  /// Uses of the frame: the page cache and every page-table entry count one. Linux: `_refcount`.
  var references: Int32 = 0
  /// Page-table entries that map the frame. Linux: `_mapcount` + 1.
  var mappings: Int32 = 0
  /// The file whose page cache holds the frame; else whose family of anonymous pages it belongs to.
  var owner: UInt32 = 0
  /// The page's position in its file, or in its anonymous area's numbering, in pages. Linux: `index`.
  var fileOffset: UInt64 = 0
}

/// The uses of a frame. Linux: `enum pageflags`, `PageTable`.
struct FrameFlags: OptionSet, BitwiseCopyable {
  var rawValue: UInt16

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
}
