import Foundation
import KernelText
import LinuxMM

/// What a real kernel's heap was asked for, by place in its code and by cache, as the model carried it out.
public struct HeapReport: Codable, Sendable {
  public var schema = "quire.heap/1"
  /// From the first event to the last one.
  public var nanoseconds: UInt64
  public var counts: HeapEventReplay.Counts
  /// Those with most outstanding bytes first.
  public var sites: [HeapEventReplay.Site]
  public var caches: [Cache]

  /// A cache at the end.
  public struct Cache: Codable, Sendable {
    public var name: String
    /// From one object to the next, in bytes.
    public var size: Int
    public var activeObjects: Int
    public var objects: Int
    public var activeSlabs: Int
    public var slabs: Int
    public var slabBytes: Int
    /// Bytes that nobody uses: of free objects, and behind the last ones.
    public var unusedBytes: Int
  }

  /// - Throws: what is wrong with the model's slabs and lists.
  public init(_ replay: borrowing HeapEventReplay) throws {
    nanoseconds = (replay.end - (replay.start ?? replay.end)) * 1000
    counts = replay.counts
    sites = replay.sites
    caches = []
    for cache in replay.heap.allCaches {
      guard let description = replay.heap.description(of: cache) else { continue }
      let usage = try replay.heap.usage(of: cache)
      if usage.slabs == 0 { continue }
      let bytes = usage.frames * Int(PageSize.bytes)
      caches.append(
        Cache(
          name: description.name, size: description.layout.size, activeObjects: usage.activeObjects,
          objects: usage.objects, activeSlabs: usage.activeSlabs, slabs: usage.slabs, slabBytes: bytes,
          unusedBytes: bytes - usage.activeObjects * description.layout.size))
    }
    caches.sort { ($0.unusedBytes, $1.name) > ($1.unusedBytes, $0.name) }
  }

  public func json() throws -> String { try JSONEncoder.report.text(self) }

  /// A row for each site.
  public func csv() -> String {
    var lines = ["site,cache,allocations,frees,objects,bytes,requested_bytes,oldest_us"]
    for site in sites {
      let figures = [site.allocations, site.frees, site.objects, site.bytes, site.requestedBytes].map { "\($0)" }
      let oldest = site.oldestMicroseconds.map { "\($0)" } ?? ""
      lines.append(([site.site.csvCell, site.cache.csvCell] + figures + [oldest]).joined(separator: ","))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// - Parameter rows: the most of each table.
  public func text(rows: Int = 25) -> String {
    let outstanding = sites.filter { $0.objects > 0 }
    var out = "\(counts.allocations) allocations and \(counts.frees) frees in \(Units.time(nanoseconds)); "
    out += "outstanding at the end: \(outstanding.reduce(0) { $0 + $1.objects }) objects, "
    out += "\(Units.bytes(UInt64(counts.liveBytes))) (most at a time: \(Units.bytes(UInt64(counts.peakBytes))))\n"
    out += "\nOutstanding by call site: what was allocated there and not freed before the end, a leak if it stays so;\n"
    out += "unused: bytes beyond those asked for; a|b: caches that the kernel lets share their slabs\n\n"
    var table = TextTable(
      rows: [["objects", "bytes", "unused", "allocated", "freed", "cache", "call site"]], left: [5, 6])
    for site in outstanding.prefix(rows) {
      table.rows.append([
        "\(site.objects)", "\(site.bytes)", "\(site.bytes - site.requestedBytes)", "\(site.allocations)",
        "\(site.frees)", site.cache, site.site,
      ])
    }
    out += outstanding.isEmpty ? "none\n" : table.text
    out += more(outstanding.count - rows)
    out += "\nBusiest call sites\n\n"
    let busy = sites.sorted { ($0.allocations, $1.site) > ($1.allocations, $0.site) }
    table.rows = [["allocated", "freed", "cache", "call site"]]
    table.left = [2, 3]
    for site in busy.prefix(10) {
      table.rows.append(["\(site.allocations)", "\(site.frees)", site.cache, site.site])
    }
    out += table.text
    out += "\nFragmentation: slabs of the model at the end, those with most unused bytes first\n\n"
    table.rows = [["cache", "size", "active", "objects", "slabs", "slab bytes", "unused", "used"]]
    table.left = [0]
    for cache in caches.prefix(rows) {
      let used = UInt64(cache.slabBytes - cache.unusedBytes)
      table.rows.append([
        cache.name, "\(cache.size)", "\(cache.activeObjects)", "\(cache.objects)", "\(cache.slabs)",
        "\(cache.slabBytes)", "\(cache.unusedBytes)", Units.percent(used, of: UInt64(cache.slabBytes)),
      ])
    }
    out += caches.isEmpty ? "none\n" : table.text
    out += more(caches.count - rows)
    out +=
      "\nmodel: \(counts.modelFailures) failed, \(counts.differingSizes) objects of another size than the kernel's\n"
    if counts.unknownFrees + counts.unknownAllocations > 0 {
      out += "without an event: \(counts.unknownFrees) frees of objects not known to be allocated, "
      out += "\(counts.unknownAllocations) allocations of objects not known to be free\n"
    }
    return out
  }

  private func more(_ count: Int) -> String { count > 0 ? "… \(count) more; -O csv or -O json has all\n" : "" }
}
