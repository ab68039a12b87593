/// How a file was read lately, and what was read ahead of it. Linux: `struct file_ra_state`; here it belongs to the file
/// rather than to an opening of it.
struct FileReadahead: BitwiseCopyable {
  /// Pages read ahead at most: 128 KiB. Linux: `ra_pages` (`read_ahead_kb`).
  static let most: UInt64 = 32
  /// A single request of a program may be as large. Linux: `io_pages`.
  static let largestRequest: UInt64 = 320
  /// After so many misses a mapping is not read around any more. Linux: `MMAP_LOTSAMISS`.
  static let manyMisses = 100

  /// The pages that were read ahead last.
  var start: UInt64 = 0
  var size: UInt64 = 0
  /// More is read when so many of them are left.
  var leftAtNext: UInt64 = 0
  /// Where the last read ended, in bytes. Linux: `prev_pos`.
  var lastEnd: UInt64 = .max
  /// Linux: `mmap_miss`.
  var misses = 0

  /// How much to read first for a request (`mm/readahead.c:get_init_ra_size`).
  static func first(for request: UInt64, _ most: UInt64) -> UInt64 {
    var size: UInt64 = 1
    while size < request { size <<= 1 }
    if size <= most / 32 { return size * 4 }
    return size <= most / 4 ? size * 2 : most
  }

  /// How much to read next (`get_next_ra_size`).
  func next(_ most: UInt64) -> UInt64 {
    if size < most / 16 { return size * 4 }
    return size <= most / 2 ? size * 2 : most
  }
}
