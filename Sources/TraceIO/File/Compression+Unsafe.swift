import CZlib
import CZstd

/// Compression of blocks with zstd, and their checksum.
enum Compression {
  /// Fast, and within a few percent of the levels that are many times slower on such data.
  static let level: Int32 = 3

  static func compress(_ bytes: [UInt8]) -> [UInt8] {
    let bound = ZSTD_compressBound(bytes.count)
    return unsafe [UInt8](unsafeUninitializedCapacity: bound) { output, count in
      // SAFETY: both buffers are as long as said; the bound always suffices.
      count = unsafe bytes.withUnsafeBytes {
        unsafe ZSTD_compress(output.baseAddress, bound, $0.baseAddress, $0.count, level)
      }
      precondition(ZSTD_isError(count) == 0, "compression failed")
    }
  }

  /// - Returns: `nil` unless the result has exactly `count` bytes.
  static func decompress(_ bytes: [UInt8], count expected: Int) -> [UInt8]? {
    var whole = false
    let result = unsafe [UInt8](unsafeUninitializedCapacity: expected) { output, count in
      // SAFETY: both buffers are as long as said; zstd writes no more than the capacity.
      let written = unsafe bytes.withUnsafeBytes {
        unsafe ZSTD_decompress(output.baseAddress, expected, $0.baseAddress, $0.count)
      }
      whole = ZSTD_isError(written) == 0 && written == expected
      count = whole ? written : 0
    }
    return whole ? result : nil
  }

  /// CRC-32 of two pieces, one after the other.
  static func checksum(_ first: [UInt8], _ second: [UInt8] = []) -> UInt32 {
    var sum = crc32(0, nil, 0)
    for piece in [first, second] {
      // SAFETY: the buffer is as long as said.
      sum = unsafe piece.withUnsafeBufferPointer {
        unsafe crc32(sum, $0.baseAddress, UInt32($0.count))
      }
    }
    return UInt32(truncatingIfNeeded: sum)
  }
}
