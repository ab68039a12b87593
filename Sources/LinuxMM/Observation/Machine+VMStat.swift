extension Machine where P: ~Copyable {
  /// Calls `body` with the machine's counters under the names of `/proc/vmstat`, in its order. Events
  /// count since boot; the `nr_` values are pages now.
  public func forEachStatistic(_ body: (_ name: StaticString, _ value: UInt64) -> Void) {
    let memory = spaces.translation.memory.statistics
    func gauge(_ value: Int) -> UInt64 { UInt64(max(value, 0)) }
    body("nr_free_pages", gauge(spaces.translation.memory.freeFrames))
    body("nr_anon_pages", gauge(memory.anonymousPages))
    body("nr_mapped", gauge(memory.mappedPages))
    body("nr_file_pages", gauge(memory.filePages))
    body("nr_dirty", gauge(memory.dirtyPages))
    body("nr_shmem", gauge(memory.sharedMemoryPages))
    body("nr_page_table_pages", gauge(memory.pageTablePages))
    body("pgpgin", memory.kilobytesRead)
    body("pgpgout", memory.kilobytesWritten)
    body("pgalloc_dma", spaces.translation.memory.events(.dma).allocated)
    body("pgalloc_dma32", spaces.translation.memory.events(.dma32).allocated)
    body("pgalloc_normal", spaces.translation.memory.events(.normal).allocated)
    body("pgalloc_movable", spaces.translation.memory.events(.movable).allocated)
    body("pgfree", spaces.translation.memory.events().freed)
    body("pgfault", memory.faults)
    body("pgmajfault", memory.majorFaults)
    body("pgreuse", memory.reuses)
    body("pgsteal_direct", memory.pagesReclaimed)
    body("pgscan_direct", memory.pagesScanned)
    body("oom_kill", memory.outOfMemoryKills)
    body("numa_pte_updates", memory.hintUpdates)
    body("numa_hint_faults", memory.hintFaults)
    body("numa_hint_faults_local", memory.localHintFaults)
    body("numa_pages_migrated", memory.hintedPagesMoved)
    body("pgmigrate_success", memory.pagesMigrated)
    body("pgmigrate_fail", memory.migrationFailures)
    body("compact_migrate_scanned", memory.migrationScanned)
    body("compact_free_scanned", memory.freeScanned)
    body("compact_isolated", memory.pagesIsolated)
    body("compact_stall", memory.compactionStalls)
    body("compact_fail", memory.compactionFailures)
    body("compact_success", memory.compactionSuccesses)
    body("compact_daemon_wake", memory.compactorWakes)
  }

  /// Calls `body` with the machine's memory in bytes under the names of `/proc/meminfo`, in its order.
  public func forEachMemoryFigure(_ body: (_ name: StaticString, _ bytes: UInt64) -> Void) {
    let memory = spaces.translation.memory.statistics
    func bytes(_ pages: Int) -> UInt64 { UInt64(max(pages, 0)) * PageSize.bytes }
    body("MemTotal", bytes(spaces.translation.memory.managedFrames))
    body("MemFree", bytes(spaces.translation.memory.freeFrames))
    body("Cached", bytes(memory.filePages))
    body("Dirty", bytes(memory.dirtyPages))
    body("AnonPages", bytes(memory.anonymousPages))
    body("Mapped", bytes(memory.mappedPages))
    body("Shmem", bytes(memory.sharedMemoryPages))
    body("PageTables", bytes(memory.pageTablePages))
  }
}
