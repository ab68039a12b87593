import LinuxMM

/// The page tables of a process as a state keeps them: memory to walk through.
public struct KeptPageTables: PageTableMemory, Sendable {
  public let geometry: PageTableGeometry
  public let root: FrameNumber
  private var words: [UInt32: [UInt64]] = [:]
  /// What is known of pages' frames.
  private var sharing: [UInt32: PageSharing] = [:]

  /// - Returns: `nil` if the tables are none that a machine could have.
  init?(_ saved: [SavedPageTable], _ geometry: PageTableGeometry) {
    guard let first = saved.first else { return nil }
    self.geometry = geometry
    root = FrameNumber(first.frame)
    let perWord = 8 / geometry.entryBytes
    for table in saved {
      guard let runs = table.runs(), words[table.frame] == nil, (0..<geometry.levelCount).contains(table.level) else {
        return nil
      }
      var content = [UInt64](repeating: 0, count: 512)
      for run in runs {
        guard run.index + run.count <= 512 * perWord else { return nil }
        for number in 0..<run.count {
          let index = run.index + number
          var value = run.value(number)
          if perWord == 2 {
            guard value >> 32 == 0 else { return nil }
            value <<= UInt64(32 * (index & 1))
          }
          content[index / perWord] |= value
        }
      }
      words[table.frame] = content
    }
    for table in saved { note(table) }
  }

  private mutating func note(_ table: SavedPageTable) {
    for run in table.runs() ?? [] where !run.sharing.isEmpty {
      for number in 0..<run.count {
        guard let frame = PageTableWalk.frame(ofEntry: run.value(number), table.level, geometry) else { continue }
        sharing[frame.rawValue] = run.sharing
      }
    }
  }

  /// What is not kept was empty.
  public func word(_ index: Int, of frame: FrameNumber) -> UInt64 { words[frame.rawValue]?[index] ?? 0 }

  public func walk(_ address: VirtualAddress) -> PageTableWalk {
    PageTableWalk(address, from: root, geometry, reading: self)
  }

  /// The word of a page in `/proc/PID/pagemap`.
  ///
  /// - Parameter isNew: whether its area is marked soft-dirty.
  func pagemap(_ walk: PageTableWalk, isNew: Bool) -> PagemapEntry {
    let frame = walk.last?.frame(geometry)
    return PagemapEntry(walk, frame.flatMap { sharing[$0.rawValue] } ?? [], isNew: isNew)
  }

  /// Calls `body` for every page of a range, pages behind which nothing stands together where tables are missing.
  ///
  /// - Complexity: O(pages with a table).
  func forEach(_ pages: Range<UInt64>, isNew: Bool, _ body: (Range<UInt64>, PagemapEntry) -> Void) {
    var page = pages.lowerBound
    while page < pages.upperBound {
      let walk = walk(VirtualPage(page).address)
      var next = page + 1
      if walk.end == .noTable {
        let span = walk.spanBytes >> 12
        next = min((page / span + 1) * span, pages.upperBound)
      } else if walk.last == nil {
        next = pages.upperBound
      }
      body(page..<next, pagemap(walk, isNew: isNew))
      page = next
    }
  }
}
