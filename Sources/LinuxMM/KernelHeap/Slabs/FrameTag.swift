/// What the heap uses a frame for: nothing, a cache's slab, a page of SLOB's blocks, or a block that kmalloc gave out as a
/// whole. Linux: `PG_slab`, `slab_cache`, `compound_head` and `compound_order` of `struct page`.
///
/// Every frame of a slab has it, only the first one of a block. It is written before anybody knows of an object there.
@usableFromInline
struct FrameTag: BitwiseCopyable {
  /// Bits 0 to 15 are the cache's number plus one, 16 to 19 the order, 24 whether the cache is watched, 25 to 30 the node.
  @usableFromInline let rawValue: UInt32

  /// What a block and a page of blocks have instead of a cache's number. No cache has them.
  private static let block = UInt32(SlabCacheIndex.most) - 1
  private static let pageOfBlocks = UInt32(SlabCacheIndex.most) - 2

  /// All zero.
  @inlinable static var none: FrameTag { FrameTag(rawValue: 0) }

  @inlinable init(rawValue: UInt32) { self.rawValue = rawValue }

  /// A slab's frame.
  ///
  /// - Parameter node: 0 to 63, the frame's.
  init(_ cache: SlabCacheIndex, _ order: PageOrder, node: Int, isWatched: Bool) {
    rawValue =
      UInt32(cache.rawValue) + 1 | UInt32(order.rawValue) << 16 | (isWatched ? 1 << 24 : 0) | UInt32(node) << 25
  }

  /// The first frame of a block.
  init(block order: PageOrder) { rawValue = Self.block | UInt32(order.rawValue) << 16 }

  /// A page of SLOB's.
  static var blocks: FrameTag { FrameTag(rawValue: pageOfBlocks) }

  var isSlab: Bool { number != 0 && number < Self.pageOfBlocks }
  var isBlock: Bool { number == Self.block }
  var isBlocks: Bool { number == Self.pageOfBlocks }
  var order: PageOrder { PageOrder(Int(rawValue >> 16 & 15)) }
  /// Whether what is done with the slab's objects is checked.
  var isWatched: Bool { rawValue & 1 << 24 != 0 }

  /// The cache's number plus one: where its slots are. Those of no cache and of blocks have nothing in them.
  @inlinable @inline(__always)
  var number: UInt32 { rawValue & 0xffff }

  /// - Precondition: it is a slab's.
  var cache: SlabCacheIndex { SlabCacheIndex(Int(number) - 1) }

  /// How far from its slab's first byte an address is: slabs are aligned to their size.
  func offset(_ address: UInt64) -> UInt64 { address & UInt64(order.byteCount - 1) }

  /// The first frame of the slab that has the frame: slabs are aligned to their size.
  @inline(__always)
  func firstFrame(_ frame: Int) -> Int { frame & ~0 &<< Int(rawValue >> 16 & 15) }
}
