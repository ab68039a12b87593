/// Pages of swap slots in a compressed form, packed into blocks of frames. Linux: a pool of zsmalloc, z3fold or zbud.
///
/// All operations are O(1).
struct CompressedPool: ~Copyable {
  /// Frames that hold some objects.
  struct Block: BitwiseCopyable {
    var frames = InlineArray<4, FrameNumber>(repeating: .none)
    var used: UInt16 = 0
    var previous = CompressedPool.none
    var next = CompressedPool.none
  }

  /// By slot: what its page is in, and its neighbours by the time it was stored.
  struct StoredPage: BitwiseCopyable {
    /// 0 for none, 1 for a page of one repeated word, else a block's place and 2.
    var holder: UInt32 = 0
    var older = UInt32(0)
    var newer = UInt32(0)
  }

  private static let none = UInt32.max
  private static let repeated: UInt32 = 1

  let model: CompressionModel
  /// Whether the machine has it.
  let isOn: Bool
  let framesPerBlock: Int
  /// 0 if such pages are refused.
  let objectsPerBlock: Int
  private let objects: Table<StoredPage>
  private var blocks = Pool<Block>()
  /// Blocks that are neither full nor empty: those three quarters full, and the others. Linux: `ZS_ALMOST_FULL`,
  /// `ZS_ALMOST_EMPTY`.
  private var fuller = CompressedPool.none
  private var emptier = CompressedPool.none
  /// Slots by age, as their places and 1; 0 for none.
  private var oldestSlot: UInt32 = 0
  private var newestSlot: UInt32 = 0
  /// Pages stored, those of one repeated word among them, and frames taken.
  private(set) var stored = 0
  private(set) var repeatedPages = 0
  var frames: Int { blocks.count * framesPerBlock }
  /// Whether it was as large as it may be and is not small enough again. Linux: `zswap_pool_reached_full`.
  var wasFull = false

  /// - Parameter allocator: `nil` for a machine without such a pool.
  /// - Returns: `nil` if `source` cannot hold the table.
  init?(_ model: CompressionModel, _ allocator: CompressedAllocator?, slots: Int, from source: MemorySource) {
    guard let objects = Table<StoredPage>(zeros: allocator == nil ? 1 : max(slots, 1), from: source) else { return nil }
    self.model = model
    self.objects = objects
    isOn = allocator != nil
    let shape = allocator?.shape(bytes: model.bytes)
    framesPerBlock = shape?.frames ?? 1
    objectsPerBlock = shape?.objects ?? 0
  }

  @inline(__always)
  func holds(_ place: Int) -> Bool { isOn && objects[place].holder != 0 }

  /// Whether a page finds room only in a new block.
  var needsBlock: Bool { fuller == Self.none && emptier == Self.none }

  mutating func addBlock(_ frames: InlineArray<4, FrameNumber>) {
    let block = blocks.insert(Block(frames: frames))
    link(block)
  }

  /// Stores the page of a slot that has none here.
  ///
  /// - Parameter isRepeated: whether it is one word over and over, which takes no room.
  mutating func store(_ place: Int, isRepeated: Bool) {
    if isRepeated {
      objects[place].holder = Self.repeated
      repeatedPages += 1
    } else {
      let block = fuller != Self.none ? fuller : emptier
      unlink(block)
      blocks[block].used += 1
      link(block)
      objects[place].holder = block + 2
    }
    stored += 1
    append(place)
  }

  /// Lets the oldest slot count as the newest.
  mutating func rotate() {
    guard let place = oldest else { return }
    takeFromOrder(place)
    append(place)
  }

  private mutating func takeFromOrder(_ place: Int) {
    let (older, newer) = (objects[place].older, objects[place].newer)
    if older == 0 { oldestSlot = newer } else { objects[Int(older) - 1].newer = newer }
    if newer == 0 { newestSlot = older } else { objects[Int(newer) - 1].older = older }
  }

  private mutating func append(_ place: Int) {
    objects[place].older = newestSlot
    objects[place].newer = 0
    if newestSlot == 0 {
      oldestSlot = UInt32(place) + 1
    } else {
      objects[Int(newestSlot) - 1].newer = UInt32(place) + 1
    }
    newestSlot = UInt32(place) + 1
  }

  /// Forgets the page of a slot.
  ///
  /// - Returns: the frames of its block if that is empty now.
  mutating func remove(_ place: Int) -> InlineArray<4, FrameNumber>? {
    guard holds(place) else { return nil }
    let object = objects[place]
    objects[place].holder = 0
    takeFromOrder(place)
    stored -= 1
    if object.holder == Self.repeated {
      repeatedPages -= 1
      return nil
    }
    let block = object.holder - 2
    unlink(block)
    blocks[block].used -= 1
    if blocks[block].used == 0 {
      let frames = blocks[block].frames
      blocks.remove(block)
      return frames
    }
    link(block)
    return nil
  }

  /// The slot that was stored first of all.
  var oldest: Int? { oldestSlot == 0 ? nil : Int(oldestSlot) - 1 }

  private func isFuller(_ block: UInt32) -> Bool { Int(blocks[block].used) * 4 > objectsPerBlock * 3 }

  private func isListed(_ block: UInt32) -> Bool { Int(blocks[block].used) < objectsPerBlock }

  private mutating func link(_ block: UInt32) {
    guard isListed(block) else { return }
    let first = isFuller(block) ? fuller : emptier
    blocks[block].previous = Self.none
    blocks[block].next = first
    if first != Self.none { blocks[first].previous = block }
    if isFuller(block) { fuller = block } else { emptier = block }
  }

  private mutating func unlink(_ block: UInt32) {
    guard isListed(block) else { return }
    let (previous, next) = (blocks[block].previous, blocks[block].next)
    if next != Self.none { blocks[next].previous = previous }
    if previous != Self.none {
      blocks[previous].next = next
    } else if isFuller(block) {
      fuller = next
    } else {
      emptier = next
    }
  }

  /// Recounts everything.
  func check() throws(BrokenInvariant) {
    var counts = [Int](repeating: 0, count: blocks.limit)
    var found = 0
    for place in 0..<objects.count where objects[place].holder != 0 {
      found += 1
      if objects[place].holder != Self.repeated { counts[Int(objects[place].holder) - 2] += 1 }
    }
    if found != stored { throw BrokenInvariant("compressed pages miscounted", found) }
    var used = 0
    for block in counts.indices where counts[block] > 0 {
      used += 1
      if Int(blocks[UInt32(block)].used) != counts[block] || counts[block] > objectsPerBlock {
        throw BrokenInvariant("block of compressed pages miscounted", block)
      }
    }
    if used != blocks.count { throw BrokenInvariant("empty block of compressed pages kept", blocks.count) }
    var listed = 0
    for first in [fuller, emptier] {
      var block = first
      while block != Self.none {
        listed += 1
        block = blocks[block].next
      }
    }
    let partial = counts.count { $0 > 0 && $0 < objectsPerBlock }
    if listed != partial { throw BrokenInvariant("blocks with room miscounted", listed) }
  }
}
