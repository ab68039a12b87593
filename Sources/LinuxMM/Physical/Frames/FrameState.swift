import Synchronization

/// The state of one frame as the page allocator sees it: one byte a frame, so that the states of a gigabyte fit a
/// processor's cache.
///
/// - *nothing*: reserved, never used, or not the first frame of its block.
/// - *free*: first frame of a block on a zone's list, with order and migration type (`PageBuddy`). The zone's lock.
/// - *listed*: first frame of a block on a processor's list, with order and migration type. That list's lock.
/// - *allocated*: first frame of a block somebody has, with its order. Its owner.
/// - *used*: allocated, and what it is used for stands in its ``Frame``. Its owner.
struct FrameState: Equatable, BitwiseCopyable {
  var rawValue: UInt8

  static let nothing = FrameState(rawValue: 0)

  @inline(__always)
  static func free(_ order: PageOrder, _ type: MigrationType) -> FrameState {
    FrameState(rawValue: 0x80 | type.rawValue << 4 | order.rawValue)
  }

  @inline(__always)
  static func allocated(_ order: PageOrder) -> FrameState { FrameState(rawValue: 0x40 | order.rawValue) }

  @inline(__always)
  static func used(_ order: PageOrder) -> FrameState { FrameState(rawValue: 0x50 | order.rawValue) }

  /// Orders 0 to 3 and 9 only.
  @inline(__always)
  static func listed(_ order: PageOrder, _ type: MigrationType) -> FrameState {
    FrameState(rawValue: ((order.rawValue == 9 ? 4 : order.rawValue) << 3 | type.rawValue) &+ 1)
  }

  @inline(__always)
  var isFree: Bool { rawValue & 0x80 != 0 }
  @inline(__always)
  var isAllocated: Bool { rawValue & 0xc0 == 0x40 }
  @inline(__always)
  var isUsed: Bool { rawValue & 0xd0 == 0x50 }
  @inline(__always)
  var isListed: Bool { rawValue != 0 && rawValue < 0x40 }

  /// Whether it is the first frame of a free block of this order, of any type.
  @inline(__always)
  func isFree(_ order: PageOrder) -> Bool { rawValue & 0x8f == 0x80 | order.rawValue }

  /// The block's order, of all states but `nothing`.
  @inline(__always)
  var order: PageOrder {
    if isListed {
      let index = (rawValue - 1) >> 3
      return PageOrder(index == 4 ? 9 : Int(index))
    }
    return PageOrder(Int(rawValue & 15))
  }

  /// The migration type of a free or listed block.
  @inline(__always)
  var type: MigrationType {
    MigrationType(isFree ? rawValue >> 4 & 7 : (rawValue &- 1) & 7)
  }
}

/// A frame's state where several threads see it: neighbours look at it when they merge.
struct SharedFrameState: ~Copyable {
  private let bits: Atomic<UInt8>

  @inline(__always)
  var value: FrameState { borrowing get { FrameState(rawValue: bits.load(ordering: .relaxed)) } }

  @inline(__always)
  borrowing func set(_ state: FrameState) { bits.store(state.rawValue, ordering: .relaxed) }
}

/// The states of all frames.
///
/// A cache line holds two runs of 32 frames, 2048 frames apart: two processors that took a batch of 63 each use different
/// lines, and buddies still share one. 4096 frames share a page of the host.
struct FrameStates: ~Copyable {
  private let table: Table<SharedFrameState>
  var count: Int { table.count }

  /// - Parameter count: a multiple of the largest block; the table is rounded up to 4096.
  init?(count: Int, from source: MemorySource) {
    guard let table = Table<SharedFrameState>(zeros: (count + 4095) & ~4095, from: source) else { return nil }
    self.table = table
  }

  @inline(__always)
  subscript(frame: Int) -> FrameState {
    get { table[Self.place(frame)].value }
    nonmutating set { table[Self.place(frame)].set(newValue) }
  }

  @inline(__always)
  private static func place(_ frame: Int) -> Int {
    // Bits 5 and 11 change places.
    let change = (frame >> 5 ^ frame >> 11) & 1
    return frame ^ (change << 5 | change << 11)
  }
}

/// A frame's neighbours on the list it is on. Linux: `lru`, `buddy_list`.
struct FrameLinks: BitwiseCopyable {
  var next: FrameNumber
  var previous: FrameNumber
}
