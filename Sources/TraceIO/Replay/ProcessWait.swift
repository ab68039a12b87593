import LinuxMM

/// Something a process does that may have to wait for a disk.
enum ProcessStep {
  case access(VirtualPage, AccessKind)
  case read(FileIndex, offset: UInt64, end: UInt64)
}

/// A slice that is being carried out: what its head said, and the processor it runs on.
struct SliceRest {
  let bytes: [UInt8]
  let header: SliceHeader
  let processor: Int
}

/// A process that waits for a disk.
struct ProcessWait {
  /// Its place among the replayer's processes.
  let number: Int
  let rest: SliceRest
  /// What it goes on with.
  var step: ProcessStep
  /// When, in nanoseconds of the machine's clock.
  var until: UInt64
  /// How far its slice has been read.
  let decoder: KeptDecoder
  /// Slices that came since.
  var slices: [(bytes: [UInt8], start: Int)] = []

  /// Slices that a process may be ahead of others: it is taken to be the only one that has anything to do if so many came.
  static let mostSlices = 8
}

/// The decoder of a slice that is not being carried out now.
final class KeptDecoder {
  var decoder = SliceDecoder()
}
