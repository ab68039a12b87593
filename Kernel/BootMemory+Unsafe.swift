/// Hands out zeroed memory from a range that is kept from the engine; its first word holds the position.
struct BootMemory {
  private let start: UInt
  private let end: UInt

  init(from start: UInt, to end: UInt) {
    self.start = start
    self.end = end
    // SAFETY: the range is RAM that nothing else uses.
    unsafe UnsafeMutablePointer<UInt>(bitPattern: start).unsafelyUnwrapped.initialize(to: start + 4096)
  }

  var source: MemorySource {
    let position = start
    let end = end
    return unsafe MemorySource(
      reserve: { byteCount in
        // SAFETY: the range belongs to this source alone and is checked for room.
        let next = unsafe UnsafeMutablePointer<UInt>(bitPattern: position).unsafelyUnwrapped
        let start = unsafe next.pointee
        guard UInt(byteCount) <= end - start else { return nil }
        unsafe next.pointee = start + ((UInt(byteCount) + 4095) & ~4095)
        let region = unsafe UnsafeMutableRawPointer(bitPattern: start)
        unsafe region?.initializeMemory(as: UInt64.self, repeating: 0, count: byteCount / 8)
        return unsafe region
      },
      release: { _, _ in })
  }
}
