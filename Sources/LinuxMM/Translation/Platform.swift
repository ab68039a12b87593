/// Memory that page tables can be read from: a platform's, or what was kept of one.
public protocol PageTableMemory: ~Copyable {
  /// Reads the 8-byte word `index` (0..<512) of a frame that holds page-table entries.
  func word(_ index: Int, of frame: FrameNumber) -> UInt64
}

/// What hardware gives the engine. A simulated machine and bare metal both provide it.
public protocol Platform: PageTableMemory, ~Copyable {
  /// Whether frames of data have bytes, which are cleared and copied with them; page tables always have.
  var holdsContents: Bool { get }
  /// Writes such a word.
  func setWord(_ index: Int, of frame: FrameNumber, to value: UInt64)
  /// Reads the 8 bytes at an address of RAM that is a multiple of 8.
  func word(at address: PhysicalAddress) -> UInt64
  /// Writes such 8 bytes.
  func setWord(at address: PhysicalAddress, to value: UInt64)
  /// Writes one byte of RAM, and touches no other.
  func setByte(at address: UInt64, to value: UInt8)
  /// Copies the 4096 bytes of a frame to another.
  func copy(_ frame: FrameNumber, to target: FrameNumber)
  /// Fills a frame with zeros.
  func clear(_ frame: FrameNumber)
  /// Puts into a new root table, all empty, the entries that all address spaces share: the kernel's own, above
  /// `PageTableGeometry.userCeiling`. The engine copies, counts and frees nothing below them. Linux: `pgd_ctor`.
  func shareKernelEntries(with root: FrameNumber)
}

extension Platform where Self: ~Copyable {
  @inline(__always)
  public func word(at address: PhysicalAddress) -> UInt64 {
    word(Int(truncatingIfNeeded: address.rawValue >> 3 & 511), of: FrameNumber(containing: address))
  }

  @inline(__always)
  public func setWord(at address: PhysicalAddress, to value: UInt64) {
    setWord(Int(truncatingIfNeeded: address.rawValue >> 3 & 511), of: FrameNumber(containing: address), to: value)
  }

  /// A machine whose kernel is not in its programs' tables has none.
  @inline(__always)
  public func shareKernelEntries(with root: FrameNumber) {}
}
