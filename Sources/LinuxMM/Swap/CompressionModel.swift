/// How pages are kept in memory in a smaller form: to how many bytes they shrink, and what that takes.
public struct CompressionModel: Equatable, Sendable, BitwiseCopyable {
  /// Of each page, 1 to 4096.
  public var bytes: Int
  /// What a page takes the processor, in picoseconds.
  public var compress: UInt64
  public var decompress: UInt64

  /// - Parameter bytes: of each page, 1 to 4096.
  public init(bytes: Int, compress: UInt64 = 4_000_000, decompress: UInt64 = 1_600_000) {
    self.bytes = min(max(bytes, 1), Int(PageSize.bytes))
    self.compress = compress
    self.decompress = decompress
  }

  /// A third, at 1 GB/s and back at 2.5 GB/s, as LZO has it of programs' memory on a processor of 3 GHz.
  public static let usual = CompressionModel(bytes: 1365)
}

/// The compressed cache in front of swap areas. Linux: zswap, with the names of its parameters.
public struct CompressedCacheSettings: Equatable, Sendable, BitwiseCopyable {
  /// `max_pool_percent`: of all RAM.
  public var mostPercent = 20
  /// `accept_threshold_percent`: after it was full, how far it has to shrink before it takes pages again.
  public var acceptPercent = 90
  /// `zpool`.
  public var allocator = CompressedAllocator.zbud

  public init() {}
}

/// How compressed pages share frames.
public enum CompressedAllocator: String, Sendable, BitwiseCopyable, CaseIterable {
  /// Two in a frame.
  case zbud
  /// Three in a frame.
  case z3fold
  /// As many as fit, in blocks of up to four frames.
  case zsmalloc

  private static let chunk = 64

  /// How many frames a block has and how many pages of so many bytes it holds.
  ///
  /// - Returns: `nil` if such pages are refused.
  func shape(bytes: Int) -> (frames: Int, objects: Int)? {
    let page = Int(PageSize.bytes)
    let chunks = (bytes + Self.chunk - 1) / Self.chunk
    // The first chunk is the header.
    let room = page / Self.chunk - 1
    switch self {
    case .zbud:
      // `mm/zbud.c:zbud_alloc`.
      if bytes > page - 2 * Self.chunk { return nil }
      return (1, 2 * chunks <= room ? 2 : 1)
    case .z3fold:
      // `mm/z3fold.c:z3fold_alloc`.
      return (1, max(min(room / chunks, 3), 1))
    case .zsmalloc:
      // `mm/zsmalloc.c:get_size_class_index`, `get_pages_per_zspage`; each object has a handle of 8 bytes.
      let size = min(max(32, (bytes + 8 + 15) / 16 * 16), page)
      var best = 1
      var most = 0
      for frames in 1...4 {
        let used = (frames * page - frames * page % size) * 100 / (frames * page)
        if used > most {
          most = used
          best = frames
        }
      }
      return (best, best * page / size)
    }
  }
}
