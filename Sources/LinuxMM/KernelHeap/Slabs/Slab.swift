import Synchronization

/// What is known of a slab, kept at its first frame. Linux: `struct slab`, 64 bytes.
///
/// A slab belongs to one processor (Linux: `frozen`), which alone touches what is not atomic, or lies on its node's list, whose lock guards
/// it. All zero while the frame is no slab's.
struct Slab: ~Copyable {
  let returned: ReturnedObjects
  /// The first free object's address, 0 if there is none. Linux: `freelist`.
  var head: UInt64 = 0
  /// From where on no object has been allocated yet, and the end of the objects.
  var fresh: UInt64 = 0
  var end: UInt64 = 0
  /// Objects that are allocated or on processors' lists, as far as the owner knows. Linux: `inuse`.
  var inUse: UInt32 = 0
  /// Linux: `objects`.
  var objects: UInt32 = 0
  /// The slab's neighbours on the list it is on, and the next one of those to which others have returned objects; 0 is none.
  var next: UInt32 = 0
  var previous: UInt32 = 0
  var nextReturned: UInt32 = 0
  var state = SlabState.none
  private var padding: UInt64 = 0

  /// Free objects, as far as the owner knows.
  var free: UInt32 { objects - inUse }
}

/// Where a slab is.
enum SlabState: UInt8 {
  case none
  /// On its owner's list: it has free objects.
  case partial
  /// Its owner knows of no free object; it is on no list.
  case full
  /// On its node's list.
  case shared
  /// On SLAB's list of those of which nobody has an object.
  case empty
}

/// The objects of a slab that other processors than its owner have freed, and who its owner is, in one word, so that an
/// owner can only leave the slab while there are none.
///
/// Bits 0 to 23 are the place of the first object in the slab in eights of a byte, plus one; 24 to 39 how many there are; 47
/// whether the slab is on its owner's list of such slabs; 48 to 63 the owner's number plus one.
struct ReturnedObjects: ~Copyable, Sendable {
  private let word: Atomic<UInt64>

  struct Value: BitwiseCopyable, Equatable {
    var rawValue: UInt64

    @inline(__always)
    init(rawValue: UInt64) { self.rawValue = rawValue }

    @inline(__always)
    init(owner: Int) { rawValue = UInt64(owner + 1) << 48 }

    static let none = Value(rawValue: 0)

    @inline(__always)
    func isOwned(by processor: Int) -> Bool { rawValue >> 48 == UInt64(truncatingIfNeeded: processor &+ 1) }
    @inline(__always)
    var owner: Int? { rawValue >> 48 == 0 ? nil : Int(rawValue >> 48) - 1 }
    var isListed: Bool { rawValue & 1 << 47 != 0 }
    var count: UInt32 { UInt32(rawValue >> 24 & 0xffff) }

    /// The first object's address, 0 if there is none.
    func head(_ slab: UInt64) -> UInt64 {
      rawValue & 0xff_ffff == 0 ? 0 : slab + (rawValue & 0xff_ffff - 1) << 3
    }

    /// With one more object, and on its owner's list.
    func adding(_ object: UInt64, of slab: UInt64) -> Value {
      let kept = rawValue & ~0xff_ffff
      return Value(rawValue: (kept + 1 << 24) | 1 << 47 | ((object - slab) >> 3 + 1))
    }
  }

  @inline(__always)
  borrowing func load() -> Value { Value(rawValue: word.load(ordering: .relaxed)) }

  borrowing func store(_ value: Value) { word.store(value.rawValue, ordering: .releasing) }

  borrowing func exchange(_ expected: Value, _ desired: Value) -> Bool {
    word.compareExchange(expected: expected.rawValue, desired: desired.rawValue, ordering: .acquiringAndReleasing)
      .exchanged
  }

  /// Takes all objects; whether the slab is listed stays as it is unless `unlists`.
  borrowing func take(unlists: Bool) -> Value {
    let kept: UInt64 = unlists ? ~0 << 48 : ~0 << 47
    return Value(rawValue: word.bitwiseAnd(kept, ordering: .acquiringAndReleasing).oldValue)
  }
}
