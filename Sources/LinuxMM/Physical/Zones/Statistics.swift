/// Event counts of the whole machine that are not the page allocator's (``ZoneEvents``), as `/proc/vmstat` has them.
struct Statistics: BitwiseCopyable {
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
  /// Pages looked at and taken back by the background reclaimers and by requests themselves. `pgscan_kswapd`,
  /// `pgscan_direct`, `pgsteal_kswapd`, `pgsteal_direct`.
  var backgroundScans: UInt64 = 0
  var directScans: UInt64 = 0
  var backgroundSteals: UInt64 = 0
  var directSteals: UInt64 = 0
  /// The same by what the pages hold. `pgscan_anon`, `pgscan_file`, `pgsteal_anon`, `pgsteal_file`.
  var anonymousScans: UInt64 = 0
  var fileScans: UInt64 = 0
  var anonymousSteals: UInt64 = 0
  var fileSteals: UInt64 = 0
  /// Pages passed over since they are in zones above those wanted, by ``ZoneKind``. `pgskip_*`.
  var skips = InlineArray<6, UInt64>(repeating: 0)
  /// Requests that had to reclaim themselves, by the highest zone they permit. `allocstall_*`.
  var stalls = InlineArray<6, UInt64>(repeating: 0)
  /// `pgscan_direct_throttle`: requests that waited until the background reclaimer had freed some memory.
  var throttledRequests: UInt64 = 0
  /// `zone_reclaim_failed`: times that freeing memory of a node gave less than was wanted.
  var nodeReclaimFailures: UInt64 = 0
  /// `slabs_scanned`, `workingset_nodereclaim`.
  var slabsScanned: UInt64 = 0
  var shadowNodesReclaimed: UInt64 = 0
  /// `nr_slab_reclaimable`.
  var reclaimableSlabPages = 0
  /// `pgactivate`, `pgdeactivate`, `pgrefill`, `pgrotated`.
  var pagesActivated: UInt64 = 0
  var pagesDeactivated: UInt64 = 0
  var pagesRefilled: UInt64 = 0
  var pagesRotated: UInt64 = 0
  /// `pglazyfree`, `pglazyfreed`.
  var pagesLazilyFreed: UInt64 = 0
  var lazyPagesTaken: UInt64 = 0
  /// `pageoutrun`, `kswapd_low_wmark_hit_quickly`, `kswapd_high_wmark_hit_quickly`.
  var backgroundRuns: UInt64 = 0
  var earlyWakes: UInt64 = 0
  var earlyShortages: UInt64 = 0
  /// `pswpin`, `pswpout`, `swap_ra`, `swap_ra_hit`.
  var swapIns: UInt64 = 0
  var swapOuts: UInt64 = 0
  /// Pages that came from and went to the compressed cache, that were refused since it was full, and that it wrote to disks.
  /// Linux: `zswpin`, `zswpout`, `zswap_pool_limit_hit`, `zswap_written_back_pages`.
  var compressedIns: UInt64 = 0
  var compressedOuts: UInt64 = 0
  var compressedCacheFull: UInt64 = 0
  var compressedWrites: UInt64 = 0
  /// Frames of compressed pages. Linux: `nr_zspages`, for zsmalloc.
  var compressedFrames = 0
  var swapReadaheads: UInt64 = 0
  var swapReadaheadHits: UInt64 = 0
  /// `workingset_refault_*`, `workingset_activate_*`, `workingset_restore_*`.
  var anonymousRefaults: UInt64 = 0
  var fileRefaults: UInt64 = 0
  var anonymousActivations: UInt64 = 0
  var fileActivations: UInt64 = 0
  var anonymousRestores: UInt64 = 0
  var fileRestores: UInt64 = 0
  /// `nr_vmscan_write`, `nr_vmscan_immediate_reclaim`, `nr_dirtied`, `nr_written`, `nr_throttled_written`.
  var reclaimWrites: UInt64 = 0
  var immediateReclaims: UInt64 = 0
  var pagesDirtied: UInt64 = 0
  var pagesWritten: UInt64 = 0
  /// `unevictable_pgs_culled`, `unevictable_pgs_mlocked`, `unevictable_pgs_munlocked`.
  var pagesFoundUnevictable: UInt64 = 0
  var pagesLocked: UInt64 = 0
  var pagesUnlocked: UInt64 = 0
  /// `nr_writeback`, `nr_swapcached`, `nr_mlock`.
  var writebackPages: Int = 0
  var swapCachedPages: Int = 0
  /// Those of them that no process maps.
  var unmappedSwapPages: Int = 0
  var lockedPages: Int = 0
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
