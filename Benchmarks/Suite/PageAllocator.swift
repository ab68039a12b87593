import Dispatch
import Foundation
import HostMemory
import LinuxMM
import Synchronization

/// The page allocator on the workloads of LLFree (USENIX ATC'23), 1 GiB of metadata only: one and two threads, each under
/// its own processor number.
final class PageAllocatorBenchmark: Sendable {
  static let frames = 1 << 18
  /// LLFree's figures of docs/anchors, for the reader; nanoseconds an operation, one and two threads.
  static let anchors: [String: (Double, Double)] = [
    "bulk alloc": (34.9, 38.0), "bulk free": (22.4, 29.2), "pair order 0": (57.8, 64.3), "pair order 9": (56.0, 57.0),
    "alloc after random": (39.1, 42.1), "free random 50 %": (28.9, 51.4), "realloc 50 %": (40.1, 43.5),
    "free random 100 %": (29.4, 44.6), "mix-geo step": (206, 211), "mix-uni step": (72.4, 80.7),
    "frag0 pair": (112, 103),
  ]

  let memory: PhysicalMemory
  let threads: Int

  init(threads: Int, first: UInt32 = 1 << 20, frames: Int = PageAllocatorBenchmark.frames, processors: Int? = nil)
    throws
  {
    var settings = MemorySettings()
    settings.minimumFreeKilobytes = 0
    let map = try MemoryMap(
      regions: [.init(FrameRange(FrameNumber(first), FrameNumber(first + UInt32(frames))))], reserved: [])
    // Always a machine with two processors, so that one thread pays for the same locks as two.
    let topology = try NodeTopology(nodeOfProcessor: [Int](repeating: 0, count: processors ?? max(threads, 2)))
    guard
      let memory = PhysicalMemory(
        try PhysicalConfiguration(map: map, topology: topology, settings: settings), metadata: .host)
    else { throw Problem("no memory for the metadata") }
    self.memory = memory
    self.threads = threads
  }

  /// Runs `body` once a thread, all beginning together; the longest time counts.
  private func timed(_ operations: Int, _ body: @escaping @Sendable (_ thread: Int) -> Void) -> Double {
    let ready = Atomic<Int>(0)
    let times = (0..<threads).map { _ in Box() }
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
      ready.add(1, ordering: .acquiringAndReleasing)
      while ready.load(ordering: .acquiring) < threads {}
      let start = ContinuousClock.now
      body(thread)
      times[thread].value.store(Int(start.duration(to: .now) / .nanoseconds(1)), ordering: .relaxed)
    }
    return Double(times.map { $0.value.load(ordering: .relaxed) }.max() ?? 0) / Double(operations)
  }

  private final class Box: Sendable {
    let value = Atomic<Int>(0)
  }

  private func take(_ order: Int, _ thread: Int) -> UInt32? {
    do throws(AllocationFailure) {
      return try memory.allocatePages(PageOrder(order), .highUserMovable, processor: thread).rawValue
    } catch {
      return nil
    }
  }

  private func give(_ frame: UInt32, _ order: Int, _ thread: Int) {
    do throws(FreeFailure) { try memory.freePages(FrameNumber(frame), PageOrder(order), processor: thread) } catch {
      fatalError("\(error)")
    }
  }

  /// Frames of one thread; the array is the thread's own while it runs.
  private final class Frames: @unchecked Sendable {
    var list: [UInt32] = []
    var orders: [UInt8] = []
    var random = XorShift64(seed: 0)

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
    let alloc = timed(share) { [self] thread in
      for _ in 0..<share { if let frame = take(0, thread) { held[thread].list.append(frame) } }
    }
    let free = timed(share) { [self] thread in
      for frame in held[thread].list { give(frame, 0, thread) }
    }
    settle()
    return [("bulk alloc", alloc), ("bulk free", free)]
  }

  func pairs(_ order: Int) -> (String, Double) {
    let time = timed(10_000_000) { [self] thread in
      for _ in 0..<10_000_000 { if let frame = take(order, thread) { give(frame, order, thread) } }
    }
    settle()
    return ("pair order \(order)", time)
  }

  func random() -> [(String, Double)] {
    let share = Self.frames / threads
    let held = own()
    func fill() -> Double {
      timed(share) { [self] thread in
        while held[thread].list.count < share, let frame = take(0, thread) { held[thread].list.append(frame) }
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
      timed(max(count, 1)) { [self] thread in
        for _ in 0..<min(count, held[thread].list.count) { give(held[thread].list.removeLast(), 0, thread) }
      }
    }
    _ = fill()
    shuffle()
    let half = freeAll(share / 2)
    let again = timed(share / 2) { [self] thread in
      for _ in 0..<(share / 2) { if let frame = take(0, thread) { held[thread].list.append(frame) } }
    }
    shuffle()
    let whole = freeAll(share)
    for thread in 0..<threads { while let frame = held[thread].list.popLast() { give(frame, 0, thread) } }
    let after = fill()
    for thread in 0..<threads { for frame in held[thread].list { give(frame, 0, thread) } }
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
    @Sendable func step(_ thread: Int, _ usedFrames: inout Int, filling: Bool) {
      let own = held[thread]
      if usedFrames < goal {
        let size = order(&own.random)
        if let frame = take(size, thread) {
          own.list.append(frame)
          own.orders.append(UInt8(size))
          usedFrames += 1 << size
          return
        }
        if filling { return }
      }
      guard !own.list.isEmpty else { return }
      let index = Int(own.random.below(UInt64(own.list.count)))
      let size = Int(own.orders[index])
      give(own.list[index], size, thread)
      let last = own.list.count - 1
      own.list[index] = own.list[last]
      own.orders[index] = own.orders[last]
      own.list.removeLast()
      own.orders.removeLast()
      usedFrames -= 1 << size
    }
    var times: [Double] = []
    for _ in 0..<repetitions {
      times.append(
        timed(steps) { thread in
          var usedFrames = used[thread].value.load(ordering: .relaxed)
          for _ in 0..<steps { step(thread, &usedFrames, filling: false) }
          used[thread].value.store(usedFrames, ordering: .relaxed)
        })
    }
    settle()
    var blocks: [UInt32] = []
    while let frame = take(9, 0) { blocks.append(frame) }
    let count = blocks.count
    for frame in blocks { give(frame, 9, 0) }
    for thread in 0..<threads {
      for index in held[thread].list.indices { give(held[thread].list[index], Int(held[thread].orders[index]), thread) }
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
      while held[thread].list.count < share, let frame = take(0, thread) { held[thread].list.append(frame) }
    }
    for thread in 0..<threads {
      let own = held[thread]
      for index in stride(from: own.list.count - 1, to: 0, by: -1) {
        own.list.swapAt(index, Int(own.random.below(UInt64(index + 1))))
      }
      for _ in 0..<(own.list.count / 2) { give(own.list.removeLast(), 0, thread) }
    }
    let steps = threads == 1 ? 4_000_000 : 2_000_000
    var times: [Double] = []
    for _ in 0..<repetitions {
      times.append(
        timed(steps) { [self] thread in
          let own = held[thread]
          for _ in 0..<steps {
            let index = Int(own.random.below(UInt64(own.list.count)))
            give(own.list[index], 0, thread)
            if let frame = take(0, thread) {
              own.list[index] = frame
            } else {
              own.list[index] = own.list[own.list.count - 1]
              own.list.removeLast()
            }
          }
        })
    }
    settle()
    var free = 0
    for zone in memory.zoneFigures where zone.present > 0 { free += memory.freeBlocks(of: PageOrder(9), zone) }
    for thread in 0..<threads { for frame in held[thread].list { give(frame, 0, thread) } }
    settle()
    return ("frag0 pair", times.median, free)
  }
}
