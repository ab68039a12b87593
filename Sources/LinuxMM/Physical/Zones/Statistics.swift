/// Event counts of the whole machine that are not the page allocator's (``ZoneEvents``), as `/proc/vmstat` has them.
struct Statistics: BitwiseCopyable {
  /// Requests that had to reclaim themselves. `allocstall_*`.
  var allocationStalls: UInt64 = 0
  /// `compact_stall`, `compact_fail`, `compact_success`: compactions that a request waited for.
  var compactionStalls: UInt64 = 0
  var compactionFailures: UInt64 = 0
  var compactionSuccesses: UInt64 = 0
  /// `compact_daemon_wake`.
  var compactorWakes: UInt64 = 0
  /// `compact_migrate_scanned`, `compact_free_scanned`: frames looked at; `compact_isolated`: pages chosen to move.
  var migrationScanned: UInt64 = 0
  var freeScanned: UInt64 = 0
  var pagesIsolated: UInt64 = 0
  /// `pgmigrate_success`, `pgmigrate_fail`.
  var pagesMigrated: UInt64 = 0
  var migrationFailures: UInt64 = 0
  /// `numa_pte_updates`: entries marked for hint faults.
  var hintUpdates: UInt64 = 0
  /// `numa_hint_faults`, `numa_hint_faults_local`.
  var hintFaults: UInt64 = 0
  var localHintFaults: UInt64 = 0
  /// `numa_pages_migrated`.
  var hintedPagesMoved: UInt64 = 0
  /// `cma_alloc_success`, `cma_alloc_fail`.
  var contiguousAllocations: UInt64 = 0
  var contiguousFailures: UInt64 = 0
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
