/// How pages are kept by generations. Linux: `/sys/kernel/mm/lru_gen`.
public struct GenerationSettings: Equatable, Sendable, BitwiseCopyable {
  /// Whether they are; else there are active and inactive pages. Linux: bit 0 of `enabled`.
  public var isOn = false
  /// Whether a new generation begins with a walk through the page tables; else only those near pages that are found to be used
  /// are looked at. Linux: bit 1.
  public var walksTables = true
  /// Whether such a walk passes over tables that were not used, by the marks of the entries that point to them. Linux: bit 2.
  public var usesUpperMarks = true
  /// For so many milliseconds pages are kept that were used, if a process has to be killed for that. Linux: `min_ttl_ms`.
  public var shortestLife = 0

  public init() {}
}
