import Foundation
import HostMemory
import KernelText
import LinuxMM
import Reporting
import TraceIO

/// The events of a real kernel in a text of perf script or ftrace, carried out on a machine.
struct TraceText {
  private var pages: [PageEvent] = []
  private var objects: [HeapEvent] = []

  /// Whether there are events of the page allocator, and of the heap.
  var hasPages: Bool { !pages.isEmpty }
  var hasObjects: Bool { !objects.isEmpty }

  /// Reads a text line by line.
  ///
  /// - Parameter start: bytes read already.
  /// - Throws: status 65 if there is no event in it.
  init(_ start: [UInt8], _ file: ByteFile, named name: String) throws {
    var rest = start
    while true {
      let more = try file.read(1 << 20)
      rest += more
      // Only what is new can have the end of a line.
      let known = rest.count - more.count
      let end = more.isEmpty ? rest.count : (rest[known...].lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
      for line in rest[..<end].split(separator: UInt8(ascii: "\n")) {
        let line = Substring(decoding: line, as: UTF8.self)
        if let event = PageEvent(line: line) {
          pages.append(event)
        } else if let event = HeapEvent(line: line) {
          objects.append(event)
        }
      }
      rest.removeSubrange(..<end)
      if more.isEmpty { break }
    }
    // Texts of several processors may stand one after the other.
    if zip(pages, pages.dropFirst()).contains(where: { $0.microseconds > $1.microseconds }) {
      pages.sort { $0.microseconds < $1.microseconds }
    }
    if zip(objects, objects.dropFirst()).contains(where: { $0.microseconds > $1.microseconds }) {
      objects.sort { $0.microseconds < $1.microseconds }
    }
    guard hasPages || hasObjects else {
      throw Failure(
        .damagedInput,
        "'\(name)' is not a Quire recording, nor a text of perf script or ftrace with events of kmem: mm_page_alloc and "
          + "mm_page_free, or kmalloc, kfree, kmem_cache_alloc and kmem_cache_free"
      )
    }
  }

  /// Carries the page allocator's events out.
  ///
  /// - Parameter free: which frames were free at the start.
  func replayPages(_ configuration: MachineConfiguration, free: FreeFramesText?) throws -> FragmentationReport {
    var replay = PageEventReplay(try physicalMemory(configuration), free: free)
    guard let first = pages.first, let last = pages.last else { return FragmentationReport(replay) }
    // Two dozen rows, evenly in time.
    let step = max((last.microseconds - first.microseconds) / 24, 1)
    var next = first.microseconds
    for event in pages {
      while event.microseconds >= next {
        replay.sample(at: next)
        next += step
      }
      replay.carryOut(event)
    }
    replay.sample(at: last.microseconds)
    return FragmentationReport(replay)
  }

  /// Carries the heap's events out.
  func replayObjects(_ configuration: MachineConfiguration) throws -> HeapEventReplay {
    var replay = HeapEventReplay(try makeHeap(configuration), for: objects)
    for event in objects { replay.carryOut(event) }
    return replay
  }
}

private func physicalMemory(_ configuration: MachineConfiguration) throws -> PhysicalMemory {
  guard let memory = PhysicalMemory(configuration.physical, metadata: .host) else {
    throw Failure(.usage, "this computer has no address space for the metadata of that much memory")
  }
  return memory
}

/// The heap of the described machine, with nothing in it.
func makeHeap(_ configuration: MachineConfiguration) throws -> KernelHeap<SimulatedPlatform> {
  guard configuration.memoryMap.architecture == .x86_64 else {
    throw Failure(.usage, "arch: the kernel's heap is modelled on x86_64 only")
  }
  guard let platform = SimulatedPlatform(end: configuration.memoryMap.end, from: .host),
    let heap = KernelHeap(try physicalMemory(configuration), platform, configuration.heap, metadata: .host)
  else { throw Failure(.usage, "this computer has no address space for that much memory") }
  return heap
}

/// A source some of whose bytes were looked at already.
struct PeekedSource: ByteSource {
  private var start: [UInt8]
  private let file: ByteFile

  init(_ start: [UInt8], _ file: ByteFile) {
    self.start = start
    self.file = file
  }

  mutating func read(_ count: Int) throws(TraceError) -> [UInt8] {
    if start.isEmpty { return try file.read(count) }
    let taken = Array(start.prefix(count))
    start.removeFirst(taken.count)
    return taken.count == count ? taken : taken + (try file.read(count - taken.count))
  }
}
