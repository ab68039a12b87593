import HostMemory

@testable import LinuxMM

/// A kernel's heap on a machine of its own, whose objects' bytes tests read and write.
final class TestHeap: @unchecked Sendable {
  var heap: KernelHeap<SimulatedPlatform>

  /// - Parameters:
  ///   - frames: of each node.
  ///   - nodes: the node of each processor.
  init(frames: Int = 16384, nodes: [Int] = [0, 0], _ change: (inout HeapSettings) -> Void = { _ in }) throws {
    let count = (nodes.max() ?? 0) + 1
    let regions = (0..<count).map { node in
      let start = UInt32(1024 + node * frames)
      return MemoryMap.Region(FrameRange(FrameNumber(start), FrameNumber(start + UInt32(frames))), node: node)
    }
    let configuration = try PhysicalConfiguration(
      map: MemoryMap(regions: regions, reserved: []), topology: NodeTopology(nodeCount: count, nodeOfProcessor: nodes))
    guard let memory = PhysicalMemory(configuration, metadata: .host),
      let platform = SimulatedPlatform(end: configuration.map.end, from: .host)
    else { throw Errno.ENOMEM }
    var settings = HeapSettings(processors: nodes.count)
    change(&settings)
    guard let heap = KernelHeap(memory, platform, settings, metadata: .host) else { throw Errno.ENOMEM }
    self.heap = heap
  }

  /// Fills the words of an object with a number.
  func fill(_ object: VirtualAddress, _ bytes: Int, _ pattern: UInt64) {
    var offset: UInt64 = 0
    while offset < UInt64(bytes) {
      heap.platform.setWord(at: PhysicalAddress(DirectMap.physical(object).rawValue + offset), to: pattern &+ offset)
      offset += 8
    }
  }

  func isFilled(_ object: VirtualAddress, _ bytes: Int, _ pattern: UInt64) -> Bool {
    var offset: UInt64 = 0
    while offset < UInt64(bytes) {
      let word = heap.platform.word(at: PhysicalAddress(DirectMap.physical(object).rawValue + offset))
      if word != pattern &+ offset { return false }
      offset += 8
    }
    return true
  }
}
