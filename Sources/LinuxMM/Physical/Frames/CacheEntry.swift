/// What a file's or a swap area's cache has for a page: nothing, a frame, the shadow of one that was evicted, or of shared
/// memory the slot where the page is. Linux: an entry of an xarray, be it a pointer or a value.
struct CacheEntry: Equatable, BitwiseCopyable {
  let rawValue: UInt64

  private init(rawValue: UInt64) { self.rawValue = rawValue }

  static let empty = CacheEntry(rawValue: 0)

  init(_ frame: FrameNumber) { self.init(rawValue: UInt64(frame.rawValue) << 2 | 1) }
  init(_ shadow: Shadow) { self.init(rawValue: shadow.rawValue << 2 | 2) }
  init(_ slot: SwapSlot) { self.init(rawValue: UInt64(slot.rawValue) << 2 | 3) }

  @inline(__always)
  var isEmpty: Bool { rawValue == 0 }
  @inline(__always)
  var frame: FrameNumber? {
    rawValue & 3 == 1 ? FrameNumber(UInt32(truncatingIfNeeded: rawValue >> 2)) : nil
  }
  var shadow: Shadow? { rawValue & 3 == 2 ? Shadow(rawValue: rawValue >> 2) : nil }
  var slot: SwapSlot? { rawValue & 3 == 3 ? SwapSlot(rawValue: UInt32(truncatingIfNeeded: rawValue >> 2)) : nil }
}

/// What is remembered of an evicted page: when that was, by the age of its vector, and whose it was
/// (`mm/workingset.c:pack_shadow`).
struct Shadow: Equatable, BitwiseCopyable {
  let rawValue: UInt64

  fileprivate init(rawValue: UInt64) { self.rawValue = rawValue }

  /// The age of a vector is kept modulo 2^36. Linux: `EVICTION_SHIFT` with `NODES_SHIFT` 10.
  static let ageMask: UInt64 = 1 << 36 - 1

  /// - Parameter vector: the control group's number times the nodes, plus the node: below 2^22.
  init(age: UInt64, vector: UInt32, wasWorkingSet: Bool) {
    rawValue = (age & Self.ageMask) << 23 | UInt64(vector) << 1 | (wasWorkingSet ? 1 : 0)
  }

  var age: UInt64 { rawValue >> 23 }
  var vector: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 1 & (1 << 22 - 1)) }
  var wasWorkingSet: Bool { rawValue & 1 != 0 }
}
