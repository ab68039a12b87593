extension MemoryMap {
  /// A PC's map for nodes of `bytes[node]` RAM each.
  ///
  /// RAM begins at the second frame, leaves out the BIOS area from 639 KiB to 1 MiB, and above 3.5 GiB continues
  /// at 4 GiB, after the hole for devices, as QEMU's `pc` machine and real boards lay it out; the nodes' memory
  /// follows one after the other. The kernel keeps the first MiB, its image from 16 MiB on (from 1 MiB on a
  /// machine too small for that) and, at the top of each node, what it needs for each frame of the node.
  ///
  /// - Parameters:
  ///   - bytes: multiples of the pageblock; a node may have none.
  ///   - imageBytes: RAM for the kernel itself.
  ///   - frameBytes: RAM for the metadata of each frame.
  public static func pc(
    _ bytes: [UInt64], imageBytes: UInt64, frameBytes: UInt64, architecture: Architecture = .x86_64,
    lowMemoryEnd: FrameNumber = Architecture.usualLowMemoryEnd
  ) throws(Problem) -> MemoryMap {
    let total = bytes.reduce(0, +)
    let hole: UInt64 = 0xc000_0000
    let low = total > 0xe000_0000 ? hole : total
    func frame(_ address: UInt64) -> FrameNumber { FrameNumber(containing: PhysicalAddress(address)) }
    let usable =
      [(frame(0x1000), frame(0x9f000)), (frame(0x10_0000), frame(low))]
      + (total > low ? [(frame(1 << 32), frame((1 << 32) + (total - low)))] : [])
    var regions: [Region] = []
    var reserved = [FrameRange(frame(0x1000), frame(0x9f000))]
    let image: UInt64 = imageBytes + 0x200_0000 <= low ? 0x100_0000 : 0x10_0000
    if imageBytes > 0 {
      let inLow = min(imageBytes, low - image)
      reserved.append(FrameRange(frame(image), frame(image + inLow)))
      // What does not fit below the hole follows at 4 GiB.
      if imageBytes > inLow { reserved.append(FrameRange(frame(1 << 32), frame((1 << 32) + imageBytes - inLow))) }
    }
    var offset: UInt64 = 0
    for (node, size) in bytes.enumerated() where size > 0 {
      // A node's share of the addresses: its bytes, with the hole stepped over.
      func address(_ offset: UInt64) -> UInt64 {
        offset > low || (offset == low && total > low) ? offset - low + (1 << 32) : offset
      }
      let start = frame(address(offset))
      offset += size
      let end = offset <= low ? frame(offset) : frame(offset - low + (1 << 32))
      for (first, last) in usable {
        let part = FrameRange(first, last).clipped(to: FrameRange(start, end))
        if part.count > 0 { regions.append(Region(part, node: node)) }
      }
      guard let top = regions.last, top.node == node else { continue }
      var metadata = Int(UInt64(size >> 12) * frameBytes >> 12)
      var part = regions.count
      while metadata > 0 && part > 0 && regions[part - 1].node == node {
        part -= 1
        // What the image or the first MiB has taken is not taken again.
        var room = regions[part].range
        for taken in reserved where taken.end.rawValue > room.start.rawValue && taken.start < room.end {
          room.start = max(room.start, taken.end)
        }
        let count = min(metadata, room.count)
        if count > 0 { reserved.append(FrameRange(FrameNumber(room.end.rawValue - UInt32(count)), room.end)) }
        metadata -= count
      }
    }
    reserved.sort { $0.start < $1.start }
    return try MemoryMap(
      regions: regions, reserved: reserved, architecture: architecture, lowMemoryEnd: lowMemoryEnd)
  }
}
