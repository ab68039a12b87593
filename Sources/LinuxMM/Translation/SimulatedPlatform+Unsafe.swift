/// Physical memory inside a host program: one reserved region, of which only written frames take room.
///
/// Unless it is to hold contents, frames of data are not written by the engine, so that a simulated terabyte costs only
/// its page tables, which stand here byte for byte as they would in RAM.
@safe public struct SimulatedPlatform: Platform, ~Copyable {
  private let place = KeptInPlace()
  private let base: UnsafeMutableRawPointer
  private let byteCount: Int
  private let wordCount: UInt
  /// One past the last address at which 8 bytes are RAM.
  private let lastWord: UInt
  private let memory: MemorySource
  public let holdsContents: Bool

  /// - Parameters:
  ///   - end: one past the highest frame of RAM.
  ///   - holdsContents: whether what programs write is kept.
  /// - Returns: `nil` when the host cannot reserve the address range.
  public init?(end: FrameNumber, from memory: MemorySource, holdsContents: Bool = false) {
    let byteCount = Int(end.rawValue) << PageSize.shift
    guard let region = unsafe memory.reserve(byteCount) else { return nil }
    unsafe base = region
    self.byteCount = byteCount
    wordCount = UInt(byteCount) / 8
    lastWord = UInt(max(byteCount - 7, 0))
    self.memory = memory
    self.holdsContents = holdsContents
  }

  deinit {
    // SAFETY: reserved from the same source with the same size.
    unsafe memory.release(base, byteCount)
  }

  /// The byte offset of a word, checked to lie in RAM.
  @inline(__always)
  private func offset(_ index: Int, _ frame: FrameNumber) -> Int {
    let word = UInt(frame.rawValue) &<< 9 &+ UInt(bitPattern: index)
    precondition(UInt(bitPattern: index) < 512 && word < wordCount, "word outside RAM")
    return Int(bitPattern: word &<< 3)
  }

  @inline(__always)
  public func word(_ index: Int, of frame: FrameNumber) -> UInt64 {
    // SAFETY: the offset is within the region and a multiple of 8.
    unsafe base.load(fromByteOffset: offset(index, frame), as: UInt64.self)
  }

  @inline(__always)
  public func setWord(_ index: Int, of frame: FrameNumber, to value: UInt64) {
    // SAFETY: the offset is within the region and a multiple of 8.
    unsafe base.storeBytes(of: value, toByteOffset: offset(index, frame), as: UInt64.self)
  }

  @inline(__always)
  public func setByte(at address: UInt64, to value: UInt8) {
    precondition(address < UInt64(byteCount), "byte outside RAM")
    // SAFETY: the address is within the region.
    unsafe base.storeBytes(of: value, toByteOffset: Int(truncatingIfNeeded: address), as: UInt8.self)
  }

  /// The byte offset of an address, checked to lie in RAM.
  @inline(__always)
  private func offset(_ address: PhysicalAddress) -> Int {
    precondition(UInt(address.rawValue) < lastWord, "word outside RAM")
    return Int(truncatingIfNeeded: address.rawValue)
  }

  @inline(__always)
  public func word(at address: PhysicalAddress) -> UInt64 {
    // SAFETY: the 8 bytes lie within the region.
    unsafe base.loadUnaligned(fromByteOffset: offset(address), as: UInt64.self)
  }

  @inline(__always)
  public func setWord(at address: PhysicalAddress, to value: UInt64) {
    // SAFETY: the 8 bytes lie within the region.
    unsafe base.storeBytes(of: value, toByteOffset: offset(address), as: UInt64.self)
  }

  /// The bytes from an address of RAM on, for whoever uses what was allocated there.
  ///
  /// - Precondition: `count` bytes from there are RAM.
  @inline(__always)
  public func bytes(at address: PhysicalAddress, count: Int) -> UnsafeMutableRawBufferPointer {
    precondition(
      address.rawValue <= UInt64(byteCount) && UInt(bitPattern: count) <= UInt(byteCount) &- UInt(address.rawValue),
      "bytes outside RAM")
    // SAFETY: the range lies within the region.
    return unsafe UnsafeMutableRawBufferPointer(start: base + Int(address.rawValue), count: count)
  }

  /// Where in the host's memory an address of RAM is.
  @inline(__always)
  public func pointer(to address: PhysicalAddress) -> UnsafeMutableRawPointer {
    precondition(address.rawValue < UInt64(byteCount), "address outside RAM")
    // SAFETY: the offset is within the region.
    return unsafe base + Int(truncatingIfNeeded: address.rawValue)
  }

  /// The address of RAM that is at a place in the host's memory; one that is none if the place is elsewhere.
  @inline(__always)
  public func address(of pointer: UnsafeMutableRawPointer) -> PhysicalAddress {
    unsafe PhysicalAddress(UInt64(UInt(bitPattern: pointer) &- UInt(bitPattern: base)))
  }

  public func copy(_ frame: FrameNumber, to target: FrameNumber) {
    // Frames whose bytes nobody has written are all zero and take no room: they are left so.
    for index in 0..<512 {
      let word = word(index, of: frame)
      if self.word(index, of: target) != word { setWord(index, of: target, to: word) }
    }
  }

  public func clear(_ frame: FrameNumber) {
    // SAFETY: the frame's 4096 bytes lie within the region.
    unsafe (base + offset(0, frame)).initializeMemory(as: UInt64.self, repeating: 0, count: 512)
  }
}

// SAFETY: the region's address never changes; who may touch which of its frames is the engine's affair.
extension SimulatedPlatform: @unchecked Sendable {}
