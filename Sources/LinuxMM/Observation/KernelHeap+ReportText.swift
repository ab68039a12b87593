extension KernelHeap where P: ~Copyable {
  /// What the kernel's log would say of a report (`mm/slub.c:slab_bug`, `print_trailer`). Where Linux names functions, sites
  /// are printed as numbers; ages are in operations on watched objects.
  public func text(of report: ObjectReport) -> [UInt8] {
    var text = ProcText()
    let name = description(of: report.cache)?.name ?? "?"
    if report.kind == .otherCache {
      let wanted = report.wanted.flatMap { description(of: $0)?.name } ?? "?"
      text.text("cache_from_obj: Wrong slab cache. ")
      text.bytes(Array(wanted.utf8))
      text.text(" but object is from ")
      text.bytes(Array(name.utf8))
      text.newline()
      writeTracks(report, &text)
      return text.bytes
    }
    text.text("=============================================================================\nBUG ")
    text.bytes(Array(name.utf8))
    text.text(" (Not tainted): ")
    text.text(report.kind.text)
    if report.kind == .notAnObject {
      text.text(" 0x")
      text.hexadecimal(report.object.rawValue, digits: 16)
    }
    text.text("\n-----------------------------------------------------------------------------\n\n")
    if report.found != report.expected {
      text.text("0x")
      text.hexadecimal(report.place.rawValue, digits: 16)
      text.text("-0x")
      text.hexadecimal(report.last.rawValue, digits: 16)
      text.text(" @offset=")
      text.number(Int(report.place.rawValue - report.slab.address.rawValue))
      text.text(". First byte ")
      text.hexadecimal(UInt64(report.found))
      text.text(" instead of ")
      text.hexadecimal(UInt64(report.expected))
      text.newline()
    }
    writeTracks(report, &text)
    writeSlab(report.slab, &text)
    if let layout = description(of: report.cache), !report.bytes.isEmpty {
      writeObject(report, ObjectLayout(layout.shape, caches.settings), &text)
    }
    return text.bytes
  }

  private func writeTracks(_ report: ObjectReport, _ text: inout ProcText) {
    if let track = report.allocated { write("Allocated", track, &text) }
    if let track = report.freed { write("Freed", track, &text) }
  }

  /// (`mm/slub.c:print_track`)
  func write(_ what: StaticString, _ track: ObjectTrack, _ text: inout ProcText) {
    text.text(what)
    text.text(" in 0x")
    text.hexadecimal(track.site, digits: 1)
    text.text(" age=")
    text.number(Int(caches.reports.with { $0.time } - track.time))
    text.text(" cpu=")
    text.number(track.processor)
    text.text(" pid=0\n")
  }

  private func writeSlab(_ slab: ObjectReport.Slab, _ text: inout ProcText) {
    text.text("Slab 0x")
    text.hexadecimal(slab.address.rawValue, digits: 16)
    text.text(" objects=")
    text.number(slab.objects)
    text.text(" used=")
    text.number(slab.used)
    text.text(" fp=0x")
    text.hexadecimal(slab.firstFree.rawValue, digits: 16)
    text.newline()
  }

  private func writeObject(_ report: ObjectReport, _ parts: ObjectLayout, _ text: inout ProcText) {
    let left = parts.layout.leftPadding
    text.text("Object 0x")
    text.hexadecimal(report.object.rawValue, digits: 16)
    text.text(" @offset=")
    text.number(Int(report.object.rawValue - report.slab.address.rawValue))
    text.text(" fp=0x")
    text.hexadecimal(report.next.rawValue, digits: 16)
    text.text("\n\n")
    func dump(_ name: StaticString, _ range: Range<Int>) {
      var offset = range.lowerBound
      while offset < range.upperBound {
        let end = min(offset + 16, range.upperBound)
        let address = report.object.rawValue &- UInt64(left) &+ UInt64(offset + left)
        text.text(name)
        text.hexadecimal(address, digits: 16)
        text.text(": ")
        text.beginLine()
        for place in offset..<end {
          text.hexadecimal(UInt64(report.bytes[place + left]), digits: 2)
          if place + 1 < end { text.character(UInt8(ascii: " ")) }
        }
        text.pad(to: 48)
        for place in offset..<end {
          let byte = report.bytes[place + left]
          text.character(byte >= 0x20 && byte < 0x7f ? byte : UInt8(ascii: "."))
        }
        text.newline()
        offset = end
      }
    }
    dump("Redzone  ", parts.leftRedZone)
    dump("Object   ", 0..<min(parts.layout.objectSize, Int(PageSize.bytes)))
    dump("Redzone  ", parts.rightRedZone)
    dump("Padding  ", parts.paddingRange)
  }
}
