/// Event counts of the whole machine, as `/proc/vmstat` has them; gauges are computed when asked for.
struct Statistics: BitwiseCopyable {
  /// `pgalloc_dma`, `pgalloc_dma32`, `pgalloc_normal`.
  var pagesAllocated = InlineArray<3, UInt64>(repeating: 0)
  /// `pgfree`.
  var pagesFreed: UInt64 = 0
  /// `pgfault`.
  var faults: UInt64 = 0
  /// `pgmajfault`.
  var majorFaults: UInt64 = 0
  /// `pgreuse`: write faults that kept the page instead of copying it.
  var reuses: UInt64 = 0
  /// KiB read from disks. `pgpgin`.
  var kilobytesRead: UInt64 = 0
  /// KiB written to disks. `pgpgout`.
  var kilobytesWritten: UInt64 = 0
  /// `oom_kill`.
  var outOfMemoryKills: UInt64 = 0
  /// Page-cache frames given up to make room. `pgsteal_direct`.
  var pagesReclaimed: UInt64 = 0
  /// Frames looked at for that. `pgscan_direct`.
  var pagesScanned: UInt64 = 0
  /// `nr_anon_pages`.
  var anonymousPages: Int = 0
  /// Frames of files mapped at least once. `nr_mapped`.
  var mappedPages: Int = 0
  /// Frames in the page cache, shared memory included. `nr_file_pages`.
  var filePages: Int = 0
  /// `nr_shmem`.
  var sharedMemoryPages: Int = 0
  /// `nr_dirty`.
  var dirtyPages: Int = 0
  /// `nr_page_table_pages`.
  var pageTablePages: Int = 0
}
