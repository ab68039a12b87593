/// Where a watched object's parts are, from the object on: red zone, object, red zone, free pointer, notes, padding. Linux: the
/// comment on the object layout in `mm/slub.c`.
struct ObjectLayout {
  let layout: SlabLayout
  let flags: SlabCacheFlags
  let wordSize: Int
  private let isConstructed: Bool

  init(_ shape: SlabCacheShape, _ settings: HeapSettings) {
    layout = shape.layout
    flags = shape.flags
    isConstructed = shape.isConstructed
    wordSize = settings.wordSize
  }

  /// What bytes are that nobody may write: of a free object and its slab, of an object's end, of padding, of the red zones
  /// of free and of allocated objects (`include/linux/poison.h`).
  static let free: UInt8 = 0x6b
  static let end: UInt8 = 0xa5
  static let padding: UInt8 = 0x5a
  static let inactive: UInt8 = 0xbb
  static let active: UInt8 = 0xcc

  /// Whether free objects are filled (`__OBJECT_POISON`).
  var poisons: Bool { flags.contains(.poison) && !flags.contains(.typeSafe) && !isConstructed }

  var leftRedZone: Range<Int> { flags.contains(.redZone) ? -layout.leftPadding..<0 : 0..<0 }
  var rightRedZone: Range<Int> {
    flags.contains(.redZone) ? layout.objectSize..<layout.inUse : layout.inUse..<layout.inUse
  }

  /// Where the notes begin (`get_info_end`).
  private var notes: Int {
    layout.freePointerOffset >= layout.inUse ? layout.inUse + wordSize : layout.inUse
  }

  /// Where a note is.
  func track(isFree: Bool) -> Int { notes + (isFree ? SlabLayout.noteSize(wordSize: wordSize) : 0) }

  /// What is left up to the next object (`check_pad_bytes`).
  var paddingRange: Range<Int> {
    var start = notes
    if flags.contains(.storeUser) {
      start += 2 * SlabLayout.noteSize(wordSize: wordSize)
      if flags.contains(.kmalloc) { start += 4 }
    }
    let end = layout.size - layout.leftPadding
    return min(start, end)..<end
  }
}
