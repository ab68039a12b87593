/// Who did something with a watched object, and when. Linux: `struct track`.
public struct ObjectTrack: Equatable, Sendable, BitwiseCopyable {
  /// What the caller said where it was: an address of its code, or any other number; 0 if nobody has yet.
  public var site: UInt64
  public var processor: Int
  /// Operations on watched objects before it, which stand for the time.
  public var time: UInt64
}

/// What was found wrong with a watched object. Linux: the reports of `mm/slub.c:object_err` and `check_bytes_and_report`.
public struct ObjectReport: Equatable, Sendable {
  public enum Kind: Sendable, CaseIterable {
    /// Somebody wrote before the object, or behind it.
    case leftRedZone, rightRedZone
    /// Somebody wrote to the object while it was free.
    case poison
    /// Somebody wrote far behind the object, or behind the slab's last one.
    case objectPadding, slabPadding
    /// What is freed is free already.
    case alreadyFree
    /// What is freed is no object, or one of another cache.
    case notAnObject, otherCache

    /// The kernel's words for it.
    public var text: StaticString {
      switch self {
      case .leftRedZone: "Left Redzone overwritten"
      case .rightRedZone: "Right Redzone overwritten"
      case .poison: "Poison overwritten"
      case .objectPadding: "Object padding overwritten"
      case .slabPadding: "Padding overwritten"
      case .alreadyFree: "Object already free"
      case .notAnObject: "Invalid object pointer"
      case .otherCache: "Wrong slab cache"
      }
    }
  }

  public var kind: Kind
  /// The cache that the object is of.
  public var cache: SlabCacheIndex
  public var object: VirtualAddress
  /// The cache that it was to be freed to, of ``Kind/otherCache``.
  public var wanted: SlabCacheIndex?
  /// The first byte that somebody wrote and the last one, what the first one is, and what it should be; the object itself
  /// where no byte is wrong.
  public var place: VirtualAddress
  public var last: VirtualAddress
  public var found: UInt8 = 0
  public var expected: UInt8 = 0
  /// Who allocated the object last, and who freed it, as far as the cache keeps that.
  public var allocated: ObjectTrack?
  public var freed: ObjectTrack?
  /// Where the report was made: who allocates, frees or checks.
  public var site: UInt64 = 0
  /// The slab as it was: where it begins, its objects, how many are allocated, its first free one (0 if there is none).
  public var slab = Slab()
  /// The free object that follows on the slab's list, as far as the object still says; 0 if none does.
  public var next = VirtualAddress(0)
  /// The object's bytes as they were, from its left red zone to the next object's; empty where there is no object.
  public var bytes: [UInt8] = []

  /// Linux: the line that begins with `Slab`.
  public struct Slab: Equatable, Sendable {
    public var address = VirtualAddress(0)
    public var objects = 0
    public var used = 0
    public var firstFree = VirtualAddress(0)
  }

  init(_ kind: Kind, _ cache: SlabCacheIndex, _ object: VirtualAddress, site: UInt64) {
    self.kind = kind
    self.cache = cache
    self.object = object
    self.site = site
    place = object
    last = object
  }
}
