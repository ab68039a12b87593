import CLinux
import CQemuPlugin

/// The tracer's end of the shared memory, see ``RingLayout``. Any number of threads and processes write.
struct RingWriter {
  var base: UnsafeMutableRawPointer?
  var capacity: UInt64 = 0

  /// Maps the memory behind `path`; the file is closed again, so that the program's file numbers stay its own.
  ///
  /// - Returns: whether it is a ring of this version.
  mutating func open(_ path: UnsafePointer<CChar>) -> Bool {
    let file = quire_open(path, O_RDWR | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_size > RingLayout.headBytes else { return false }
    guard
      let region = mmap(nil, Int(status.st_size), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0),
      region != UnsafeMutableRawPointer(bitPattern: -1)
    else { return false }
    guard quire_load_acquire64(region + RingLayout.magicOffset) == RingLayout.magic else {
      return false
    }
    base = region
    capacity = region.load(fromByteOffset: RingLayout.capacityOffset, as: UInt64.self)
    return true
  }

  /// Counts the traced processes: one more, or one less.
  func attach(_ change: Int) {
    guard let base else { return }
    _ = quire_add64(base + RingLayout.attachedOffset, UInt64(bitPattern: Int64(change)))
  }

  /// Whether the reader's process exists.
  private var readerLives: Bool {
    guard let base else { return false }
    let reader = base.load(fromByteOffset: RingLayout.readerOffset, as: UInt64.self)
    return kill(Int32(truncatingIfNeeded: reader), 0) == 0 || quire_errno() != ESRCH
  }

  /// Appends a slice, waiting while the ring is full; drops it when nobody reads any more.
  func append(_ header: SliceHeader, _ words: UnsafeRawPointer) {
    guard let base else { return }
    let length = UInt64(header.sliceByteCount)
    var position: UInt64 = 0
    var skipped: UInt64 = 0
    var waits = 0
    while true {
      position = quire_load_acquire64(base + RingLayout.reservedOffset)
      let offset = position % capacity
      skipped = offset + length > capacity ? capacity - offset : 0
      let consumed = quire_load_acquire64(base + RingLayout.consumedOffset)
      if position + skipped + length - consumed <= capacity {
        if quire_compare_exchange64(
          base + RingLayout.reservedOffset, position, position + skipped + length)
        {
          break
        }
        continue
      }
      if quire_load_acquire64(base + RingLayout.closedOffset) != 0 { return }
      waits += 1
      if waits % 1000 == 0 && !readerLives {
        quire_store_release64(base + RingLayout.closedOffset, 1)
        return
      }
      var pause = timespec(tv_sec: 0, tv_nsec: waits < 20 ? 20_000 : 200_000)
      nanosleep(&pause, nil)
    }
    let room = base + RingLayout.headBytes
    if skipped > 0 {
      quire_store_release32(room + Int(position % capacity), RingLayout.skip)
      position += skipped
    }
    let slice = room + Int(position % capacity)
    slice.storeBytes(of: UInt32(header.wordCount), toByteOffset: 4, as: UInt32.self)
    slice.storeBytes(of: header.process, toByteOffset: 8, as: UInt32.self)
    slice.storeBytes(of: header.thread, toByteOffset: 12, as: UInt32.self)
    slice.storeBytes(of: header.instructions, toByteOffset: 16, as: UInt64.self)
    slice.storeBytes(of: header.accesses, toByteOffset: 24, as: UInt32.self)
    slice.storeBytes(of: header.fetches, toByteOffset: 28, as: UInt32.self)
    memcpy(slice + SliceHeader.byteCount, words, header.wordCount * 2)
    quire_store_release32(slice, UInt32(length))
  }
}

/// The one ring of this process.
nonisolated(unsafe) var ring = RingWriter()
