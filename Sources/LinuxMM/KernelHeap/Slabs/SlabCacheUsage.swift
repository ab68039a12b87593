/// How much of a cache is used. Linux: `struct slabinfo`.
public struct SlabCacheUsage: Equatable, Sendable {
  /// Objects that somebody has.
  public internal(set) var activeObjects = 0
  public internal(set) var objects = 0
  /// Slabs with such objects.
  public internal(set) var activeSlabs = 0
  public internal(set) var slabs = 0
  /// Frames of the slabs.
  public internal(set) var frames = 0

  mutating func add(_ other: SlabCacheUsage) {
    activeObjects += other.activeObjects
    objects += other.objects
    activeSlabs += other.activeSlabs
    slabs += other.slabs
    frames += other.frames
  }
}
