import CQemuPlugin

/// What the tracer keeps for one thread of the program: one block of memory, its hottest words first.
///
/// Only the thread itself uses it, but for the last flush when the process ends.
struct ThreadState {
  let words: UnsafeMutablePointer<UInt64>

  // Places of the single values.
  /// Memory accesses since the thread began; the time of the data filter.
  static let clock = 0
  /// Instructions left until the slice is closed for its age; goes below zero.
  static let instructionsLeft = 1
  /// The page execution is in.
  static let fetchPage = 2
  /// Times execution entered a page since the thread began; the time of the fetch filter.
  static let fetchClock = 3
  /// `clock`, `fetchClock` at the beginning of the slice.
  static let sliceClock = 4
  static let sliceFetchClock = 5
  static let process = 6
  static let thread = 7
  static let wordCount = 8
  /// Set by another thread that changed the address space: the slice is to be closed soon.
  static let mustClose = 9
  /// The page execution was in when the last slice was closed: going on in it is not entering it.
  static let lastFetchPage = 10
  /// Set while the slice is handed over.
  static let isCommitting = 11
  /// The system call under way: its number, six arguments.
  static let call = 16
  static let callArguments = 17
  /// Token of the fork under way.
  static let forkToken = 23

  static let dataFilter = 64
  static let fetchFilter = dataFilter + AccessFilter.wordCount
  static let pageTable = fetchFilter + AccessFilter.wordCount
  static let buffer = pageTable + SliceWord.tableSize
  static let wordTotal = buffer + SliceHeader.mostWords / 4 + 64

  /// A slice is closed after this many instructions, so that nothing is withheld for long.
  static let sliceInstructions: Int64 = 250_000
  /// A page number no page has.
  static let noPage: UInt64 = 1 << 60

  init?() {
    guard let block = calloc(ThreadState.wordTotal, 8) else { return nil }
    words = block.bindMemory(to: UInt64.self, capacity: ThreadState.wordTotal)
    reset()
  }

  /// Makes it the state of a new thread.
  func reset() {
    memset(words, 0, ThreadState.wordTotal * 8)
    // Times start above zero, the mark of an empty filter place.
    words[ThreadState.clock] = 1
    words[ThreadState.fetchClock] = 1
    words[ThreadState.sliceClock] = 1
    words[ThreadState.sliceFetchClock] = 1
    beginSlice()
  }

  /// The states of the threads, by QEMU's index of the virtual processor.
  static var all: UnsafeMutablePointer<UnsafeMutablePointer<UInt64>?> {
    @inline(__always) get { quire_thread_table() }
  }
  static let most = Int(QUIRE_MOST_THREADS)

  /// The state of the running thread.
  @inline(__always)
  static func of(_ processor: UInt32) -> ThreadState {
    ThreadState(all[Int(processor)].unsafelyUnwrapped)
  }

  init(_ words: UnsafeMutablePointer<UInt64>) { self.words = words }

  @inline(__always)
  subscript(place: Int) -> UInt64 {
    get { words[place] }
    nonmutating set { words[place] = newValue }
  }

  var data: AccessFilter {
    @inline(__always) get { AccessFilter(words: words + ThreadState.dataFilter) }
  }
  var fetch: AccessFilter {
    @inline(__always) get { AccessFilter(words: words + ThreadState.fetchFilter) }
  }

  /// Empties the filters and the page table of the slice.
  func beginSlice() {
    data.clear()
    fetch.clear()
    memset(words + ThreadState.pageTable, 0xff, SliceWord.tableSize * 8)
    self[ThreadState.instructionsLeft] = UInt64(bitPattern: ThreadState.sliceInstructions)
    self[ThreadState.sliceClock] = self[ThreadState.clock]
    self[ThreadState.sliceFetchClock] = self[ThreadState.fetchClock]
    self[ThreadState.lastFetchPage] = self[ThreadState.fetchPage]
    self[ThreadState.fetchPage] = ThreadState.noPage
    self[ThreadState.wordCount] = 0
    self[ThreadState.mustClose] = 0
  }

  /// Hands the slice to the reader and begins a new one.
  func commit() {
    let builder = SliceBuilder(state: self)
    data.restoreAllOrders { page, _ in builder.access(page, 0) }
    fetch.restoreAllOrders { page, _ in builder.access(page, 2) }
    let instructions =
      ThreadState.sliceInstructions - Int64(bitPattern: self[ThreadState.instructionsLeft])
    let header = SliceHeader(
      wordCount: Int(self[ThreadState.wordCount]), process: UInt32(self[ThreadState.process]),
      thread: UInt32(self[ThreadState.thread]), instructions: UInt64(instructions),
      accesses: UInt32(truncatingIfNeeded: self[ThreadState.clock] - self[ThreadState.sliceClock]),
      fetches: UInt32(
        truncatingIfNeeded: self[ThreadState.fetchClock] - self[ThreadState.sliceFetchClock]))
    self[ThreadState.isCommitting] = 1
    if header.wordCount > 0 || instructions > 0 {
      ring.append(header, UnsafeRawPointer(words + ThreadState.buffer))
    }
    beginSlice()
    self[ThreadState.isCommitting] = 0
  }
}
