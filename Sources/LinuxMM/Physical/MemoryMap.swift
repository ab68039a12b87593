/// Which physical addresses are RAM, and which of it the kernel keeps to itself at boot.
///
/// Linux: the e820 map and memblock's reserved regions.
public struct MemoryMap: Sendable {
  /// RAM, ascending, not overlapping.
  public private(set) var usable: [FrameRange]
  /// Parts of `usable` that never reach the buddy system, ascending, not overlapping.
  public private(set) var reserved: [FrameRange]

  /// - Precondition: both lists ascend and do not overlap; each reserved range lies within RAM.
  public init(usable: [FrameRange], reserved: [FrameRange]) {
    self.usable = usable
    self.reserved = reserved
  }

  /// One past the highest frame of RAM.
  public var end: FrameNumber { usable.last?.end ?? FrameNumber(0) }

  /// Frames of RAM, kernel's own included.
  public var presentFrames: Int {
    var sum = 0
    for range in usable { sum += range.count }
    return sum
  }

  /// A PC's map for `bytes` of RAM.
  ///
  /// RAM begins at 0, leaves out the BIOS area from 639 KiB to 1 MiB, and above 3.5 GiB continues at
  /// 4 GiB, after the hole for devices, as QEMU's `pc` machine and real boards lay it out. The kernel
  /// keeps `kernelBytes` from 16 MiB on (or from 1 MiB on a machine smaller than that plus 16 MiB).
  ///
  /// - Parameters:
  ///   - bytes: from 8 MiB to 15 TiB; rounded down to whole frames.
  ///   - kernelBytes: less than `bytes`.
  public static func pc(bytes: UInt64, kernelBytes: UInt64) -> MemoryMap {
    let hole: UInt64 = 0xc000_0000
    let low = bytes > 0xe000_0000 ? hole : bytes
    func frame(_ address: UInt64) -> FrameNumber { FrameNumber(containing: PhysicalAddress(address)) }
    var usable = [
      FrameRange(frame(0), frame(0x9f000)), FrameRange(frame(0x10_0000), frame(low)),
    ]
    if bytes > low {
      usable.append(FrameRange(frame(1 << 32), frame((1 << 32) + (bytes - low))))
    }
    let first = FrameRange(frame(0), frame(0x1000))
    let start: UInt64 = kernelBytes + 0x200_0000 <= low ? 0x100_0000 : 0x10_0000
    var reserved = [first]
    var left = kernelBytes
    // What does not fit below the hole (the frame metadata of a large machine) follows at 4 GiB.
    let inLow = min(left, low - start)
    reserved.append(FrameRange(frame(start), frame(start + inLow)))
    left -= inLow
    if left > 0 { reserved.append(FrameRange(frame(1 << 32), frame((1 << 32) + left))) }
    return MemoryMap(usable: usable, reserved: reserved)
  }

  /// The parts of RAM that the buddy system gets, ascending.
  func free() -> [FrameRange] {
    var result: [FrameRange] = []
    for range in usable {
      var start = range.start
      for taken in reserved {
        let part = taken.clipped(to: range)
        if part.count == 0 { continue }
        if part.start > start { result.append(FrameRange(start, part.start)) }
        start = max(start, part.end)
      }
      if start < range.end { result.append(FrameRange(start, range.end)) }
    }
    return result
  }
}
