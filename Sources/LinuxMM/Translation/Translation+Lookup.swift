/// Reading tables as the kernel does, without buffers.
extension Translation where P: ~Copyable {
  /// What stands for a page in the tables: the entry that holds it, whatever its size, or where the tables end.
  ///
  /// Linux: `lookup_address_in_pgd`. O(levels).
  func lookUp(_ root: FrameNumber, _ page: VirtualPage) -> PageLookup {
    var place = EntryPlace(table: root, index: geometry.index(page, geometry.top))
    var level = geometry.top
    while true {
      let entry = entry(place)
      let isPage = level == 0 || entry.isLarge
      if isPage || !entry.isPresent { return PageLookup(place: place, level: level, entry: entry) }
      level -= 1
      place = EntryPlace(table: entry.frame, index: geometry.index(page, level))
    }
  }

  /// Finds the last-level table for `page`. O(levels).
  ///
  /// - Precondition: no large page stands there; see ``lookUp(_:_:)``.
  @inline(__always)
  func leafTable(_ root: FrameNumber, _ page: VirtualPage) -> TableLookup {
    switch upperPlace(root, page) {
    case .none(let next): return .none(next: next)
    case .place(let place):
      let entry = entry(place)
      guard entry.isPresent else { return .none(next: geometry.tableEnd(page)) }
      precondition(!entry.isLarge, "a large page where a table is expected")
      return .table(entry.frame)
    }
  }

  /// Finds the entry that points to the last-level table for `page`, if there is one. O(levels).
  ///
  /// - Precondition: no large page of an upper level stands there.
  @inline(__always)
  func upperPlace(_ root: FrameNumber, _ page: VirtualPage) -> UpperLookup {
    var table = root
    var level = geometry.top
    while level > 1 {
      let entry = entry(EntryPlace(table: table, index: geometry.index(page, level)))
      if !entry.isPresent {
        let span = geometry.span(level)
        return .none(next: VirtualPage((page.rawValue / span + 1) * span))
      }
      precondition(!entry.isLarge, "a large page where a table is expected")
      table = entry.frame
      level -= 1
    }
    return .place(EntryPlace(table: table, index: geometry.index(page, 1)))
  }

  /// Where the entry of `page` stands, if its table exists; O(1) for pages of the table found last.
  @inline(__always)
  mutating func placeNear(_ root: FrameNumber, _ page: VirtualPage) -> EntryPlace? {
    let span = page.rawValue &>> geometry.shift(1)
    if recentTable.span != span || recentTable.root != root {
      guard case .table(let table) = leafTable(root, page) else { return nil }
      recentTable = RecentTable(root: root, span: span, table: table)
    }
    return EntryPlace(table: recentTable.table, index: geometry.index(page, 0))
  }

  /// Where the entry of `page` stands, if its table exists.
  @inline(__always)
  func place(_ root: FrameNumber, _ page: VirtualPage) -> EntryPlace? {
    guard case .table(let table) = leafTable(root, page) else { return nil }
    return EntryPlace(table: table, index: geometry.index(page, 0))
  }
}

/// The last-level table of a page, or the first page beyond the hole in the tables.
enum TableLookup {
  case table(FrameNumber)
  case none(next: VirtualPage)
}

/// Where the entry of a page's last-level table stands, or the first page beyond the hole in the tables.
enum UpperLookup {
  case place(EntryPlace)
  case none(next: VirtualPage)
}

/// What stands for a page in the tables.
struct PageLookup: BitwiseCopyable {
  var place: EntryPlace
  /// The level of the entry: above 0 a large page, or the level at which there is no table.
  var level: Int
  var entry: PageTableEntry
}
