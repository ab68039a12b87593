/// What node reclaim goes by: pages of files of a node. Linux: `NR_FILE_PAGES`, `NR_FILE_MAPPED` and `NR_FILE_DIRTY` of its
/// `vm_stat`.
struct NodeFigures: BitwiseCopyable {
  /// Those in page cache and swap cache, mapped at least once, and newer than their disks.
  var cached = 0
  var mapped = 0
  var dirty = 0
}
