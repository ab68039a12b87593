import Synchronization

/// What is known of a pageblock: 512 frames (1024 on a 32-bit machine without PAE) that are kept for one
/// kind of use. Linux: `pageblock_flags`.
///
/// The type is read by anyone at any time and changed under the zone's lock.
struct Pageblock: ~Copyable {
  /// The zone of the pageblock's frames, or ``noZone``; of those below ``boundary`` if two zones share it.
  let zone: UInt8
  /// The zone of the frames from ``boundary`` on.
  let upperZone: UInt8
  /// Where the upper zone begins, in frames from the start; no frame is there if the pageblock is not shared. The first
  /// frame of HighMem can be any.
  let boundary: UInt16
  private let state: Atomic<UInt8>
  /// Frames in it that can be moved: private memory and page cache. Kept by the layers above.
  var movableFrames: UInt16 = 0

  /// The zone of a pageblock without RAM.
  static let noZone: UInt8 = .max

  private static let typeMask: UInt8 = 7
  private static let skipBit: UInt8 = 8
  private static let pristineBit: UInt8 = 16

  init(zone: UInt8, type: MigrationType = .movable, upperZone: UInt8 = noZone, boundary: UInt16 = .max) {
    self.zone = zone
    self.upperZone = upperZone
    self.boundary = boundary
    state = Atomic(type.rawValue)
  }

  var isShared: Bool { boundary != .max }

  @inline(__always)
  var type: MigrationType {
    borrowing get { MigrationType(state.load(ordering: .relaxed) & Self.typeMask) }
  }

  borrowing func setType(_ type: MigrationType) {
    state.store(state.load(ordering: .relaxed) & ~Self.typeMask | type.rawValue, ordering: .relaxed)
  }

  /// Whether compaction found nothing here the last time. Linux: `PB_migrate_skip`.
  var isSkipped: Bool {
    borrowing get { state.load(ordering: .relaxed) & Self.skipBit != 0 }
  }

  borrowing func setSkipped(_ skipped: Bool) { set(Self.skipBit, skipped) }

  /// Whether all frames lie in never-used blocks of the largest order, whose metadata is not written yet.
  @inline(__always)
  var isPristine: Bool {
    borrowing get { state.load(ordering: .relaxed) & Self.pristineBit != 0 }
  }

  borrowing func setPristine(_ pristine: Bool) { set(Self.pristineBit, pristine) }

  private borrowing func set(_ bit: UInt8, _ isSet: Bool) {
    let old = state.load(ordering: .relaxed)
    state.store(isSet ? old | bit : old & ~bit, ordering: .relaxed)
  }
}
