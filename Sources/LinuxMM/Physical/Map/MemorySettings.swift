/// The settings of physical memory under the kernel's names (`/proc/sys/vm`).
public struct MemorySettings: Equatable, Sendable {
  /// `min_free_kbytes`; `nil` is what the kernel computes.
  public var minimumFreeKilobytes: Int?
  /// `watermark_scale_factor`: distance of the marks in 1/10000 of the zone, 1 to 3000.
  public var watermarkScaleFactor = 10
  /// `watermark_boost_factor`: how far marks rise when pageblocks are mixed, in 1/10000 of the high mark; 0 is off.
  public var watermarkBoostFactor = 15000
  /// `lowmem_reserve_ratio`, by ``ZoneKind``; 0 keeps nothing back.
  public var reserveRatios: [Int] = [256, 256, 32, 0, 0, 0]
  /// `percpu_pagelist_high_fraction`: the processors' lists hold this part of a zone, at least 8; 0 is the usual rule.
  public var processorListFraction = 0
  /// `extfrag_threshold`: compact only if fragmentation is to blame more than this, 0 to 1000.
  public var fragmentationThreshold = 500
  /// `compaction_proactiveness`, 0 to 100; 0 is off.
  public var compactionProactiveness = 20
  /// Whether transparent huge pages are on at boot, which raises `min_free_kbytes` on machines of 512 MiB or more.
  public var hugePages = true
  /// Whether movable zones are left out of `min_free_kbytes` as high memory is: a rule of kernels after 6.1, seen in 6.18.
  public var limitsMovableMarks = false

  public init() {}
}
