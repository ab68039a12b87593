/// What programs must find in their memory, said as simply as possible: a table of pages for each process, a word for
/// each page.
///
/// It knows a window of 256 pages: four pieces of 64 that lie across borders of page tables.
struct NaiveMemory {
  struct Page {
    /// What the area permits; `nil` outside every area.
    var rights: Protection?
    var isShared = false
    /// The page of a file or of shared memory, by its place in ``objects``.
    var object: Int?
    /// The process's own word, once it wrote to a private page.
    var own: UInt64?
  }

  static let pieces = 4
  static let piecePages = 64
  static let pageCount = pieces * piecePages
  /// Where in a page its word is.
  static let offset: UInt64 = 0x5a8

  /// The words of pages that are not one process's own.
  var objects: [UInt64] = []

  static func word(_ page: Page, _ objects: [UInt64]) -> UInt64 {
    page.own ?? page.object.map { objects[$0] } ?? 0
  }

  /// How an access must end; a write is carried out.
  mutating func access(_ page: inout Page, _ kind: AccessKind, _ word: UInt64) -> AccessEnd {
    guard let rights = page.rights else { return .refused(.notMapped) }
    // A page that may be used at all can be read.
    let wanted: Protection = kind == .write ? .write : kind == .fetch ? .execute : rights
    guard rights != [], rights.isSuperset(of: wanted) else { return .refused(.notPermitted) }
    switch kind {
    case .fetch: return .done(0)
    case .read: return .done(Self.word(page, objects))
    case .write:
      if page.isShared, let object = page.object { objects[object] = word } else { page.own = word }
      return .done(word)
    }
  }
}
