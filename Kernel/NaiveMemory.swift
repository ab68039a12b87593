/// What programs must find in their memory, said as simply as possible: a table of pages for each process, two words
/// for each page: a page that is copied must keep the one that is not being written.
///
/// It knows a window of 256 pages: four pieces of 64 that lie across borders of page tables.
struct NaiveMemory {
  typealias Words = InlineArray<2, UInt64>

  struct Page {
    /// What the area permits; `nil` outside every area.
    var rights: Protection?
    var isShared = false
    /// The page of a file or of shared memory, by its place in ``objects``.
    var object: Int?
    /// The process's own words, once it wrote to a private page.
    var own: Words?
  }

  static let pieces = 4
  static let piecePages = 64
  static let pageCount = pieces * piecePages

  /// Where in a page a word is.
  static func offset(_ word: Int) -> UInt64 { word == 0 ? 0x5a8 : 0xe10 }

  /// The words of pages that are not one process's own.
  var objects: [Words] = []

  private func words(_ page: Page) -> Words { page.own ?? page.object.map { objects[$0] } ?? [0, 0] }

  /// How an access to one of a page's words must end; a write is carried out.
  mutating func access(_ page: inout Page, _ number: Int, _ kind: AccessKind, _ word: UInt64) -> AccessEnd {
    guard let rights = page.rights else { return .refused(.notMapped) }
    // A page that may be used at all can be read.
    let wanted: Protection = kind == .write ? .write : kind == .fetch ? .execute : rights
    guard rights != [], rights.isSuperset(of: wanted) else { return .refused(.notPermitted) }
    switch kind {
    case .fetch: return .done(0)
    case .read: return .done(words(page)[number])
    case .write:
      var words = words(page)
      words[number] = word
      if page.isShared, let object = page.object { objects[object] = words } else { page.own = words }
      return .done(word)
    }
  }
}
