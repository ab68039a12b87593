import LinuxMM

/// Carries the allocations and frees of a real kernel out on the model, and follows how fragmented both become.
///
/// Each block that the kernel gave is asked of the model with the same order and flags on the same processor; where the
/// model puts it is its own choice. The kernel's own memory is followed frame by frame where it is known what was free.
public struct PageEventReplay: ~Copyable {
  /// Free memory at one moment.
  public struct Sample: Sendable, Codable {
    public var microseconds: UInt64
    public var model: FreeBlocks
    /// `nil` where it is not known which frames were free at the start.
    public var kernel: FreeBlocks?
    public var modelFallbacks: UInt64
    public var kernelFallbacks: UInt64
  }

  public struct Counts: Sendable, Codable {
    public var allocations: UInt64 = 0
    public var frees: UInt64 = 0
    public var kernelFailures: UInt64 = 0
    /// The model had no block where the kernel had.
    public var modelFailures: UInt64 = 0
    /// Frees of frames that no event had allocated.
    public var unknownFrees: UInt64 = 0
    /// Allocations of frames that no event had freed: freed without an event.
    public var unknownAllocations: UInt64 = 0
    public var kernelFallbacks: UInt64 = 0
    public var kernelFragmenting: UInt64 = 0
    public var modelFallbacks: UInt64 = 0
    public var modelFragmenting: UInt64 = 0
  }

  public private(set) var memory: PhysicalMemory
  public private(set) var counts = Counts()
  public private(set) var samples: [Sample] = []
  /// The model's block for each block of the kernel's, by first frame.
  private var blocks: [UInt64: (frame: FrameNumber, order: Int)] = [:]
  /// Frames still in use of blocks that the kernel frees in parts.
  private var partsLeft: [UInt64: Int] = [:]
  /// Frames in use at the start, the same in both.
  private var initial: Set<UInt64> = []
  private var kernel: FrameMap?

  /// - Parameter free: which frames are free at the start; all that the machine has if not given.
  public init(_ memory: consuming PhysicalMemory, free: FreeFramesText? = nil) {
    self.memory = memory
    if let free {
      var map = FrameMap(end: self.memory.map.end)
      for run in free.runs { map.set(run.first, run.count, free: true) }
      for range in self.memory.freeRanges where range.count > 0 {
        for frame in range.start.rawValue..<range.end.rawValue where !map.isFree(UInt64(frame)) {
          if self.memory.occupy(FrameNumber(frame)) { initial.insert(UInt64(frame)) }
        }
      }
      kernel = map
    }
  }

  public mutating func carryOut(_ event: PageEvent) {
    let processor = event.processor % memory.processorTotal
    switch event.kind {
    case .allocation(let frame, let order, let flags):
      guard let frame else {
        counts.kernelFailures += 1
        return
      }
      counts.allocations += 1
      if let old = blocks[frame] {
        counts.unknownAllocations += 1
        give(old.frame, old.order, processor)
        blocks[frame] = nil
        partsLeft[frame] = nil
      }
      for part in frame..<(frame + 1 << UInt64(order)) where initial.remove(part) != nil {
        give(FrameNumber(UInt32(part)), 0, processor)
      }
      kernel?.set(frame, 1 << UInt64(order), free: false)
      // What the kernel could do, the model tries with all it has; reclaim is the trace's own.
      do throws(AllocationFailure) {
        blocks[frame] = (try memory.allocatePages(PageOrder(order), flags, processor: processor), order)
      } catch {
        counts.modelFailures += 1
      }
    case .free(let frame, let order):
      counts.frees += 1
      kernel?.set(frame, 1 << UInt64(order), free: true)
      if let block = blocks[frame], block.order == order {
        blocks[frame] = nil
        give(block.frame, block.order, processor)
        return
      }
      if freePart(frame, order, processor) { return }
      var known = false
      for part in frame..<(frame + 1 << UInt64(order)) where initial.remove(part) != nil {
        give(FrameNumber(UInt32(part)), 0, processor)
        known = true
      }
      if !known { counts.unknownFrees += 1 }
    case .fallback(let isFragmenting, _):
      counts.kernelFallbacks += 1
      if isFragmenting { counts.kernelFragmenting += 1 }
    }
  }

  /// Frees a part of a block, which the kernel has split: the model's block goes when its last part does.
  private mutating func freePart(_ frame: UInt64, _ order: Int, _ processor: Int) -> Bool {
    for size in 0...10 {
      let head = frame & ~(1 << UInt64(size) - 1)
      guard let block = blocks[head], block.order == size, size > order else { continue }
      let left = (partsLeft[head] ?? 1 << size) - 1 << order
      partsLeft[head] = left > 0 ? left : nil
      if left <= 0 {
        blocks[head] = nil
        give(block.frame, block.order, processor)
      }
      return true
    }
    return false
  }

  /// Notes the free memory of both now.
  public mutating func sample(at microseconds: UInt64) {
    let events = memory.fallbackCounts
    counts.modelFallbacks = events.fallbacks
    counts.modelFragmenting = events.fragmenting
    samples.append(
      Sample(
        microseconds: microseconds, model: FreeBlocks(counts: memory.freeBlockCounts), kernel: kernel?.blocks,
        modelFallbacks: events.fallbacks, kernelFallbacks: counts.kernelFallbacks))
  }

  private mutating func give(_ frame: FrameNumber, _ order: Int, _ processor: Int) {
    do throws(FreeFailure) { try memory.freePages(frame, PageOrder(order), processor: processor) } catch {
      preconditionFailure("a block of the replay could not be freed")
    }
  }
}

/// Which frames of a real kernel are free.
private struct FrameMap {
  private var words: [UInt64]
  private let end: UInt64

  init(end: FrameNumber) {
    self.end = UInt64(end.rawValue)
    words = [UInt64](repeating: 0, count: (Int(end.rawValue) + 1023) / 1024 * 16)
  }

  func isFree(_ frame: UInt64) -> Bool { frame < end && words[Int(frame / 64)] >> (frame % 64) & 1 != 0 }

  mutating func set(_ first: UInt64, _ count: UInt64, free: Bool) {
    for frame in first..<min(first + count, max(first, end)) {
      if free { words[Int(frame / 64)] |= 1 << (frame % 64) } else { words[Int(frame / 64)] &= ~(1 << (frame % 64)) }
    }
  }

  /// The largest aligned blocks that the free frames make up.
  ///
  /// - Complexity: O(frames).
  var blocks: FreeBlocks {
    var blocks = FreeBlocks()
    // Level by level: two free buddies make one block of the next order.
    var level = words
    var bits = words.count * 64
    for order in 0..<10 {
      var next = [UInt64](repeating: 0, count: (bits / 2 + 63) / 64)
      for index in stride(from: 0, to: bits, by: 2) {
        let pair = level[index / 64] >> UInt64(index % 64) & 3
        if pair == 3 {
          next[index / 2 / 64] |= 1 << UInt64(index / 2 % 64)
        } else {
          blocks.counts[order] += pair.nonzeroBitCount
        }
      }
      level = next
      bits /= 2
    }
    for index in 0..<bits where level[index / 64] >> UInt64(index % 64) & 1 != 0 { blocks.counts[10] += 1 }
    return blocks
  }
}
