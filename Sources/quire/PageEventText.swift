import Foundation
import HostMemory
import KernelText
import LinuxMM
import Reporting
import TraceIO

/// The replay of a text of the kernel's page allocator's tracepoints.
struct PageEventText {
  let configuration: MachineConfiguration
  let free: FreeFramesText?

  /// Reads the text line by line and carries its events out.
  ///
  /// - Parameter start: bytes read already.
  /// - Throws: status 65 if there is no event in it.
  func replay(_ start: [UInt8], _ file: ByteFile, named name: String) throws -> FragmentationReport {
    guard let memory = PhysicalMemory(configuration.physical, metadata: .host) else {
      throw Failure(.usage, "this computer has no address space for the metadata of that much memory")
    }
    var replay = PageEventReplay(memory, free: free)
    var events: [PageEvent] = []
    var rest = start
    while true {
      let more = try file.read(1 << 20)
      rest += more
      let end = more.isEmpty ? rest.count : (rest.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
      for line in rest[..<end].split(separator: UInt8(ascii: "\n")) {
        if let event = PageEvent(line: String(decoding: line, as: UTF8.self)) { events.append(event) }
      }
      rest.removeSubrange(..<end)
      if more.isEmpty { break }
    }
    // Texts of several processors may stand one after the other.
    if zip(events, events.dropFirst()).contains(where: { $0.microseconds > $1.microseconds }) {
      events.sort { $0.microseconds < $1.microseconds }
    }
    guard let first = events.first, let last = events.last else {
      throw Failure(
        .damagedInput,
        "'\(name)' is not a Quire recording, nor a text of perf script or ftrace with kmem:mm_page_alloc and mm_page_free events"
      )
    }
    // Two dozen rows, evenly in time.
    let step = max((last.microseconds - first.microseconds) / 24, 1)
    var next = first.microseconds
    for event in events {
      while event.microseconds >= next {
        replay.sample(at: next)
        next += step
      }
      replay.carryOut(event)
    }
    replay.sample(at: last.microseconds)
    return FragmentationReport(replay)
  }
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
