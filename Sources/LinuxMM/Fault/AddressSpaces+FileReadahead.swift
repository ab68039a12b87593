/// Reading pages of files before they are asked for (`mm/readahead.c`).
extension AddressSpaces where P: ~Copyable {
  /// Decides what to read for a request at a page that is missing, or that says that more is to be read now
  /// (`ondemand_readahead`).
  ///
  /// - Parameters:
  ///   - request: how many pages the program wants from there on.
  ///   - isMarked: whether the page is cached and marked.
  mutating func readAhead(_ file: FileIndex, _ index: UInt64, request: UInt64, isMarked: Bool) {
    var state = cache.files[file.rawValue].readahead
    let most = max(FileReadahead.most, min(request, FileReadahead.largestRequest))
    let isNext = index == state.start + state.size - state.leftAtNext || index == state.start + state.size
    if index > 0 && isNext {
      state.start += state.size
      state.size = max(state.size, state.next(most))
      state.leftAtNext = state.size
    } else if index > 0 && isMarked {
      var start = index + 1
      while start <= index + most, cache.find(file, start) != nil { start += 1 }
      if start - index > most { return }
      state.start = start
      state.size = start - index + request
      state.size = state.next(most)
      state.leftAtNext = state.size
    } else {
      let last = state.lastEnd == .max ? UInt64.max : state.lastEnd >> UInt64(PageSize.shift)
      if index == 0 || request > most || index &- last <= 1 {
        state.start = index
        state.size = FileReadahead.first(for: request, most)
        state.leftAtNext = state.size > request ? state.size - request : state.size
      } else if !continuesOlder(file, index, request, most, &state) {
        // A read at random.
        readPages(file, index, request, markAt: .max)
        return
      }
    }
    if index == state.start && state.size == state.leftAtNext {
      let added = state.next(most)
      if state.size + added <= most {
        state.leftAtNext = added
        state.size += added
      } else {
        state.size = most
        state.leftAtNext = most >> 1
      }
    }
    cache.files[file.rawValue].readahead = state
    readPages(file, state.start, state.size, markAt: state.start + state.size - state.leftAtNext)
  }

  /// Whether pages before a miss are cached, so that it seems to go on where another reader was
  /// (`try_context_readahead`).
  private func continuesOlder(
    _ file: FileIndex, _ index: UInt64, _ request: UInt64, _ most: UInt64, _ state: inout FileReadahead
  ) -> Bool {
    var size: UInt64 = 0
    while size < most, size < index, cache.find(file, index - 1 - size) != nil { size += 1 }
    guard size > request else { return false }
    if size >= index { size *= 2 }
    state.start = index
    state.size = min(size + request, most)
    state.leftAtNext = 1
    return true
  }

  /// Brings pages of a range that are missing, as far as there is memory for them without trouble
  /// (`page_cache_ra_unbounded`).
  ///
  /// - Parameter markAt: the page at which more is to be read.
  mutating func readPages(_ file: FileIndex, _ start: UInt64, _ count: UInt64, markAt mark: UInt64) {
    let end = min(start &+ count, cache.files[file.rawValue].pageCount)
    var position = start
    var run: UInt64 = 0
    while position < end {
      if cache.find(file, position) != nil {
        submitRead(file, position - run, run)
        run = 0
      } else {
        guard let frame = try? addPage(file, position, .readahead) else { break }
        if position == mark { memory.frames[frame.index].flags.insert(.readahead) }
        run += 1
      }
      position += 1
    }
    submitRead(file, position - run, run)
  }

  /// Requests pages that have just been added; they are being read until that is over.
  private mutating func submitRead(_ file: FileIndex, _ start: UInt64, _ count: UInt64) {
    guard count > 0, !cache.startsWarm else { return }
    let end = disk.submit(pages: Int(count), at: clock)
    for position in start..<(start + count) {
      // Making room for the later ones may have taken the first ones.
      guard let frame = cache.find(file, position), !memory.frames[frame.index].flags.contains(.reading) else {
        continue
      }
      memory.frames[frame.index].flags.insert(.reading)
      memory.retain(frame)
      transfers.add(Transfers.Transfer(frame: frame, isWrite: false, end: end, holdsUse: true))
    }
    memory.statistics.kilobytesRead += count * (PageSize.bytes / 1024)
  }

  /// A page of a file, read if it is not cached; somebody waits for it until it is there.
  ///
  /// - Returns: the frame, with a use for the caller.
  mutating func readPage(_ file: FileIndex, _ position: UInt64) throws(AllocationFailure) -> FrameNumber {
    try endRead(try beginRead(file, position), file, position)
  }

  /// Waits for a page that ``beginRead(_:_:)`` gave; another one, if it was taken away meanwhile.
  ///
  /// - Returns: the frame, with the use for the caller.
  mutating func endRead(
    _ begun: FrameNumber, _ file: FileIndex, _ position: UInt64
  ) throws(AllocationFailure) -> FrameNumber {
    var frame = begun
    while true {
      waitForPage(frame)
      if !memory.frames[frame.index].flags.isDisjoint(with: [.cached, .failed]) { return frame }
      memory.release(frame)
      frame = try beginRead(file, position)
    }
  }

  /// A page of a file that is cached or begins to be read, from its disk or from swap.
  ///
  /// - Returns: the frame, with a use for the caller.
  mutating func beginRead(_ file: FileIndex, _ position: UInt64) throws(AllocationFailure) -> FrameNumber {
    if let slot = cache.slot(file, position) { return try bringBack(file, position, slot).frame }
    let frame: FrameNumber
    if let cached = cache.find(file, position) {
      frame = cached
    } else {
      frame = try addPage(file, position)
      submitRead(file, position, 1)
    }
    memory.retain(frame)
    return frame
  }
}
