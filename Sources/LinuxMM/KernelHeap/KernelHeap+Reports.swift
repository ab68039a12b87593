extension KernelHeap where P: ~Copyable {
  /// Takes the reports that were made since the last time, the oldest first.
  public func takeReports() -> [ObjectReport] { caches.reports.with { $0.take() } }

  /// Reports that were not kept because 10,000 others waited to be taken.
  public var lostReports: Int { caches.reports.with { $0.lost } }

  /// Checks all objects of a watched cache, free ones too; what is wrong is reported and repaired
  /// (`/sys/kernel/slab/CACHE/validate`).
  ///
  /// - Complexity: O(frames of the machine, and bytes of the cache).
  public func validate(_ cache: SlabCacheIndex, site: UInt64 = 0) {
    caches.validate(cache, site: site, memory, platform)
  }
}
