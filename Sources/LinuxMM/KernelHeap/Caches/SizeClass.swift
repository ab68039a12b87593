/// One of the sizes that kmalloc keeps caches for (`mm/slab_common.c:kmalloc_info`).
public struct SizeClass: Hashable, Sendable, BitwiseCopyable {
  /// The kernel's number: 1 is 96 bytes, 2 is 192, n is 2^n. Linux: `kmalloc_index`.
  public let index: UInt8

  /// - Parameter index: 1 to 13.
  @inline(__always)
  init(index: Int) { self.index = UInt8(truncatingIfNeeded: index) }

  /// The largest object of a cache; more comes from the page allocator. Linux: `KMALLOC_MAX_CACHE_SIZE`.
  @inlinable public static var largestSize: Int { 8192 }
  /// The most that kmalloc gives. Linux: `KMALLOC_MAX_SIZE`.
  public static let largestRequest = 4 << 20
  /// One more than the highest index.
  static let count = 14

  /// All of them by size, in which order the kernel makes their caches too.
  public static let all = [3, 4, 5, 6, 1, 7, 2, 8, 9, 10, 11, 12, 13].map { SizeClass(index: $0) }

  /// The class that serves a request (`mm/slab_common.c:kmalloc_slab`).
  ///
  /// - Parameter size: 1 to ``largestSize``.
  @inlinable @inline(__always)
  init(serving size: Int) {
    if size <= 192 {
      // One digit for each eight bytes, from the lowest on. Linux: `size_index`.
      let place = UInt64(truncatingIfNeeded: (size &- 1) >> 3)
      let digits: UInt64 = place < 16 ? 0x7777_1111_6666_5543 : 0x2222_2222
      index = UInt8(truncatingIfNeeded: digits &>> (place &<< 2) & 15)
    } else {
      index = UInt8(truncatingIfNeeded: Int.bitWidth &- (size &- 1).leadingZeroBitCount)
    }
  }

  /// Bytes of its objects.
  public var size: Int {
    switch index {
    case 1: 96
    case 2: 192
    default: 1 << Int(index)
    }
  }

  /// Powers of two are aligned to themselves.
  var alignment: Int { index > 2 ? size : 8 }

  /// As in the names of its caches: `64`, `1k`.
  public var name: String { size < 1024 ? "\(size)" : "\(size >> 10)k" }

  /// How much a request really gets, 0 for one that is too large or of nothing (`mm/slab_common.c:kmalloc_size_roundup`).
  public static func granted(_ size: Int) -> Int {
    if size <= 0 || size > largestRequest { return 0 }
    return size <= largestSize ? SizeClass(serving: size).size : PageOrder(covering: size).byteCount
  }
}

/// Which of kmalloc's rows of caches serves a request. Linux: `enum kmalloc_cache_type`.
public enum KmallocKind: UInt8, Sendable, CaseIterable {
  case normal
  /// In memory that old devices reach.
  case dma
  /// A cache that a shrinker gives back.
  case reclaimable
  /// Charged to a memory cgroup.
  case account

  /// (`include/linux/slab.h:kmalloc_type`)
  @inline(__always)
  public init(_ flags: GFPFlags) {
    if flags.isDisjoint(with: [.dma, .reclaimable, .account]) {
      self = .normal
    } else if flags.contains(.dma) {
      self = .dma
    } else {
      self = flags.contains(.reclaimable) ? .reclaimable : .account
    }
  }

  /// The flags of such caches.
  var cacheFlags: SlabCacheFlags {
    switch self {
    case .normal: .kmalloc
    case .dma: [.kmalloc, .dma]
    case .reclaimable: [.kmalloc, .reclaimable]
    case .account: [.kmalloc, .account]
    }
  }

  /// What their names begin with.
  public var prefix: String {
    switch self {
    case .normal: "kmalloc-"
    case .dma: "dma-kmalloc-"
    case .reclaimable: "kmalloc-rcl-"
    case .account: "kmalloc-cg-"
    }
  }
}
