import CLinux
import Glibc
import SystemPackage

private var lastError: String { "\(SystemPackage.Errno(rawValue: errno))" }

/// The reader's end of the shared memory between traced processes and this one, see ``RingLayout``.
@safe public final class Ring {
  private let base: UnsafeMutableRawPointer
  private let capacity: UInt64
  private let descriptor: Int32
  private var consumed: UInt64 = 0

  /// - Parameter capacity: a multiple of 4096.
  public init(capacity: Int = 8 << 20) throws(TraceError) {
    // SAFETY: a C string literal; the result is checked.
    let file = unsafe quire_memory_file("quire-ring")
    let size = RingLayout.headBytes + capacity
    guard file >= 0, ftruncate(file, off_t(size)) == 0 else {
      throw .cannotOpen(path: "shared memory", reason: lastError)
    }
    // SAFETY: a new mapping of a file of that size; the result is checked.
    let region = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
    guard let region = unsafe region, unsafe region != MAP_FAILED else {
      throw .cannotOpen(path: "shared memory", reason: lastError)
    }
    unsafe base = region
    self.capacity = UInt64(capacity)
    descriptor = file
    // SAFETY: within the head.
    unsafe region.storeBytes(
      of: UInt64(capacity), toByteOffset: RingLayout.capacityOffset, as: UInt64.self)
    unsafe region.storeBytes(
      of: UInt64(getpid()), toByteOffset: RingLayout.readerOffset, as: UInt64.self)
    unsafe quire_store_release64(region + RingLayout.magicOffset, RingLayout.magic)
  }

  deinit {
    // SAFETY: mapped in init with this size.
    unsafe munmap(base, RingLayout.headBytes + Int(capacity))
    close(descriptor)
  }

  /// The path by which a traced process opens the memory, while this process lives.
  public var path: String { "/proc/\(getpid())/fd/\(descriptor)" }

  /// Lets writers drop what they have from now on, rather than wait.
  public func closeForWriters() {
    // SAFETY: within the head.
    unsafe quire_store_release64(base + RingLayout.closedOffset, 1)
  }

  /// Whether everything handed over has been read.
  public var isEmpty: Bool {
    // SAFETY: within the head.
    unsafe quire_load_acquire64(base + RingLayout.reservedOffset) == consumed
  }

  /// Copies the next whole slice into `buffer`.
  ///
  /// - Returns: false when there is none yet.
  /// - Throws: `damagedSlice(.length)` if its length cannot be.
  public func next(_ buffer: inout [UInt8]) throws(TraceError) -> Bool {
    while true {
      // SAFETY: all offsets are taken modulo the capacity and lie behind the head.
      let reserved = unsafe quire_load_acquire64(base + RingLayout.reservedOffset)
      guard reserved != consumed else { return false }
      let offset = Int(consumed % capacity)
      let place = unsafe base + RingLayout.headBytes + offset
      let length = unsafe quire_load_acquire32(place)
      if length == 0 { return false }
      if length == RingLayout.skip {
        unsafe advance(place, Int(capacity) - offset, cleared: 4)
        continue
      }
      guard length >= SliceHeader.byteCount, length <= SliceHeader.mostBytes + 8,
        UInt64(offset) + UInt64(length) <= capacity
      else { throw .damagedSlice(.length) }
      let bytes = unsafe UnsafeRawBufferPointer(start: place, count: Int(length))
      buffer.removeAll(keepingCapacity: true)
      unsafe buffer.append(contentsOf: bytes)
      unsafe advance(place, Int(length), cleared: Int(length))
      return true
    }
  }

  /// Gives room back to the writers, who rely on its first word being zero.
  private func advance(_ place: UnsafeMutableRawPointer, _ length: Int, cleared: Int) {
    // SAFETY: `cleared` bytes from `place` lie within the ring.
    unsafe place.initializeMemory(as: UInt8.self, repeating: 0, count: cleared)
    consumed += UInt64(length)
    unsafe quire_store_release64(base + RingLayout.consumedOffset, consumed)
  }
}
