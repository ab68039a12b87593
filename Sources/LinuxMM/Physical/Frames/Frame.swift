/// What the memory manager knows about one frame of physical memory: 32 bytes a frame.
///
/// Linux: `struct page` (64 bytes). The all-zero pattern is a frame that was never used. Who owns the frame may
/// write everything but ``freeOrder``, which belongs to the zone's lock; neighbours read it when they merge.
///
/// The states of a frame and who changes them:
/// - *reserved*: all zero, outside of the buddy system for good.
/// - *free*: ``freeOrder`` set on a block's first frame; `next` and `previous` link the zone's list (zone's lock).
/// - *in a processor's list*: `flags` is `.listed`; `next` and `previous` link that list (its lock).
/// - *allocated*: `flags` holds `.allocated` on the block's first frame.
struct Frame: BitwiseCopyable {
  /// On the first frame of a free block one more than the block's order, else 0. Linux: `PageBuddy`, `private`.
  var freeOrder: UInt8 = 0
  /// The order of an allocated or listed block, on its first frame, below its migration type.
  private var orderAndType: UInt8 = 0
  /// What the frame is used for.
  var flags: FrameFlags = []
  /// Uses of the frame: the page cache and every page-table entry count one. Linux: `_refcount`.
  var references: Int32 = 0
  /// Page-table entries that map the frame. Linux: `_mapcount` + 1.
  var mappings: Int32 = 0
  /// The file whose page cache holds the frame; else who the frame was allocated for.
  var owner: UInt32 = 0
  /// The page's position in its file, or in its anonymous area's numbering, in pages. Linux: `index`.
  var fileOffset: UInt64 = 0
  /// Neighbours on a list. Linux: `lru`, `buddy_list`, `pcp_list`.
  var next: FrameNumber = .none
  var previous: FrameNumber = .none

  /// The order of the allocated block. Linux: `compound_order`.
  @inline(__always)
  var order: PageOrder {
    get { PageOrder(Int(orderAndType & 15)) }
    set { orderAndType = newValue.rawValue | orderAndType & 0xf0 }
  }

  /// The migration type of the pageblock when the frame was put on a list. Linux: `get_pcppage_migratetype`.
  @inline(__always)
  var type: MigrationType { MigrationType(rawValue: orderAndType >> 4) ?? .movable }

  @inline(__always)
  mutating func set(_ order: PageOrder, _ type: MigrationType) { orderAndType = order.rawValue | type.rawValue << 4 }
}

/// The uses and states of a frame. Linux: `enum pageflags`, `PageTable`.
struct FrameFlags: OptionSet, BitwiseCopyable {
  var rawValue: UInt16

  /// First frame of a block on a processor's list.
  static let listed = FrameFlags(rawValue: 1 << 0)
  /// First frame of an allocated block.
  static let allocated = FrameFlags(rawValue: 1 << 1)
  /// The block is used as one page: only as a whole it is freed. Linux: `PG_head`, `__GFP_COMP`.
  static let compound = FrameFlags(rawValue: 1 << 2)
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
