/// A file as the memory manager knows it. Linux: `struct address_space` of an inode.
struct CachedFile: BitwiseCopyable {
  var identity: FileIdentity
  /// Size in bytes.
  var size: UInt64
  /// Memory without a disk behind it: shared anonymous mappings, System V segments.
  var isSharedMemory: Bool
  /// Areas that map the file.
  var areas = 0
  /// The tree of those areas, by position, see ``ReverseMap``. Linux: `i_mmap`.
  var mappings = ReverseMap.none
  var pages = PageTree()

  /// Size in pages, the last one possibly partial.
  var pageCount: UInt64 { (size + PageSize.mask) >> UInt64(PageSize.shift) }
}
