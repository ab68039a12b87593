import Dispatch
import Foundation
import LinuxMM
import Synchronization

/// The workloads of objects that anchors.md defines, on any allocator.
enum HeapWorkloads {
  struct Row: Codable {
    var name: String
    /// Nanoseconds an operation, or a ratio of bytes.
    var figure: Double
  }

  /// What is measured in a process of its own, so that what one leaves behind does not serve another.
  enum Group: String, CaseIterable {
    case pairs, batches, uniform, logUniform, handover
  }

  static func run<A: ObjectAllocator & ~Copyable>(_ group: Group, _ allocator: borrowing A, threads: Int) -> [Row] {
    switch group {
    case .pairs:
      return [64, 192, 256, 1024].map { size in
        let time = timed(allocator, threads, operations: 5_000_000) { pairs($0, size, $1) }
        return Row(name: "pair \(size)", figure: time)
      }
    case .batches:
      return [64, 256, 1024].flatMap { size in
        [false, true].flatMap { isRandom in
          let (allocating, freeing) = batches(allocator, size, isRandom: isRandom, threads: threads)
          let name = "batch \(size) \(isRandom ? "random" : "fifo")"
          return [Row(name: name + " alloc", figure: allocating), Row(name: name + " free", figure: freeing)]
        }
      }
    case .uniform, .logUniform:
      let (time, overhead) = liveSet(allocator, isUniform: group == .uniform, threads: threads)
      let name = group == .uniform ? "live uniform" : "live log-uniform"
      return [Row(name: name, figure: time), Row(name: name + ", resident/live", figure: overhead)]
    case .handover:
      return threads < 2
        ? [] : [64, 1024].map { Row(name: "producer/consumer \($0)", figure: handOver(allocator, $0)) }
    }
  }

  /// Runs `body` once a thread, all beginning together; the longest time counts.
  private static func timed<A: ObjectAllocator & ~Copyable>(
    _ allocator: borrowing A, _ threads: Int, operations: Int, _ body: @Sendable (borrowing A, Int) -> Void
  ) -> Double {
    let ready = Atomic<Int>(0)
    let longest = Atomic<Int>(0)
    @Sendable func run(_ allocator: borrowing A, _ thread: Int) {
      ready.add(1, ordering: .acquiringAndReleasing)
      while ready.load(ordering: .acquiring) < threads {}
      let start = ContinuousClock.now
      body(allocator, thread)
      longest.max(Int(start.duration(to: .now) / .nanoseconds(1)), ordering: .relaxed)
    }
    if threads == 1 {
      run(allocator, 0)
    } else {
      lend(allocator) { pointer in
        DispatchQueue.concurrentPerform(iterations: threads) { thread in unsafe run(pointer.value.pointee, thread) }
      }
    }
    return Double(longest.load(ordering: .relaxed)) / Double(operations)
  }

  /// A borrowed allocator's address, for threads that end before the loan does.
  @safe private struct Lent<A: ~Copyable>: @unchecked Sendable {
    let value: UnsafePointer<A>
  }

  private static func lend<A: ObjectAllocator & ~Copyable>(_ allocator: borrowing A, _ body: (Lent<A>) -> Void) {
    // SAFETY: the pointer is used within this call only.
    unsafe withUnsafePointer(to: allocator) { pointer in body(unsafe Lent(value: pointer)) }
  }

  @inline(never)
  private static func pairs<A: ObjectAllocator & ~Copyable>(_ allocator: borrowing A, _ size: Int, _ thread: Int) {
    for _ in 0..<5_000_000 { unsafe allocator.free(allocator.allocate(size, thread), thread) }
  }

  private static let batch = 10_000

  private static func batches<A: ObjectAllocator & ~Copyable>(
    _ allocator: borrowing A, _ size: Int, isRandom: Bool, threads: Int
  ) -> (Double, Double) {
    let allocating = Atomic<Int>(0)
    let freeing = Atomic<Int>(0)
    let rounds = 200
    _ = timed(allocator, threads, operations: 1) { allocator, thread in
      var order = Array(0..<batch)
      if isRandom {
        var random = XorShift64(seed: 88_172_645_463_325_252 + UInt64(thread))
        order.shuffle(using: &random)
      }
      let (first, second) = unsafe rounded(allocator, size, order, rounds, thread)
      allocating.max(first, ordering: .relaxed)
      freeing.max(second, ordering: .relaxed)
    }
    let operations = Double(batch * rounds)
    return (
      Double(allocating.load(ordering: .relaxed)) / operations, Double(freeing.load(ordering: .relaxed)) / operations
    )
  }

  @inline(never)
  private static func rounded<A: ObjectAllocator & ~Copyable>(
    _ allocator: borrowing A, _ size: Int, _ order: [Int], _ rounds: Int, _ thread: Int
  ) -> (Int, Int) {
    let objects = UnsafeMutablePointer<UnsafeMutableRawPointer>.allocate(capacity: batch)
    var allocating = 0
    var freeing = 0
    let count = order.count
    unsafe order.withUnsafeBufferPointer { order in
      for _ in 0..<rounds {
        let start = ContinuousClock.now
        for index in 0..<count {
          let object = unsafe allocator.allocate(size, thread)
          unsafe object.storeBytes(of: UInt64(index), as: UInt64.self)
          unsafe objects[index] = object
        }
        let middle = ContinuousClock.now
        for index in 0..<count { unsafe allocator.free(objects[order[index]], thread) }
        allocating += Int(start.duration(to: middle) / .nanoseconds(1))
        freeing += Int(middle.duration(to: .now) / .nanoseconds(1))
      }
    }
    unsafe objects.deallocate()
    return (allocating, freeing)
  }

  /// A size from 8 to 8192, or of all magnitudes alike.
  @inline(__always)
  private static func size(_ random: inout XorShift64, _ isUniform: Bool) -> Int {
    if isUniform { return 8 + Int(random.below(8185)) }
    let base = UInt64(8) << random.below(10)
    return Int(base + random.below(base))
  }

  private static let live = 100_000

  /// - Returns: nanoseconds for freeing and allocating one, and resident over live bytes.
  private static func liveSet<A: ObjectAllocator & ~Copyable>(
    _ allocator: borrowing A, isUniform: Bool, threads: Int
  ) -> (Double, Double) {
    let before = resident()
    let bytes = Atomic<Int>(0)
    let all = Atomic<Int>(0)
    let time = Atomic<Int>(0)
    _ = timed(allocator, threads, operations: 1) { allocator, thread in
      let nanoseconds = churned(allocator, isUniform, thread) {
        // The last of the threads looks, while all of them hold what they have.
        bytes.add($0, ordering: .relaxed)
        if all.add(1, ordering: .acquiringAndReleasing).newValue == threads {
          bytes.store((resident() - before) * 1000 / bytes.load(ordering: .relaxed), ordering: .relaxed)
          all.add(1, ordering: .acquiringAndReleasing)
        }
        while all.load(ordering: .acquiring) <= threads {}
      }
      time.max(Int(nanoseconds * 1000), ordering: .relaxed)
    }
    return (Double(time.load(ordering: .relaxed)) / 1000, Double(bytes.load(ordering: .relaxed)) / 1000)
  }

  /// Fills the live set, frees and allocates a million times, calls `look` with the bytes that live, and frees all.
  ///
  /// - Returns: nanoseconds for freeing and allocating one.
  @inline(never)
  private static func churned<A: ObjectAllocator & ~Copyable>(
    _ allocator: borrowing A, _ isUniform: Bool, _ thread: Int, _ look: (Int) -> Void
  ) -> Double {
    var random = XorShift64(seed: 88_172_645_463_325_252 + 7919 * UInt64(thread))
    let objects = UnsafeMutablePointer<UnsafeMutableRawPointer>.allocate(capacity: live)
    let sizes = UnsafeMutablePointer<Int>.allocate(capacity: live)
    var bytes = 0
    @inline(__always)
    func make(_ index: Int) {
      let size = size(&random, isUniform)
      let object = unsafe allocator.allocate(size, thread)
      unsafe object.storeBytes(of: 1, as: UInt8.self)
      unsafe object.storeBytes(of: 2, toByteOffset: size - 1, as: UInt8.self)
      unsafe objects[index] = object
      unsafe sizes[index] = size
      bytes += size
    }
    for index in 0..<live { make(index) }
    let start = ContinuousClock.now
    for _ in 0..<1_000_000 {
      let index = Int(random.below(UInt64(live)))
      unsafe allocator.free(objects[index], thread)
      bytes -= unsafe sizes[index]
      make(index)
    }
    let time = start.duration(to: .now) / .nanoseconds(1) / 1_000_000
    look(bytes)
    for index in 0..<live { unsafe allocator.free(objects[index], thread) }
    unsafe objects.deallocate()
    unsafe sizes.deallocate()
    return time
  }

  private static func resident() -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    return text.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 4096 } ?? 0
  }

  /// One thread allocates and hands over in a ring, the other frees. Nanoseconds an object.
  private static func handOver<A: ObjectAllocator & ~Copyable>(_ allocator: borrowing A, _ size: Int) -> Double {
    let ring = Ring()
    return timed(allocator, 2, operations: Ring.objects) { allocator, thread in
      thread == 0 ? produce(allocator, size, ring) : consume(allocator, ring)
    }
  }

  @safe private final class Ring: @unchecked Sendable {
    static let objects = 300_000
    static let size = 4096
    let places = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: Ring.size)
    let written = Atomic<Int>(0)
    let padding = InlineArray<16, Int>(repeating: 0)
    let read = Atomic<Int>(0)

    deinit { unsafe places.deallocate() }
  }

  @inline(never)
  private static func produce<A: ObjectAllocator & ~Copyable>(_ allocator: borrowing A, _ size: Int, _ ring: Ring) {
    for index in 0..<Ring.objects {
      let object = unsafe allocator.allocate(size, 0)
      unsafe object.storeBytes(of: UInt64(index), as: UInt64.self)
      while index - ring.read.load(ordering: .acquiring) >= Ring.size {}
      unsafe ring.places[index & (Ring.size - 1)] = object
      ring.written.store(index + 1, ordering: .releasing)
    }
  }

  @inline(never)
  private static func consume<A: ObjectAllocator & ~Copyable>(_ allocator: borrowing A, _ ring: Ring) {
    for index in 0..<Ring.objects {
      while ring.written.load(ordering: .acquiring) <= index {}
      let object = unsafe ring.places[index & (Ring.size - 1)]
      ring.read.store(index + 1, ordering: .releasing)
      unsafe allocator.free(object.unsafelyUnwrapped, 1)
    }
  }
}
