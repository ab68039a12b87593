/// A file as the memory manager knows it. Linux: `struct address_space` of an inode.
struct CachedFile: BitwiseCopyable {
  var identity: FileIdentity
  /// Size in bytes.
  var size: UInt64
  /// Memory without a disk behind it: shared anonymous mappings, System V segments.
  var isSharedMemory: Bool
  /// Pages promised for an object of shared memory when it was made.
  var committedPages: UInt64 = 0
  /// Areas that map the file, and its name if it is an object of shared memory that has one.
  var areas = 0
  /// An object whose name was taken away. Linux: `SHM_DEST`.
  var isNameRemoved = false
  /// The tree of those areas, by position, see ``ReverseMap``. Linux: `i_mmap`.
  var mappings = ReverseMap.none
  var pages = PageTree()
  /// Pages of shared memory that are in swap. Linux: `swapped` of `struct shmem_inode_info`.
  var swapped = 0
  /// Whether it is on the list of files with dirty pages, and since when, in picoseconds. Linux: `dirtied_when`.
  var isListedDirty = false
  var dirtySince: UInt64 = 0
  var readahead = FileReadahead()

  /// Size in pages, the last one possibly partial.
  var pageCount: UInt64 { (size + PageSize.mask) >> UInt64(PageSize.shift) }

  /// Whether mappings go where huge pages could be used, as ext4's and xfs's do.
  var prefersHugeAlignment: Bool { !isSharedMemory }
  /// Whether parts can be given back (fallocate with FALLOC_FL_PUNCH_HOLE).
  var mayHaveHoles: Bool { true }
  /// The most bytes that can be mapped. Linux: `MAX_LFS_FILESIZE`.
  var largestSize: UInt64 { UInt64(Int64.max) }
}
