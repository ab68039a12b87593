/// Writes a recording, block by block. What was written is readable even if the rest never comes.
public struct RecordingWriter: ~Copyable {
  private let file: ByteFile
  private var slices: [UInt8] = []
  private var sliceCount: UInt32 = 0
  private var accesses: UInt64 = 0
  private var instructions: UInt64 = 0
  public private(set) var totalAccesses: UInt64 = 0
  public private(set) var totalInstructions: UInt64 = 0
  /// Bytes written so far.
  public private(set) var byteCount = 0

  public init(_ file: ByteFile, _ head: RecordingHead) throws(TraceError) {
    self.file = file
    let content = head.bytes
    var bytes = FileLayout.magic
    bytes.append(littleEndian: FileLayout.version)
    bytes.append(littleEndian: UInt32(content.count))
    bytes.append(littleEndian: Compression.checksum(content))
    bytes += content
    try file.write(bytes)
    byteCount = bytes.count
  }

  /// Adds one whole slice.
  public mutating func append(_ slice: [UInt8]) throws(TraceError) {
    let header = try SliceDecoder.header(slice, at: 0)
    slices += slice.prefix(header.sliceByteCount)
    sliceCount += 1
    accesses += UInt64(header.accesses)
    instructions += header.instructions
    if slices.count >= FileLayout.blockBytes { try closeBlock() }
  }

  private mutating func closeBlock() throws(TraceError) {
    guard sliceCount > 0 else { return }
    let compressed = Compression.compress(slices)
    try write(
      BlockHead(
        magic: FileLayout.block, compressedCount: UInt32(compressed.count),
        rawCount: UInt32(slices.count), slices: sliceCount, accesses: accesses,
        instructions: instructions),
      compressed)
    totalAccesses += accesses
    totalInstructions += instructions
    slices.removeAll(keepingCapacity: true)
    sliceCount = 0
    accesses = 0
    instructions = 0
  }

  private mutating func write(_ head: BlockHead, _ content: [UInt8]) throws(TraceError) {
    var bytes = head.bytes
    bytes.append(littleEndian: Compression.checksum(bytes, content))
    bytes.append(littleEndian: UInt32(0))
    bytes += content
    try file.write(bytes)
    byteCount += bytes.count
  }

  /// Writes what is left, without the end mark: more was to come.
  public mutating func flush() throws(TraceError) { try closeBlock() }

  /// Writes what is left and the end mark.
  ///
  /// - Parameter exitStatus: the program's.
  public mutating func finish(exitStatus: Int32) throws(TraceError) {
    try closeBlock()
    try write(
      BlockHead(
        magic: FileLayout.end, slices: UInt32(bitPattern: exitStatus), accesses: totalAccesses,
        instructions: totalInstructions),
      [])
  }
}
