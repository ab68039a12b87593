/// What a processor knows of a page once it has walked the tables: the frame, and the rights of all levels combined.
/// Buffers hold it in one word.
struct PageTranslation: BitwiseCopyable, Equatable {
  var rawValue: UInt64

  private static let writable: UInt64 = 1 << 32
  private static let user: UInt64 = 1 << 33
  private static let executable: UInt64 = 1 << 34
  private static let dirty: UInt64 = 1 << 37
  private static let global: UInt64 = 1 << 39
  private static let sizeShift: UInt64 = 40
  private static let keyShift: UInt64 = 44

  @inline(__always)
  init(rawValue: UInt64) { self.rawValue = rawValue }

  /// - Parameters:
  ///   - rights: the writable and user bits of all entries on the way, and the inverted no-execute bit, joined by AND.
  ///   - leaf: the entry that holds the page.
  ///   - size: its level: 0, 1 or 2.
  @inline(__always)
  init(_ frame: FrameNumber, rights: UInt64, leaf: PageTableEntry, size: Int) {
    // The entry's bits stand in the same order here, 31 places higher.
    let bits =
      rights & (PageTableEntry.writable | PageTableEntry.user)
      | leaf.rawValue & (PageTableEntry.dirty | PageTableEntry.global)
    rawValue =
      UInt64(frame.rawValue) | bits << 31 | (rights >> 63) << 34
      | UInt64(truncatingIfNeeded: size) << Self.sizeShift | (leaf.rawValue >> 59 & 15) << Self.keyShift
  }

  /// The page's first frame.
  @inline(__always)
  var frame: FrameNumber { FrameNumber(UInt32(truncatingIfNeeded: rawValue)) }
  @inline(__always)
  var isWritable: Bool { rawValue & Self.writable != 0 }
  @inline(__always)
  var isUser: Bool { rawValue & Self.user != 0 }
  @inline(__always)
  var isExecutable: Bool { rawValue & Self.executable != 0 }
  /// Whether the page's entry is marked as written, so that a write needs no walk.
  @inline(__always)
  var isDirty: Bool { rawValue & Self.dirty != 0 }
  @inline(__always)
  var isGlobal: Bool { rawValue & Self.global != 0 }
  /// The level of the entry that holds it: 0 for a base page, 1 for 2 or 4 MiB, 2 for 1 GiB.
  @inline(__always)
  var size: Int { Int(truncatingIfNeeded: rawValue >> Self.sizeShift) & 3 }
  /// Whether it is a base page of one address space.
  @inline(__always)
  var isOrdinary: Bool { rawValue & (Self.global | 3 << Self.sizeShift) == 0 }
  @inline(__always)
  var protectionKey: Int { Int(truncatingIfNeeded: rawValue >> Self.keyShift) & 15 }
}
