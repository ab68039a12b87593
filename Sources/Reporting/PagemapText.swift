import LinuxMM

/// `/proc/PID/pagemap` of a range of pages, as the kernel's words or as text.
public struct PagemapText {
  private let tables: KeptPageTables
  private let areas: [ProcessArea]
  private let pages: Range<UInt64>?

  /// - Parameter pages: those asked for; all areas' if `nil`.
  public init(_ tables: KeptPageTables, areas: [ProcessArea], pages: Range<UInt64>?) {
    self.tables = tables
    self.areas = areas
    self.pages = pages
  }

  /// A line a page that is somewhere, one for each run of pages that are nowhere, under a line for each area.
  public var text: String {
    var out = "PAGE              ENTRY             MEANING\n"
    var end = pages?.lowerBound ?? 0
    for area in areas where pages?.overlaps(area.pages) ?? true {
      let part = pages.map { area.pages.clamped(to: $0) } ?? area.pages
      if pages != nil && end < part.lowerBound { out += line(end..<part.lowerBound, PagemapEntry(isNew: false), nil) }
      out += "# \(area.range) \(area.rights) \(area.title)\n"
      append(area, part, &out)
      end = part.upperBound
    }
    if let pages, end < pages.upperBound { out += line(end..<pages.upperBound, PagemapEntry(isNew: false), nil) }
    return out
  }

  /// Eight bytes a page, the lowest first, as the file has them.
  public var binary: [UInt8] {
    guard let pages else { return [] }
    var words = [UInt64](repeating: 0, count: pages.count)
    for area in areas {
      tables.forEach(area.pages.clamped(to: pages), isNew: area.isNew) { run, entry in
        for page in run { words[Int(page - pages.lowerBound)] = entry.rawValue }
      }
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(words.count * 8)
    for word in words {
      for shift in stride(from: 0 as UInt64, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
    }
    return bytes
  }

  private func append(_ area: ProcessArea, _ part: Range<UInt64>, _ out: inout String) {
    var nowhere: (pages: Range<UInt64>, entry: PagemapEntry)?
    func flush() {
      if let run = nowhere { out += line(run.pages, run.entry, area) }
      nowhere = nil
    }
    tables.forEach(part, isNew: area.isNew) { pages, entry in
      if entry.isPresent || entry.isSwapped {
        flush()
        out += line(pages, entry, area)
      } else if let run = nowhere, run.entry == entry {
        nowhere = (run.pages.lowerBound..<pages.upperBound, entry)
      } else {
        flush()
        nowhere = (pages, entry)
      }
    }
    flush()
  }

  private func line(_ pages: Range<UInt64>, _ entry: PagemapEntry, _ area: ProcessArea?) -> String {
    var meaning: [String] = []
    if area == nil {
      meaning.append("no area")
    } else if entry.isPresent {
      meaning.append("present, frame 0x\(String(entry.frame, radix: 16))")
      meaning.append(entry.isFileOrShared ? "file or shared memory" : "anonymous")
      meaning.append(entry.isExclusive ? "mapped here only" : "")
    } else if entry.isSwapped {
      meaning.append("swapped, type \(entry.swapType), offset 0x\(String(entry.swapOffset, radix: 16))")
    } else {
      meaning.append("not present")
    }
    if entry.isSoftDirty { meaning.append("soft-dirty") }
    if entry.isWriteWatched { meaning.append("uffd-wp") }
    if pages.count > 1 { meaning.append("\(pages.count) pages up to \(hex(pages.upperBound << 12))") }
    return hex(pages.lowerBound << 12) + "  " + hex(entry.rawValue) + "  "
      + meaning.filter { !$0.isEmpty }.joined(separator: ", ") + "\n"
  }

  private func hex(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
