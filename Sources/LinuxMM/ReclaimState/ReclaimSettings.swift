/// The sysctls of reclaim and swap, under the kernel's names and with its defaults.
public struct ReclaimSettings: Equatable, Sendable, BitwiseCopyable {
  /// `vm.swappiness`, 0 to 200: how much cheaper it is to read private pages from swap than pages of files from their
  /// disks; at 100 both cost the same.
  public var swappiness = 60
  /// `vm.page-cluster`: up to 2^n pages are read from swap at a time.
  public var pageCluster = 3
  /// `/sys/kernel/mm/swap/vma_ra_enabled`: whether pages that follow in the address space are read along rather than those
  /// that follow in the area.
  public var readsAheadByArea = true
  /// `vm.dirty_ratio`, `vm.dirty_background_ratio`: percent of the memory that could be dirty at which whoever makes pages
  /// dirty waits, and at which they are written in the background.
  public var dirtyRatio = 20
  public var dirtyBackgroundRatio = 10
  /// `vm.dirty_expire_centisecs`, `vm.dirty_writeback_centisecs`: dirty pages are written after so long, and it is looked
  /// for them so often; 0 for never.
  public var expireCentiseconds = 3000
  public var writebackCentiseconds = 500
  /// `vm.zone_reclaim_mode`, a mask: whether a request frees memory of a near node before it goes to one farther away (1),
  /// by writing pages (2), by unmapping them (4).
  public var zoneReclaimMode = 0
  /// `vm.min_unmapped_ratio`, `vm.min_slab_ratio`: percent of a node that its file pages, and its slabs that could be freed,
  /// must exceed for that.
  public var leastUnmappedPercent = 1
  public var leastSlabPercent = 5
  /// `vm.panic_on_oom`, 0 to 2.
  public var panicsOnOutOfMemory = 0
  /// `vm.oom_kill_allocating_task`.
  public var killsAllocatingTask = false

  /// Whether and how pages are kept by generations.
  public var generations = GenerationSettings()

  /// How far the compressed cache in front of swap goes, where there is one.
  var compressedCache = CompressedCacheSettings()

  public init() {}
}
