/// Magazines: arrays of free objects, by their addresses, that a processor loads and fires without looking at slabs
/// (Bonwick and Adams, "Magazines and Vmem", USENIX 2001). Linux: `struct slab_sheaf`, from 6.18 on; SLAB's `array_cache`.
///
/// A magazine has a number above 0. Those that nobody uses are kept here.
@usableFromInline
struct Magazines: ~Copyable, Sendable {
  /// 1 KiB each: the number of the next magazine on a list, then the objects.
  @usableFromInline let places: Table<UInt64>
  private let lock = SpinLock()
  private let firstUnused = SharedNumber(0)
  /// One more than the highest number ever used.
  private let limit = SharedNumber(1)

  /// The most objects of a magazine.
  static let capacity = 127
  private static let stride = 128

  /// - Returns: `nil` when `source` cannot hold the address range; memory is taken as magazines are.
  init?(count: Int, from source: MemorySource) {
    guard let places = Table<UInt64>(zeros: (count + 1) * Self.stride, from: source) else { return nil }
    self.places = places
  }

  /// Where a magazine's objects are in ``places``.
  static func place(_ magazine: UInt32) -> Int { Int(magazine) * stride + 1 }

  /// The magazine whose objects are there.
  static func magazine(at place: Int) -> UInt32 { UInt32(place / stride) }

  /// The next magazine on a list, 0 at its end.
  func next(_ magazine: UInt32) -> UInt32 {
    UInt32(truncatingIfNeeded: places[Int(magazine) * Self.stride])
  }

  func setNext(_ magazine: UInt32, _ next: UInt32) {
    places[Int(magazine) * Self.stride] = UInt64(next)
  }

  /// An empty magazine, 0 if there is none left.
  func take() -> UInt32 {
    lock.lock()
    defer { lock.unlock() }
    let magazine = UInt32(firstUnused.value)
    if magazine != 0 {
      firstUnused.set(Int(next(magazine)))
      return magazine
    }
    guard limit.value < places.count / Self.stride else { return 0 }
    limit.add(1)
    return UInt32(limit.value - 1)
  }

  /// Gives an empty magazine back.
  func give(_ magazine: UInt32) {
    lock.lock()
    setNext(magazine, UInt32(firstUnused.value))
    firstUnused.set(Int(magazine))
    lock.unlock()
  }
}
