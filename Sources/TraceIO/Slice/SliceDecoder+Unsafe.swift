import LinuxMM

/// Reads slices, one after another, whatever bytes they hold.
struct SliceDecoder: ~Copyable {
  /// What comes next in a slice.
  enum Item {
    case access(page: VirtualPage, kind: AccessKind)
    /// Its fields and text stand in `fields` and `text`.
    case event(EventKind)
    case end
  }

  private var table = InlineArray<1024, UInt64>(repeating: .max)
  private var next = 0
  private var end = 0
  private(set) var fields: [UInt64] = []
  private(set) var text: [UInt8] = []

  init() {}

  /// Reads the head of the slice that begins at `start`.
  ///
  /// - Throws: `damagedSlice(.length)` if it does not fit.
  static func header(_ array: [UInt8], at start: Int) throws(TraceError) -> SliceHeader {
    let bytes = unsafe array.span.bytes.extracting(droppingFirst: start)
    guard bytes.byteCount >= SliceHeader.byteCount else { throw .damagedSlice(.length) }
    // SAFETY: unsafeLoadUnaligned checks its bounds; any bits are a valid integer.
    func word(_ offset: Int) -> UInt32 {
      unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)
    }
    let header = SliceHeader(
      wordCount: Int(word(4)), process: word(8), thread: word(12),
      instructions: UInt64(word(16)) | UInt64(word(20)) << 32, accesses: word(24), fetches: word(28))
    guard header.wordCount <= SliceHeader.mostWords, header.sliceByteCount == Int(word(0)),
      header.sliceByteCount <= bytes.byteCount, header.instructions <= SliceHeader.mostInstructions
    else { throw .damagedSlice(.length) }
    return header
  }

  /// Begins with a slice whose head has been read at `start`.
  mutating func begin(_ header: SliceHeader, at start: Int) {
    table = InlineArray(repeating: .max)
    next = start + SliceHeader.byteCount
    end = next + 2 * header.wordCount
  }

  @inline(__always)
  private mutating func word(_ array: [UInt8]) throws(TraceError) -> UInt16 {
    guard next < end else { throw .damagedSlice(.word) }
    // SAFETY: unsafeLoadUnaligned checks its bounds; any bits are a valid integer.
    let word = unsafe array.span.bytes.unsafeLoadUnaligned(fromByteOffset: next, as: UInt16.self)
    next += 2
    return word
  }

  /// Reads the next item of the slice `bytes`.
  @inline(__always)
  mutating func item(_ bytes: [UInt8]) throws(TraceError) -> Item {
    guard next < end else { return .end }
    let first = try word(bytes)
    let kind = first >> SliceWord.kindShift
    if kind == SliceWord.event { return .event(try event(first & SliceWord.eventMask, bytes)) }
    let index = Int(first & SliceWord.indexMask)
    let access = unsafe AccessKind(rawValue: UInt8(truncatingIfNeeded: kind)).unsafelyUnwrapped
    if first & SliceWord.literal != 0 {
      let low = UInt64(try word(bytes))
      let middle = UInt64(try word(bytes))
      let page = UInt64(try word(bytes)) << 32 | middle << 16 | low
      guard Int(page & 1023) == index, page < VirtualPage.userEnd.rawValue else {
        throw .damagedSlice(.word)
      }
      table[index] = page
      return .access(page: VirtualPage(page), kind: access)
    }
    let page = table[index]
    guard page != .max else { throw .damagedSlice(.word) }
    return .access(page: VirtualPage(page), kind: access)
  }

  private mutating func event(
    _ number: UInt16, _ bytes: [UInt8]
  ) throws(TraceError) -> EventKind {
    guard let kind = EventKind(rawValue: number) else { throw .damagedSlice(.event) }
    let fieldCount = Int(try word(bytes))
    let textCount = Int(try word(bytes))
    guard fieldCount <= SliceWord.mostFields, textCount <= SliceWord.mostText else {
      throw .damagedSlice(.event)
    }
    fields.removeAll(keepingCapacity: true)
    text.removeAll(keepingCapacity: true)
    for _ in 0..<fieldCount {
      var field: UInt64 = 0
      for part in 0..<4 { field |= UInt64(try word(bytes)) << UInt64(16 * part) }
      fields.append(field)
    }
    for _ in 0..<(textCount + 1) / 2 {
      let pair = try word(bytes)
      text.append(UInt8(truncatingIfNeeded: pair))
      text.append(UInt8(truncatingIfNeeded: pair >> 8))
    }
    if textCount & 1 != 0 { text.removeLast() }
    guard fieldCount >= kind.fewestFields else { throw .damagedSlice(.field) }
    return kind
  }
}

extension EventKind {
  /// Fields an event must have.
  var fewestFields: Int {
    switch self {
    case .systemCall: 12
    case .touch: 3
    case .fileAccess: 6
    case .image: 5
    case .forkBegin, .forked, .fileName, .childEnded, .killAdjustment: 2
    case .forkFailed, .exit: 1
    case .untraced, .threadExit: 0
    }
  }
}
