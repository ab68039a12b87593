/// The lists that a node's pages stand on. Linux: `enum lru_list`, with the kernel's numbers.
enum LRUKind: Int, BitwiseCopyable {
  case inactiveAnonymous
  case activeAnonymous
  case inactiveFile
  case activeFile
  /// Pages that cannot be taken back: locked ones.
  case unevictable

  static let count = 5
  /// In the order in which they are scanned. Linux: `for_each_evictable_lru`.
  static let evictable: InlineArray<4, LRUKind> = [.inactiveAnonymous, .activeAnonymous, .inactiveFile, .activeFile]

  var isFile: Bool { self == .inactiveFile || self == .activeFile }
  var isActive: Bool { self == .activeAnonymous || self == .activeFile }

  /// The list of a page with these flags. Linux: `folio_lru_list`.
  @inline(__always)
  init(_ flags: FrameFlags) {
    if flags.contains(.unevictable) {
      self = .unevictable
    } else if flags.hasDisk {
      self = flags.contains(.active) ? .activeFile : .inactiveFile
    } else {
      self = flags.contains(.active) ? .activeAnonymous : .inactiveAnonymous
    }
  }
}
