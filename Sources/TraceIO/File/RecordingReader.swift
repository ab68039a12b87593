/// Reads a recording from a file, a pipe or memory, slice by slice, whatever bytes it holds.
public struct RecordingReader<Source: ByteSource> {
  public let head: RecordingHead
  private var source: Source
  /// The slices of the block that the last slice is in.
  public private(set) var block: [UInt8] = []
  private var next = 0
  /// Where the next block begins in the file.
  public private(set) var position: UInt64
  /// The program's exit status, once the end is reached.
  public private(set) var exitStatus: Int32?

  /// - Throws: `empty`, `notARecording`, `otherVersion`, `damagedHead`, `cut`.
  public init(_ source: Source) throws(TraceError) {
    self.source = source
    let start = try self.source.read(20)
    guard !start.isEmpty else { throw .empty }
    let known = min(start.count, FileLayout.magic.count)
    guard Array(start.prefix(known)) == Array(FileLayout.magic.prefix(known)) else {
      throw .notARecording
    }
    guard start.count == 20 else { throw .cut(atByte: UInt64(start.count)) }
    let version: UInt32 = start.littleEndian(at: 8)
    guard version == FileLayout.version else {
      throw .otherVersion(found: version, known: FileLayout.version)
    }
    let count = Int(start.littleEndian(at: 12) as UInt32)
    guard count <= FileLayout.mostHeadBytes else { throw .damagedHead }
    let bytes = try self.source.read(count)
    guard bytes.count == count else { throw .cut(atByte: UInt64(20 + bytes.count)) }
    guard Compression.checksum(bytes) == start.littleEndian(at: 16),
      let head = RecordingHead(bytes)
    else { throw .damagedHead }
    self.head = head
    position = UInt64(20 + count)
  }

  /// Where in ``block`` the next slice begins, or `nil` at the end.
  ///
  /// - Throws: `cut` or `damagedBlock`; nothing more can be read then.
  public mutating func nextSlice() throws(TraceError) -> Int? {
    while next == block.count {
      guard exitStatus == nil else { return nil }
      try readBlock()
    }
    let header = try SliceDecoder.header(block, at: next)
    defer { next += header.sliceByteCount }
    return next
  }

  private mutating func readBlock() throws(TraceError) {
    let start = position
    let bytes = try source.read(FileLayout.blockHeadBytes)
    guard bytes.count == FileLayout.blockHeadBytes else {
      throw .cut(atByte: start + UInt64(bytes.count))
    }
    let head = BlockHead(bytes)
    guard head.magic == FileLayout.block || head.magic == FileLayout.end,
      head.compressedCount <= FileLayout.mostBlockBytes * 2, head.rawCount <= FileLayout.mostBlockBytes
    else { throw .damagedBlock(atByte: start) }
    let content = try source.read(Int(head.compressedCount))
    guard content.count == Int(head.compressedCount) else {
      throw .cut(atByte: start + UInt64(bytes.count + content.count))
    }
    guard
      Compression.checksum(Array(bytes.prefix(32)), content) == bytes.littleEndian(at: 32),
      bytes.littleEndian(at: 36) == UInt32(0)
    else { throw .damagedBlock(atByte: start) }
    position = start + UInt64(bytes.count + content.count)
    next = 0
    if head.magic == FileLayout.end {
      exitStatus = Int32(bitPattern: head.slices)
      block = []
      return
    }
    guard let raw = Compression.decompress(content, count: Int(head.rawCount)), !raw.isEmpty else {
      throw .damagedBlock(atByte: start)
    }
    block = raw
  }

  /// Adds up the accesses that the heads of the blocks tell, without decompressing anything. The reader is at
  /// the end afterwards.
  public mutating func skipThrough() throws(TraceError) -> UInt64 {
    var accesses: UInt64 = 0
    while true {
      let bytes = try source.read(FileLayout.blockHeadBytes)
      guard bytes.count == FileLayout.blockHeadBytes else { return accesses }
      let head = BlockHead(bytes)
      guard head.magic == FileLayout.block, head.compressedCount <= FileLayout.mostBlockBytes * 2 else {
        return accesses
      }
      accesses += head.accesses
      _ = try source.read(Int(head.compressedCount))
    }
  }
}
