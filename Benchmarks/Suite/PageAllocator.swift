import Dispatch
import Foundation
import HostMemory
import LinuxMM
import Synchronization

/// The page allocator on the workloads of LLFree (USENIX ATC'23), 1 GiB of metadata only: one and two threads, each under
/// its own processor number.
final class PageAllocatorBenchmark: @unchecked Sendable {
  static let frames = 1 << 18
  /// LLFree's figures of docs/anchors, for the reader; nanoseconds an operation, one and two threads.
  static let anchors: [String: (Double, Double)] = [
    "bulk alloc": (34.9, 38.0), "bulk free": (22.4, 29.2), "pair order 0": (57.8, 64.3), "pair order 9": (56.0, 57.0),
    "alloc after random": (39.1, 42.1), "free random 50 %": (28.9, 51.4), "realloc 50 %": (40.1, 43.5),
    "free random 100 %": (29.4, 44.6), "mix-geo step": (206, 211), "mix-uni step": (72.4, 80.7),
    "frag0 pair": (112, 103),
  ]

  private var memory: PhysicalMemory
  let threads: Int

  /// - Parameters:
  ///   - isExact: exactly the workload's frames with nothing kept back, to count what can be had of them; otherwise the
  ///     kernel's own settings, and what they keep back on top.
  convenience init(threads: Int, isExact: Bool = false) throws {
    let first: UInt32 = 1 << 20
    var settings = MemorySettings()
    if isExact { settings.minimumFreeKilobytes = 0 }
    let frames = isExact ? Self.frames : Self.frames + Self.frames / 8
    let map = try MemoryMap(
      regions: [.init(FrameRange(FrameNumber(first), FrameNumber(first + UInt32(frames))))], reserved: [])
    // Always a machine with two processors, so that one thread pays for the same locks as two.
    let topology = try NodeTopology(nodeOfProcessor: [Int](repeating: 0, count: max(threads, 2)))
    try self.init(threads: threads, PhysicalConfiguration(map: map, topology: topology, settings: settings))
  }

  /// Any machine with at least that many processors.
  init(threads: Int, _ configuration: PhysicalConfiguration) throws {
    guard let memory = PhysicalMemory(configuration, metadata: .host) else {
      throw Problem("no memory for the metadata")
    }
    self.memory = memory
    self.threads = threads
  }

  /// What this process grows by for each frame that is allocated and freed in random order.
  static func growth() throws -> Double {
    let benchmark = try PageAllocatorBenchmark(threads: 1)
    let before = try residentBytes()
    _ = benchmark.random()
    return Double(try residentBytes() - before) / Double(frames)
  }

  private static func residentBytes() throws -> Int {
    let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    return (Int(text.split(separator: " ")[1]) ?? 0) * 4096
  }

  /// Runs `body` once a thread, all beginning together; the longest time counts.
  ///
  /// The memory is lent to `body` once: a property of a class would be copied for every call.
  private func timed(
    _ operations: Int, _ body: @escaping @Sendable (_ memory: borrowing PhysicalMemory, _ thread: Int) -> Void
  ) -> Double {
    let ready = Atomic<Int>(0)
    let times = (0..<threads).map { _ in Box() }
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
      ready.add(1, ordering: .acquiringAndReleasing)
      while ready.load(ordering: .acquiring) < threads {}
      let start = ContinuousClock.now
      body(memory, thread)
      times[thread].value.store(Int(start.duration(to: .now) / .nanoseconds(1)), ordering: .relaxed)
    }
    return Double(times.map { $0.value.load(ordering: .relaxed) }.max() ?? 0) / Double(operations)
  }

  private final class Box: Sendable {
    let value = Atomic<Int>(0)
  }

  @inline(__always)
  private static func take(_ order: Int, _ memory: borrowing PhysicalMemory, _ thread: Int) -> UInt32? {
    do throws(AllocationFailure) {
      return try memory.allocatePages(PageOrder(order), .highUserMovable, processor: thread).rawValue
    } catch {
      return nil
    }
  }

  @inline(__always)
  private static func give(_ frame: UInt32, _ order: Int, _ memory: borrowing PhysicalMemory, _ thread: Int) {
    do throws(FreeFailure) { try memory.freePages(FrameNumber(frame), PageOrder(order), processor: thread) } catch {
      fatalError("\(error)")
    }
  }

  /// Frames of one thread; the array is the thread's own while it runs.
  private final class Frames: @unchecked Sendable {
    var list: [UInt32] = []
    var orders: [UInt8] = []
    var random = XorShift64(seed: 0)

    /// The list, moved out so that working on it costs nothing extra; the caller puts it back.
    func takeList() -> [UInt32] {
      let taken = list
      list = []
      return taken
    }

    init(capacity: Int) {
      list.reserveCapacity(capacity)
      orders.reserveCapacity(capacity)
    }
  }

  private func own() -> [Frames] { (0..<threads).map { _ in Frames(capacity: Self.frames) } }

  /// What the allocator cannot give yet because processors keep it.
  private func settle() { memory.drainProcessorPages() }

  func bulk() -> [(String, Double)] {
    let share = Self.frames / threads
    let held = own()
    let alloc = timed(share) { memory, thread in
      let own = held[thread]
      var list = own.takeList()
      for _ in 0..<share { if let frame = Self.take(0, memory, thread) { list.append(frame) } }
      own.list = list
    }
    let free = timed(share) { memory, thread in
      let list = held[thread].takeList()
      for frame in list { Self.give(frame, 0, memory, thread) }
    }
    settle()
    return [("bulk alloc", alloc), ("bulk free", free)]
  }

  func pairs(_ order: Int) -> (String, Double) {
    let time = timed(10_000_000) { memory, thread in
      for _ in 0..<10_000_000 {
        if let frame = Self.take(order, memory, thread) { Self.give(frame, order, memory, thread) }
      }
    }
    settle()
    return ("pair order \(order)", time)
  }

  func random() -> [(String, Double)] {
    let share = Self.frames / threads
    let held = own()
    func fill() -> Double {
      timed(share) { memory, thread in
        let own = held[thread]
        var list = own.takeList()
        while list.count < share, let frame = Self.take(0, memory, thread) { list.append(frame) }
        own.list = list
      }
    }
    func shuffle() {
      var all = held.flatMap(\.list)
      var random = XorShift64(seed: 88_172_645_463_325_252)
      for index in stride(from: all.count - 1, to: 0, by: -1) {
        all.swapAt(index, Int(random.below(UInt64(index + 1))))
      }
      let part = all.count / threads
      for thread in 0..<threads {
        held[thread].list = Array(all[(thread * part)..<(thread == threads - 1 ? all.count : (thread + 1) * part)])
      }
    }
    func freeAll(_ count: Int) -> Double {
      timed(max(count, 1)) { memory, thread in
        let own = held[thread]
        var list = own.takeList()
        for _ in 0..<min(count, list.count) { Self.give(list.removeLast(), 0, memory, thread) }
        own.list = list
      }
    }
    _ = fill()
    shuffle()
    let half = freeAll(share / 2)
    let again = timed(share / 2) { memory, thread in
      let own = held[thread]
      var list = own.takeList()
      for _ in 0..<(share / 2) { if let frame = Self.take(0, memory, thread) { list.append(frame) } }
      own.list = list
    }
    shuffle()
    let whole = freeAll(share)
    for thread in 0..<threads { while let frame = held[thread].list.popLast() { Self.give(frame, 0, memory, thread) } }
    let after = fill()
    for thread in 0..<threads { for frame in held[thread].list { Self.give(frame, 0, memory, thread) } }
    settle()
    return [
      ("free random 50 %", half), ("realloc 50 %", again), ("free random 100 %", whole), ("alloc after random", after),
    ]
  }

  /// - Returns: nanoseconds a step, and how many 2 MiB blocks could be had at the end.
  func mix(geometric: Bool, repetitions: Int) -> (String, Double, Int) {
    let share = Self.frames / threads
    let goal = share * 7 / 10
    let held = own()
    for thread in 0..<threads { held[thread].random = XorShift64(seed: 88_172_645_463_325_252 + 7919 * UInt64(thread)) }
    let used = (0..<threads).map { _ in Box() }
    let steps = threads == 1 ? 4_000_000 : 2_000_000
    @Sendable func order(_ random: inout XorShift64) -> Int {
      geometric ? (Int(random.next() >> 32) | 1 << 9).trailingZeroBitCount : Int(random.below(10))
    }
    var times: [Double] = []
    for _ in 0..<repetitions {
      times.append(
        timed(steps) { memory, thread in
          let own = held[thread]
          var list = own.takeList()
          var orders = own.orders
          own.orders = []
          var random = own.random
          var usedFrames = used[thread].value.load(ordering: .relaxed)
          for _ in 0..<steps {
            if usedFrames < goal {
              let size = order(&random)
              if let frame = Self.take(size, memory, thread) {
                list.append(frame)
                orders.append(UInt8(size))
                usedFrames += 1 << size
                continue
              }
            }
            guard !list.isEmpty else { continue }
            let index = Int(random.below(UInt64(list.count)))
            let size = Int(orders[index])
            Self.give(list[index], size, memory, thread)
            let last = list.count - 1
            list[index] = list[last]
            orders[index] = orders[last]
            list.removeLast()
            orders.removeLast()
            usedFrames -= 1 << size
          }
          own.list = list
          own.orders = orders
          own.random = random
          used[thread].value.store(usedFrames, ordering: .relaxed)
        })
    }
    settle()
    var blocks: [UInt32] = []
    while let frame = Self.take(9, memory, 0) { blocks.append(frame) }
    let count = blocks.count
    for frame in blocks { Self.give(frame, 9, memory, 0) }
    for thread in 0..<threads {
      for index in held[thread].list.indices {
        Self.give(held[thread].list[index], Int(held[thread].orders[index]), memory, thread)
      }
    }
    settle()
    return (geometric ? "mix-geo step" : "mix-uni step", times.median, count)
  }

  /// - Returns: nanoseconds a free and allocation, and the free 2 MiB blocks at the end.
  func fragment(repetitions: Int) -> (String, Double, Int) {
    let share = Self.frames / threads
    let held = own()
    for thread in 0..<threads {
      held[thread].random = XorShift64(seed: 88_172_645_463_325_252 + 7919 * UInt64(thread))
      while held[thread].list.count < share, let frame = Self.take(0, memory, thread) {
        held[thread].list.append(frame)
      }
    }
    for thread in 0..<threads {
      let own = held[thread]
      for index in stride(from: own.list.count - 1, to: 0, by: -1) {
        own.list.swapAt(index, Int(own.random.below(UInt64(index + 1))))
      }
      for _ in 0..<(own.list.count / 2) { Self.give(own.list.removeLast(), 0, memory, thread) }
    }
    let steps = threads == 1 ? 4_000_000 : 2_000_000
    var times: [Double] = []
    for _ in 0..<repetitions {
      times.append(
        timed(steps) { memory, thread in
          let own = held[thread]
          var list = own.takeList()
          var random = own.random
          for _ in 0..<steps {
            let index = Int(random.below(UInt64(list.count)))
            Self.give(list[index], 0, memory, thread)
            if let frame = Self.take(0, memory, thread) {
              list[index] = frame
            } else {
              list[index] = list[list.count - 1]
              list.removeLast()
            }
          }
          own.list = list
          own.random = random
        })
    }
    settle()
    var free = 0
    for zone in memory.zoneFigures where zone.present > 0 { free += memory.freeBlocks(of: PageOrder(9), zone) }
    for thread in 0..<threads { for frame in held[thread].list { Self.give(frame, 0, memory, thread) } }
    settle()
    return ("frag0 pair", times.median, free)
  }
}
