/// What the memory manager knows about one frame of physical memory: 32 bytes a frame.
///
/// Linux: `struct page` (64 bytes). The all-zero pattern is a frame that was never used and lies in a
/// pristine run of its zone, see ``Zone/pristine``.
struct Frame: BitwiseCopyable {
  /// What the frame is used for.
  var flags: FrameFlags = []
  /// The block's order, on the first frame of a free or allocated block. Linux: `compound_order`, `private`.
  var order: PageOrder = .single
  /// Index of the zone the frame belongs to; valid once the frame was used.
  var zone: UInt8 = 0
  /// Uses of the frame: the page cache and every page-table entry count one. Linux: `_refcount`.
  var references: Int32 = 0
  /// Page-table entries that map the frame. Linux: `_mapcount` + 1.
  var mappings: Int32 = 0
  /// The file whose page cache holds the frame; else the address space it was allocated for.
  var owner: UInt32 = 0
  /// The page's position in its file, in pages. Linux: `index`.
  var fileOffset: UInt64 = 0
  /// Neighbours on the free list. Linux: `lru`.
  var next: FrameNumber = .none
  var previous: FrameNumber = .none
}

/// The uses and states of a frame. Linux: `enum pageflags`, `PageBuddy`, `PageTable`.
struct FrameFlags: OptionSet, BitwiseCopyable {
  var rawValue: UInt16

  /// First frame of a free block.
  static let buddy = FrameFlags(rawValue: 1 << 0)
  /// First frame of an allocated block.
  static let allocated = FrameFlags(rawValue: 1 << 1)
  /// Never given to the buddy system: the kernel image, firmware.
  static let reserved = FrameFlags(rawValue: 1 << 2)
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
}
