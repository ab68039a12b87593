/// What a write to `/proc/PID/clear_refs` clears. Linux: `enum clear_refs_types`.
public enum ReferenceClearing: Int, Sendable, CaseIterable {
  /// The marks of accessed pages; of all pages, of those in areas without a file, of those in areas with one.
  case all = 1
  case anonymous
  case mapped
  /// The marks of written pages and of new areas, of which smaps, and ``PagemapEntry/isSoftDirty``, tell.
  case softDirty
  /// The most pages that ever were resident, which becomes what is resident now: `VmHWM`, `ru_maxrss`.
  case peakResident
}

extension Machine where P: ~Copyable {
  /// A write to `/proc/PID/clear_refs` (`fs/proc/task_mmu.c:clear_refs_write`).
  ///
  /// - Throws: `EINVAL` for a value that means nothing, `ESRCH` if the process is dead.
  @_specialize(where P == SimulatedPlatform)
  public mutating func clearReferences(of process: ProcessIndex, _ value: Int) throws(Errno) {
    guard let clearing = ReferenceClearing(rawValue: value) else { throw .EINVAL }
    let space = try liveSpace(process)
    switch clearing {
    case .all: spaces.clearAccessed(space) { _ in true }
    case .anonymous: spaces.clearAccessed(space) { $0.file == .none }
    case .mapped: spaces.clearAccessed(space) { $0.file != .none }
    case .softDirty:
      if spaces.settings.recordsWrites { spaces.clearSoftDirty(space) }
    case .peakResident:
      spaces.descriptors[space.rawValue].peakResident = spaces.descriptors[space.rawValue].resident
    }
  }
}
