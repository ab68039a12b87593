/// How a 32-bit kernel reaches the memory that it does not map all the time: a few pages of addresses that point now to
/// this frame, now to that one (`mm/highmem.c`).
public struct TemporaryMappings: Sendable {
  /// Why a frame cannot be mapped now, or a mapping not be ended.
  public enum Failure: Error, Equatable, Sendable {
    /// All places are in use; the kernel's caller would sleep.
    case full
    /// The address is no such mapping, or not the newest one of its processor.
    case notMapped
  }

  private struct Place {
    var frame = FrameNumber.none
    /// 0 unmapped, 1 mapped but used by nobody, more: one for each user. Linux: `pkmap_count`.
    var count = 0
  }

  private let lowMemoryEnd: FrameNumber
  private let base: UInt64
  private var places: [Place]
  private var last = 0
  /// Each processor's stack of short mappings.
  private var locals: [[FrameNumber]]
  /// Times that all translations had to be flushed because unused places were taken back.
  public private(set) var flushes: UInt64 = 0

  /// Where memory that is mapped all the time begins: 3 GiB. Linux: `PAGE_OFFSET`.
  public static let directBase: UInt64 = 0xc000_0000
  /// Short mappings a processor may nest. Linux: `KM_MAX_IDX`.
  public static let mostLocal = 16
  private static let localBase: UInt64 = 0xffe0_0000

  /// - Parameter architecture: without PAE there are 1024 places from 0xff800000 on, with PAE 512 from 0xffa00000 on
  ///   (`LAST_PKMAP`).
  public init(_ architecture: Architecture, lowMemoryEnd: FrameNumber, processors: Int) {
    self.lowMemoryEnd = lowMemoryEnd
    base = architecture == .i386 ? 0xff80_0000 : 0xffa0_0000
    places = [Place](repeating: Place(), count: architecture == .i386 ? 1024 : 512)
    locals = [[FrameNumber]](repeating: [], count: processors)
  }

  private func direct(_ frame: FrameNumber) -> VirtualAddress {
    VirtualAddress(Self.directBase + frame.address.rawValue)
  }

  /// The address of a frame for any length of time (`kmap`): the direct one of low memory, else a place of the pool, the
  /// same for all users of the frame.
  ///
  /// - Complexity: O(places) when the frame is not mapped yet.
  public mutating func map(_ frame: FrameNumber) throws(Failure) -> VirtualAddress {
    if frame < lowMemoryEnd { return direct(frame) }
    if let place = places.firstIndex(where: { $0.frame == frame && $0.count > 0 }) {
      places[place].count += 1
      return address(place)
    }
    var left = places.count
    while left > 0 {
      last = (last + 1) % places.count
      if last == 0 { dropUnused() }
      if places[last].count == 0 {
        places[last] = Place(frame: frame, count: 2)
        return address(last)
      }
      left -= 1
    }
    // A round that began behind the start has not looked at what it gave up on the way.
    dropUnused()
    guard let place = places.firstIndex(where: { $0.count == 0 }) else { throw .full }
    last = place
    places[place] = Place(frame: frame, count: 2)
    return address(place)
  }

  /// Ends a use of a mapping of ``map(_:)`` (`kunmap`). The place stays mapped until the pool runs out.
  public mutating func unmap(_ address: VirtualAddress) throws(Failure) {
    if address.rawValue < Self.directBase + lowMemoryEnd.address.rawValue && address.rawValue >= Self.directBase {
      return
    }
    let place = Int(truncatingIfNeeded: (address.rawValue &- base) >> UInt64(PageSize.shift))
    guard address.rawValue >= base, places.indices.contains(place), places[place].count > 1 else { throw .notMapped }
    places[place].count -= 1
  }

  /// The address of a frame for a moment, on one processor (`kmap_local_page`). Such mappings nest.
  public mutating func mapLocally(_ frame: FrameNumber, on processor: Int) throws(Failure) -> VirtualAddress {
    if frame < lowMemoryEnd { return direct(frame) }
    guard locals[processor].count < Self.mostLocal else { throw .full }
    locals[processor].append(frame)
    return localAddress(locals[processor].count - 1, processor)
  }

  /// Ends the newest mapping of ``mapLocally(_:on:)`` (`kunmap_local`).
  public mutating func unmapLocally(_ address: VirtualAddress, on processor: Int) throws(Failure) {
    if address.rawValue < Self.directBase + lowMemoryEnd.address.rawValue && address.rawValue >= Self.directBase {
      return
    }
    guard !locals[processor].isEmpty, localAddress(locals[processor].count - 1, processor) == address else {
      throw .notMapped
    }
    locals[processor].removeLast()
  }

  /// The frame behind an address of the pool or of the direct mapping.
  public func frame(at address: VirtualAddress) -> FrameNumber? {
    if address.rawValue >= Self.directBase && address.rawValue < Self.directBase + lowMemoryEnd.address.rawValue {
      return FrameNumber(containing: PhysicalAddress(address.rawValue - Self.directBase))
    }
    guard address.rawValue >= base else { return nil }
    let place = Int(truncatingIfNeeded: (address.rawValue - base) >> UInt64(PageSize.shift))
    guard places.indices.contains(place), places[place].count > 0 else { return nil }
    return places[place].frame
  }

  /// Takes back the places that nobody uses (`flush_all_zero_pkmaps`).
  private mutating func dropUnused() {
    var dropped = false
    for place in places.indices where places[place].count == 1 {
      places[place] = Place()
      dropped = true
    }
    if dropped { flushes += 1 }
  }

  private func address(_ place: Int) -> VirtualAddress {
    VirtualAddress(base + UInt64(place) << UInt64(PageSize.shift))
  }

  private func localAddress(_ depth: Int, _ processor: Int) -> VirtualAddress {
    VirtualAddress(Self.localBase + UInt64(processor * Self.mostLocal + depth) << UInt64(PageSize.shift))
  }
}
