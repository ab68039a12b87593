import CQemuPlugin

/// Writes the words of a thread's slice.
struct SliceBuilder {
  let state: ThreadState

  private var buffer: UnsafeMutablePointer<UInt16> {
    @inline(__always) get {
      UnsafeMutableRawPointer(state.words + ThreadState.buffer).assumingMemoryBound(to: UInt16.self)
    }
  }

  /// One access; commits the slice first when it is nearly full.
  @inline(__always)
  func access(_ page: UInt64, _ kind: UInt16) {
    let place = Int(page & 1023)
    var count = Int(state[ThreadState.wordCount])
    let words = buffer
    if state[ThreadState.pageTable + place] == page {
      words[count] = kind << SliceWord.kindShift | UInt16(place)
      count += 1
    } else {
      state[ThreadState.pageTable + place] = page
      words[count] = kind << SliceWord.kindShift | SliceWord.literal | UInt16(place)
      words[count + 1] = UInt16(truncatingIfNeeded: page)
      words[count + 2] = UInt16(truncatingIfNeeded: page >> 16)
      words[count + 3] = UInt16(truncatingIfNeeded: page >> 32)
      count += 4
    }
    state[ThreadState.wordCount] = UInt64(count)
  }

  /// Words kept free for what one access may list, at most ten entries, and for the end of the slice.
  private static let reserve = 64 + 2 * 4 * AccessFilter.mostRestored

  /// Whether the slice must be committed before another access.
  var isNearlyFull: Bool {
    @inline(__always) get {
      state[ThreadState.wordCount] > UInt64(SliceHeader.mostWords - SliceBuilder.reserve)
    }
  }

  /// An event with fields and text; the slice is committed first if it has no room.
  func event(
    _ kind: EventKind, _ fields: UnsafeBufferPointer<UInt64>, text: UnsafePointer<UInt8>? = nil,
    textCount: Int = 0
  ) {
    let textCount = min(textCount, SliceWord.mostText)
    let needed = 3 + fields.count * 4 + (textCount + 1) / 2
    if Int(state[ThreadState.wordCount]) + needed > SliceHeader.mostWords - SliceBuilder.reserve {
      state.commit()
    }
    var count = Int(state[ThreadState.wordCount])
    let words = buffer
    words[count] = SliceWord.event << SliceWord.kindShift | kind.rawValue
    words[count + 1] = UInt16(fields.count)
    words[count + 2] = UInt16(textCount)
    count += 3
    for field in fields {
      words[count] = UInt16(truncatingIfNeeded: field)
      words[count + 1] = UInt16(truncatingIfNeeded: field >> 16)
      words[count + 2] = UInt16(truncatingIfNeeded: field >> 32)
      words[count + 3] = UInt16(truncatingIfNeeded: field >> 48)
      count += 4
    }
    if let text, textCount > 0 {
      words[count + textCount / 2] = 0
      memcpy(words + count, text, textCount)
      count += (textCount + 1) / 2
    }
    state[ThreadState.wordCount] = UInt64(count)
  }

  /// An event with a few fields.
  func event(
    _ kind: EventKind, _ a: UInt64, _ b: UInt64 = 0, _ c: UInt64 = 0, _ d: UInt64 = 0,
    _ e: UInt64 = 0, _ f: UInt64 = 0, count: Int
  ) {
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 6) { fields in
      fields[0] = a
      fields[1] = b
      fields[2] = c
      fields[3] = d
      fields[4] = e
      fields[5] = f
      event(kind, UnsafeBufferPointer(start: fields.baseAddress, count: count))
    }
  }
}
